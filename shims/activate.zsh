# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For zsh. Starts no process.

typeset -g __holdpoint_shims=@SHIMS@
typeset -g __holdpoint_seen=

# Puts the folder in front, once; if it is gone, takes it off. Assigns path
# even if nothing changes: that empties the shell's memory of where it found
# which tool.
__holdpoint_first() {
    emulate -L zsh
    if [[ -d "$__holdpoint_shims" ]]; then
        path=("$__holdpoint_shims" "${(@)path:#$__holdpoint_shims}")
    else
        path=("${(@)path:#$__holdpoint_shims}")
    fi
    export PATH
}

__holdpoint_first

if [[ -o interactive ]]; then
    # Before each prompt, and before each line that was typed is run: whatever
    # else is called before the prompt may come behind this. When the folder
    # has changed, a shim may be new: zsh forgets where the tools were.
    __holdpoint_prompt() {
        emulate -L zsh
        local -a changed
        if [[ ! -d "$__holdpoint_shims" ]]; then
            (( ! ${path[(Ie)$__holdpoint_shims]} )) || __holdpoint_first
        elif [[ "${path[1]-}" != "$__holdpoint_shims" ]]; then
            __holdpoint_first
        elif (( ${+builtins[zstat]} )) && zstat -A changed +mtime -- "$__holdpoint_shims"; then
            [[ "${changed[1]}" == "$__holdpoint_seen" ]] || rehash
            __holdpoint_seen="${changed[1]}"
        fi
        return 0
    }
    # A zsh without loadable modules has neither; PATH is kept all the same.
    zmodload -F zsh/stat b:zstat 2> /dev/null || :
    zmodload zsh/parameter 2> /dev/null || :
    typeset -ga precmd_functions preexec_functions
    precmd_functions=("${(@)precmd_functions:#__holdpoint_prompt}" __holdpoint_prompt)
    preexec_functions=("${(@)preexec_functions:#__holdpoint_prompt}" __holdpoint_prompt)
fi

# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For zsh. Starts no process.

typeset -g __holdpoint_shims=@SHIMS@

# Assigns path even if nothing changes: that empties the shell's memory of
# where it found which tool.
__holdpoint_first() {
    emulate -L zsh
    path=("$__holdpoint_shims" "${(@)path:#$__holdpoint_shims}")
    export PATH
}

__holdpoint_first

if [[ -o interactive ]]; then
    __holdpoint_prompt() {
        emulate -L zsh
        [[ "${path[1]}" == "$__holdpoint_shims" ]] || __holdpoint_first
    }
    typeset -ga precmd_functions
    precmd_functions=("${(@)precmd_functions:#__holdpoint_prompt}" __holdpoint_prompt)
fi

# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For bash; the login file of any POSIX shell can source it as well,
# and then PATH is set once. Starts no process.

__holdpoint_shims=@SHIMS@

# Puts the folder in front, once; if it is gone, takes it off. Assigns PATH
# even if nothing changes: that empties the shell's memory of where it found
# which tool. Compares with [ alone, which no option makes blind to case.
__holdpoint_first() {
    __holdpoint_rest=":${PATH:-/usr/local/bin:/usr/bin:/bin}:"
    while
        __holdpoint_head="${__holdpoint_rest%%":$__holdpoint_shims:"*}"
        [ "$__holdpoint_head" != "$__holdpoint_rest" ]
    do
        __holdpoint_rest="$__holdpoint_head:${__holdpoint_rest#*":$__holdpoint_shims:"}"
    done
    __holdpoint_rest="${__holdpoint_rest#:}"
    __holdpoint_rest="${__holdpoint_rest%:}"
    if [ -d "$__holdpoint_shims" ]; then
        PATH="$__holdpoint_shims${__holdpoint_rest:+:$__holdpoint_rest}"
    else
        PATH="${__holdpoint_rest:-/usr/local/bin:/usr/bin:/bin}"
    fi
    export PATH
    unset __holdpoint_rest __holdpoint_head
}

__holdpoint_first

if [ -n "${BASH_VERSION-}" ]; then
    # Before each prompt. Forgets where tools were even if PATH is in order:
    # the folder may have a new shim, and `hash -p` may have been used.
    __holdpoint_prompt() {
        local __holdpoint_status=$?
        if [ -d "$__holdpoint_shims" ]; then
            case ${PATH-} in
                "$__holdpoint_shims" | "$__holdpoint_shims:"*)
                    case $- in *h*) hash -r ;; esac
                    ;;
                *) __holdpoint_first ;;
            esac
        else
            case ":${PATH-}:" in
                *":$__holdpoint_shims:"*) __holdpoint_first ;;
            esac
        fi
        [ "${__holdpoint_with-}" = "${__bp_imported-}" ] || __holdpoint_ask
        # With errexit, what a prompt command returns ends the shell.
        case $- in *e*) return 0 ;; esac
        return "$__holdpoint_status"
    }

    # Has bash call it before each prompt. Since 5.1 PROMPT_COMMAND may be a
    # list: an entry of its own behind the first outlives that somebody assigns
    # the string, and leaves PIPESTATUS to the others. bash-preexec takes what
    # comes behind its last function for a line that was typed, so there it
    # goes in front of that, into the string.
    __holdpoint_ask() {
        local each
        __holdpoint_with=${__bp_imported-}
        if [ -z "$__holdpoint_with" ] && [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -ge 51 ]; then
            case ${PROMPT_COMMAND[*]-} in
                *__holdpoint_prompt*) ;;
                # In quotes, since other shells could not parse it.
                *) eval 'PROMPT_COMMAND=("${PROMPT_COMMAND[@]-}" __holdpoint_prompt)' ;;
            esac
            return 0
        fi
        # Emptied, not removed: bash may be walking the list.
        for each in "${!PROMPT_COMMAND[@]}"; do
            [ "${PROMPT_COMMAND[$each]}" != __holdpoint_prompt ] || PROMPT_COMMAND[$each]=
        done
        case ${PROMPT_COMMAND-} in
            *__holdpoint_prompt*) ;;
            *__bp_interactive_mode*)
                PROMPT_COMMAND="${PROMPT_COMMAND%%__bp_interactive_mode*}__holdpoint_prompt;__bp_interactive_mode${PROMPT_COMMAND#*__bp_interactive_mode}"
                ;;
            *[![:space:]]*)
                PROMPT_COMMAND="${PROMPT_COMMAND%"${PROMPT_COMMAND##*[![:space:];]}"};__holdpoint_prompt"
                ;;
            *) PROMPT_COMMAND=__holdpoint_prompt ;;
        esac
    }

    case $- in *i*) __holdpoint_ask ;; esac
fi

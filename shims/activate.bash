# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For bash; the login file of any POSIX shell can source it as well.
# Starts no process.

__holdpoint_shims=@SHIMS@

# Assigns PATH even if nothing changes: that empties the shell's memory of
# where it found which tool.
__holdpoint_first() {
    __holdpoint_rest=":${PATH:-/usr/local/bin:/usr/bin:/bin}:"
    while :; do
        case $__holdpoint_rest in
            *":$__holdpoint_shims:"*)
                __holdpoint_rest="${__holdpoint_rest%%":$__holdpoint_shims:"*}:${__holdpoint_rest#*":$__holdpoint_shims:"}"
                ;;
            *) break ;;
        esac
    done
    __holdpoint_rest="${__holdpoint_rest#:}"
    __holdpoint_rest="${__holdpoint_rest%:}"
    PATH="$__holdpoint_shims${__holdpoint_rest:+:$__holdpoint_rest}"
    export PATH
    unset __holdpoint_rest
}

__holdpoint_first

if [ -n "${BASH_VERSION-}" ]; then
    __holdpoint_prompt() {
        local status=$?
        case $PATH in
            "$__holdpoint_shims" | "$__holdpoint_shims:"*) ;;
            *) __holdpoint_first ;;
        esac
        return "$status"
    }
    case $- in
        *i*)
            # PROMPT_COMMAND may be a list: then this is its first element.
            case ${PROMPT_COMMAND-} in
                *__holdpoint_prompt*) ;;
                *[![:space:]]*) PROMPT_COMMAND="${PROMPT_COMMAND%"${PROMPT_COMMAND##*[![:space:];]}"}; __holdpoint_prompt" ;;
                *) PROMPT_COMMAND=__holdpoint_prompt ;;
            esac
            ;;
    esac
fi

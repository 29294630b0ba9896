# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For fish. Starts no process.

set -g __holdpoint_shims @SHIMS@

# Puts the folder in front, once; if it is gone, takes it off.
function __holdpoint_first
    set -l rest
    for folder in $PATH
        test "$folder" = "$__holdpoint_shims"; or set -a rest $folder
    end
    if test -d "$__holdpoint_shims"
        set -gx PATH $__holdpoint_shims $rest
    else
        set -gx PATH $rest
    end
end

__holdpoint_first

# Whenever PATH is set, and before each prompt, since the folder may be gone. A
# PATH of a function's or a block's own is left alone: it is seen here as well,
# and would become everybody's.
function __holdpoint_kept --on-variable PATH --on-event fish_prompt
    if set -q __holdpoint_busy; or set -ql PATH
        return
    end
    if test -d "$__holdpoint_shims"
        test "$PATH[1]" = "$__holdpoint_shims"; and return
    else
        contains -- "$__holdpoint_shims" $PATH; or return
    end
    # Who answers to this by setting PATH again gets no answer: that would not end.
    set -g __holdpoint_busy yes
    __holdpoint_first
    set -e __holdpoint_busy
end

# holdpoint: puts the folder of its shims in front of PATH, and keeps it there
# when something later in the start-up, or a virtual environment, goes in
# front. For fish. Starts no process.

set -g __holdpoint_shims @SHIMS@

function __holdpoint_first
    set -l rest
    for folder in $PATH
        test "$folder" = "$__holdpoint_shims"; or set -a rest $folder
    end
    set -gx PATH $__holdpoint_shims $rest
end

__holdpoint_first

function __holdpoint_kept --on-variable PATH
    test "$PATH[1]" = "$__holdpoint_shims"; or __holdpoint_first
end

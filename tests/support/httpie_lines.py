"""Runs httpie once for each JSON line on standard input, in a child of this
process, so that its libraries are loaded once for all of them. Each line is
{"words": [...], "vars": {...}, "stdin": "..."}; an empty line answers it."""

import json
import os
import sys

# Everything slow that looks at no variable; httpie itself looks at some.
import charset_normalizer  # noqa: F401
import multidict  # noqa: F401
import pygments  # noqa: F401
import requests  # noqa: F401
import requests_toolbelt  # noqa: F401
import rich.console  # noqa: F401
import rich.pretty  # noqa: F401


def child(line):
    reading, writing = os.pipe()
    os.write(writing, line["stdin"].encode())
    os.close(writing)
    os.dup2(reading, 0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.environ.update(line["vars"])
    sys.argv = line["words"]
    from httpie.core import main

    main(line["words"])


for text in sys.stdin:
    line = json.loads(text)
    pid = os.fork()
    if pid == 0:
        try:
            child(line)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    print(flush=True)

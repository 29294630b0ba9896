"""What an agent's hook costs (see ./run): processor time, the user's and the
system's, of `holdpoint hook claude`, from its start to its end, with the
payload that the agent sends on its standard input. Each kind of line in five
lengths, which shows that the time grows with the length and no faster; then
the instructions of the first kind, which no neighbour can disturb; then other
shapes of text, each of which grew with the square of its length in some
holdpoint or would in a careless one.
"""

import json
import os
import subprocess
import tempfile

SIZES = [200, 2 << 10, 16 << 10, 64 << 10, 256 << 10]

# Milliseconds for the shortest, and how many times that of a quarter of its
# length the longest may take: 4 is linear, 16 is its square. Instructions are
# the same every time, processor time wavers.
BUDGET = 5
INSTRUCTIONS = 4.4
GROWTH = 6


def repeated(text):
    """Of a given length: whole copies of `text`, each with its number."""
    def build(size):
        out, number = "", 0
        while len(out) < size:
            out += text.replace("@", str(number % 100))
            number += 1
        return out[:out.rindex("\n", 0, size + 1)] if "\n" in out[:size + 1] else out[:size]
    return build


def document(head, text):
    """A here-document of such lines."""
    def build(size):
        return f"{head} <<'EOF'\n{repeated(text)(size - len(head) - 16)}\nEOF\n"
    return build


def quoted(head, text):
    """One long argument."""
    return lambda size: head + ' "' + repeated(text)(size - len(head) - 3) + '"'


# A kind of line, and what makes one of a given length.
KINDS = [
    ("a script of ordinary commands",
     repeated("cd /app/svc@ && git status --short | head -@ > /tmp/out@.txt\n"
              "npm test -- --grep 'case @' && echo \"done @ of $TOTAL\"\n"
              "psql -h db.staging.acme.com -c 'select count(*) from orders where id = @'\n")),
    ("`cat > FILE` and a here-document of code",
     document("cat > src/app.ts",
              "export function total@(rows: Row[]): number { return rows.length * @; }\n")),
    ("`psql` and a here-document of SQL",
     document("psql -h db.staging.acme.com",
              "INSERT INTO orders VALUES (@, 'O''Brien; DROP TABLE x', @.50, now());\n")),
    ("`python3 -c` and a quoted program",
     quoted("python3 -c", "total@ = sum(row['a@'] for row in rows)\n")),
    ("one command of many words",
     lambda size: "git add " + repeated("src/module@/file.rs\n")(size - 8).replace("\n", " ")),
]


def between(head, text, tail):
    """Such pieces one behind the other, between a head and a tail."""
    def build(size):
        out, number, left = [head], 0, size - len(head) - len(tail)
        while left > 0:
            out.append(text.replace("@", str(number)))
            left -= len(out[-1])
            number += 1
        return "".join(out) + tail
    return build


def lines(text):
    """Such lines, each with a number of its own."""
    return between("", text + "\n", "")


# Texts in which every command or word could be made to look at all those
# before it.
SHAPES = [
    ("the shortest commands", lines("ls")),
    ("assignments that are exported", lines("export A@=value@")),
    ("assignments, each used", lines("A@=value@; psql -h db.staging.acme.com -c \"$A@\"")),
    ("functions", lines("f@() { git log @; }")),
    ("functions, each called", lines("f@() { git log @; }; f@")),
    ("aliases, each used", lines("alias a@='git log @'; a@")),
    ("`cd`", lines("cd dir@")),
    ("here-documents", lines("cat > f@ <<EOF\nhello @\nEOF")),
    ("files written and read", lines("echo 'select 1' > f@; psql -h db.staging.acme.com -f f@")),
    ("lines added to one file", lines("echo a@ >> log")),
    ("one command's redirections", between("ls", " > f@", "\n")),
    ("one pipeline", between("a", " | b@", "\n")),
    ("one list of `&&`", between("a", " && b@", "\n")),
    ("one list of `||`", between("a", " || b@=1", "\n")),
    ("substitutions within others", lines("echo " + "$(echo " * 10 + "x" + ")" * 10)),
    ("one word of substitutions", between('echo "', " $(b @) ${A@:-x}", '"\n')),
    ("a value that is added to", lines("x+=a@")),
    ("an array that is added to", lines("x+=(a@)")),
    ("a value that doubles", lambda size: "x=aaaaaaaaaa\n" + "x=$x$x\n" * (size // 7)),
    ("one `case`", between("case $x in\n", "a@) A@=@;;\n", "esac\n")),
    ("one `if` of many `elif`", between("if a; then b\n", "elif c@; then A@=@\n", "fi\n")),
    ("branches that assign", lines("if a; then A@=1; else A@=2; fi")),
    ("loops", lines("for i in 1 2 3; do A@=$i; done; while b; do B@=1; done")),
    ("one long word", lambda size: "echo " + "a" * size),
    ("one word of braces", lambda size: "echo " + "{a,b}" * (size // 5)),
    ("one command's patterns", between("git add", " f@*", "\n")),
    ("`set` and `shift`", lambda size: between("set --", " a@", "\n")(size // 2)
     + "shift\n" * (size // 12)),
    ("commands that destroy", lines("psql -h localhost -c 'drop table t@'")),
    ("functions that call others twice", lambda size: "".join(
        f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(30)) + lines("f0; git log @")(size)),
    ("`eval` of a text that is half of it", lambda size:
     f"x='{lines('git log @')(size // 2)}'\n" + 'eval "$x"\n' * (size // 20)),
]

# Milliseconds that a text of 256 KiB may take that does more than is followed.
BOUND = 6_000


def table(binary, variables):
    """Prints it. Gives what exceeded its budget."""
    exceeded = []
    sizes = " | ".join("200 bytes" if size < 1024 else f"{size >> 10} KiB" for size in SIZES)
    print(f"| a hook's call about … | {sizes} |")
    print("| --- |" + " ---: |" * len(SIZES))
    for name, build in KINDS:
        times = []
        for size in SIZES:
            payload = announce(build(size))
            runs = range(20 if size < 1024 else 5)
            times.append(min(call(binary, payload, variables) for _ in runs))
        print(f"| {name} | " + " | ".join(f"{spent:.1f} ms" for spent in times) + " |", flush=True)
        if times[0] > BUDGET:
            exceeded.append(f"a hook's call about {name}: {times[0]:.1f} ms of processor time, "
                            f"{BUDGET} ms allowed")
        if times[-1] > GROWTH * times[-2]:
            exceeded.append(f"a hook's call about {name}: {times[-1] / times[-2]:.1f} times the "
                            f"time for four times the length, {GROWTH} allowed")
    print()
    return exceeded + growth(binary, variables) + shapes(binary, variables)


def growth(binary, variables):
    """Prints the instructions of the first kind in the longer lengths. Gives
    where they grew faster than the length."""
    exceeded, (name, build), sizes = [], KINDS[0], SIZES[2:]
    counts = [instructions(binary, announce(build(size)), variables) for size in sizes]
    print(f"Instructions of a hook's call about {name}: "
          + ", ".join(f"{size >> 10} KiB {count:,}" for size, count in zip(sizes, counts))
          + ".", flush=True)
    for size, before, after in zip(sizes[1:], counts, counts[1:]):
        if after > INSTRUCTIONS * before:
            exceeded.append(f"{name}: {after / before:.2f} times the instructions at "
                            f"{size >> 10} KiB for four times the length, "
                            f"{INSTRUCTIONS} allowed")
    print()
    return exceeded


def shapes(binary, variables):
    """Prints what each shape takes. Gives those that grew too fast."""
    exceeded = []
    print("| a hook's call about 256 KiB of … | 64 KiB | 256 KiB | growth |")
    print("| --- | ---: | ---: | ---: |")
    for name, build in SHAPES:
        small, large = (min(call(binary, announce(build(size)), variables) for _ in range(2))
                        for size in SIZES[-2:])
        print(f"| {name} | {small:.0f} ms | {large:.0f} ms | {large / small:.1f} × |", flush=True)
        if large > GROWTH * small:
            exceeded.append(f"256 KiB of {name}: {large / small:.1f} times the time for four "
                            f"times the length, {GROWTH} allowed")
        if large > BOUND:
            exceeded.append(f"256 KiB of {name}: {large:.0f} ms, {BOUND} allowed")
    return exceeded


def instructions(binary, payload, variables):
    """User instructions of one call."""
    with tempfile.TemporaryFile() as given:
        given.write(payload)
        given.seek(0)
        command = ["/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                   str(binary), "hook", "claude"]
        done = subprocess.run(command, env=variables, stdin=given, capture_output=True,
                              text=True, check=False)
    counted = [line for line in done.stderr.splitlines() if "Collected :" in line]
    if done.returncode not in (0, 2) or not counted:
        raise SystemExit(f"{command}: status {done.returncode}\n{done.stderr}")
    return int(counted[0].split()[-1])


def announce(line):
    """What Claude Code writes before it runs a line."""
    return json.dumps({
        "session_id": "6c1f0a52-2f4e-4f0e-9d43-8b5f3a7d9c10",
        "transcript_path": "/home/ana/.claude/projects/app/6c1f0a52.jsonl",
        "cwd": "/tmp", "permission_mode": "default", "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": line, "description": "Run it"},
    }).encode()


def call(binary, payload, variables):
    """Milliseconds of processor time of one call."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(reading, 0)
        os.close(writing)
        quiet = os.open("/dev/null", os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.execve(binary, ["holdpoint", "hook", "claude"], variables)
    os.close(reading)
    with open(writing, "wb", buffering=0) as pipe:
        pipe.write(payload)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 2):
        raise SystemExit(f"holdpoint hook claude: status {status}")
    return (used.ru_utime + used.ru_stime) * 1000


"""What an agent's hook costs (see ./run): processor time, the user's and the
system's, of `holdpoint hook claude`, from its start to its end, with the
payload that the agent sends on its standard input. Each kind of line in five
lengths, which shows that the time grows with the length and no faster.
"""

import json
import os

SIZES = [200, 2 << 10, 16 << 10, 64 << 10, 256 << 10]

# Milliseconds for the shortest, and how many times that of a quarter of its
# length the longest may take: 4 is linear, 16 is its square, and processor time
# wavers.
BUDGET = 5
GROWTH = 8


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
    return exceeded


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


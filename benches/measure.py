"""Measures the commands of COMMANDS four ways each, then SCRIPTS, then what an
agent's hook costs (see ./run).

Time: every way of every command once a round, round after round, so that
whatever else the machine does falls on all alike; medians. Instructions:
callgrind's count of user instructions of the shim alone, up to its exec. For
that the tool is a file that the kernel will not run, so that the shim is still
there to be counted after the attempt.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import time

import hooks
import scripts

ROUNDS = 400
WARM_UP = 30

# A line of the table, the words, and the budget in instructions (DESIGN.md).
COMMANDS = [
    ("a program without rules", ["gizmo", "list"], 80_000),
    ("`railway status`", ["railway", "status"], 80_000),
    ("`aws s3 ls`", ["aws", "s3", "ls"], 80_000),
    ("`curl https://example.com`", ["curl", "https://example.com"], 80_000),
    ("`redis-cli get key`", ["redis-cli", "get", "key"], 80_000),
    ("`npm test`", ["npm", "test"], 80_000),
    ("`psql -c 'select 1'`", ["psql", "-c", "select 1"], 350_000),
    ("`mysql -e 'select 1'`", ["mysql", "-e", "select 1"], 350_000),
]

# A line of the second table, what feeds the command's standard input, its
# words, and the milliseconds of processor time it may take.
LINES = 10_000
SCRIPTS = [
    ("10,000 lines of `pg_dump --inserts`", lambda: [scripts.pg_dump(LINES)],
     ["psql", "-h", "db.prod.acme.com"], 100),
    ("10,000 lines of migrations", lambda: [scripts.migrations(LINES)],
     ["psql", "-h", "db.prod.acme.com"], 100),
    ("10,000 lines of `mariadb-dump`", lambda: [scripts.mariadb(LINES)],
     ["mysql", "-h", "db.prod.acme.com"], 100),
    ("16 MiB of migrations, the most that is read", lambda: [scripts.migrations(400_000)],
     ["psql", "-h", "db.prod.acme.com"], None),
    ("1 GiB of INSERTs to production", lambda: scripts.endless(1 << 30),
     ["psql", "-h", "db.prod.acme.com"], None),
    ("1 GiB of INSERTs to localhost", lambda: scripts.endless(1 << 30),
     ["psql", "-h", "localhost"], None),
]

# A file that is executable, is no shell script, and is no program.
NOT_RUNNABLE = b"\x7fELF\x02\x01\x01\x00not a program"


def main():
    place, binary, *options = sys.argv[1:]
    place = pathlib.Path(place)
    setups = {
        "direct": [],
        "glibc": [shim_folder(place, "glibc", place / "yardstick-glibc")],
        "musl": [shim_folder(place, "musl", place / "yardstick-musl")],
        "holdpoint": [shim_folder(place, "holdpoint", pathlib.Path(binary))],
    }
    between = [folder(place, f"empty{number}") for number in range(6)]
    tools = folder(place, "tools")
    broken = folder(place, "broken")
    for _, words, _ in COMMANDS:
        (tools / words[0]).symlink_to(place / "tool")
        (broken / words[0]).write_bytes(NOT_RUNNABLE)
        (broken / words[0]).chmod(0o755)

    times = measure(setups, between + [tools], tools)
    print("| command | directly | C shim, glibc | C shim, musl | holdpoint "
          "| to glibc | to musl | instructions |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    exceeded = []
    for name, words, budget in COMMANDS:
        direct, glibc, musl, ours = (statistics.median(times[name, setup]) for setup in setups)
        variables = environment(setups["holdpoint"] + [broken])
        count = instructions(setups["holdpoint"][0] / words[0], words, variables)
        print(f"| {name} | {direct:.0f} µs | {glibc:.0f} µs | {musl:.0f} µs | {ours:.0f} µs "
              f"| {ours / glibc:.2f} × | {ours / musl:.2f} × | {count:,} |", flush=True)
        if count > budget:
            exceeded.append(f"{name}: {count:,} instructions, {budget:,} allowed")
    print()
    print("| script on standard input | status | processor time | memory |")
    print("| --- | --- | ---: | ---: |")
    sink = folder(place, "sink")
    for tool in ("psql", "mysql"):
        (sink / tool).symlink_to(place / "sink-tool")
    for name, pieces, words, budget in SCRIPTS:
        runs = [script(setups["holdpoint"] + [sink], pieces, words)
                for _ in range(5 if budget else 1)]
        status, spent, memory = min(runs, key=lambda run: run[1])
        print(f"| {name} | {'runs' if status == 0 else 'refused' if status == 77 else status} "
              f"| {spent:.0f} ms | {memory / 1024:.0f} MiB |", flush=True)
        if budget and spent > budget:
            exceeded.append(f"{name}: {spent:.0f} ms of processor time, {budget} ms allowed")
    print()
    exceeded += hooks.table(binary, environment(between + [tools]) | {"CLAUDECODE": "1"})
    if exceeded and "--check" in options:
        sys.exit("\n".join(exceeded))


def folder(place, name):
    path = place / name
    path.mkdir()
    return path


def shim_folder(place, name, program):
    path = folder(place, f"{name}-shims")
    for _, words, _ in COMMANDS:
        (path / words[0]).symlink_to(program)
    return path


def environment(folders):
    """What a shim sees: a search path, a home, and no agent's mark."""
    path = ":".join(map(str, folders))
    return {"PATH": path, "HOME": os.path.expanduser("~"), "LANG": "C.UTF-8"}


def measure(setups, behind, tools):
    """Microseconds of each run, by command and setup."""
    times = {(name, setup): [] for name, _, _ in COMMANDS for setup in setups}
    quiet = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
    for round_number in range(WARM_UP + ROUNDS):
        for name, words, _ in COMMANDS:
            for setup, shims in setups.items():
                file = str((shims[0] if shims else tools) / words[0])
                variables = environment(shims + behind)
                start = time.perf_counter_ns()
                process = os.posix_spawn(file, words, variables, file_actions=quiet)
                _, status = os.waitpid(process, 0)
                took = time.perf_counter_ns() - start
                if status != 0:
                    sys.exit(f"{file} {words}: status {status}")
                if round_number >= WARM_UP:
                    times[name, setup].append(took / 1000)
    return times


def script(folders, pieces, words):
    """Status, milliseconds of processor time and KiB of memory of one command
    fed by a pipe. The caller is an agent, as far as holdpoint can tell."""
    variables = environment(folders) | {"CLAUDECODE": "1"}
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(reading, 0)
        os.close(writing)
        quiet = os.open("/dev/null", os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.execve(folders[0] / words[0], words, variables)
    os.close(reading)
    with open(writing, "wb", buffering=0) as pipe:
        try:
            for piece in pieces():
                pipe.write(piece if isinstance(piece, bytes) else piece.encode())
        except BrokenPipeError:
            pass
    _, status, used = os.wait4(process, 0)
    spent = (used.ru_utime + used.ru_stime) * 1000
    return os.waitstatus_to_exitcode(status), spent, used.ru_maxrss


def instructions(file, words, variables):
    """User instructions of one run up to the attempt to become the tool."""
    command = ["/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               str(file), *words[1:]]
    done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode != 126:
        sys.exit(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
    counted = [line for line in done.stderr.splitlines() if "Collected :" in line]
    return int(counted[0].split()[-1])


if __name__ == "__main__":
    main()

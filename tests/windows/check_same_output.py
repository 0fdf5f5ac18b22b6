#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_same_output.py PROGRAM NATIVE SAMPLES [REAL]: the program for Windows and this system's
print, say and end the same: every verb in every format on every sample and real trace, and what
is refused.

Exit status 77: skipped, because there is no native program to compare with.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROWS = [["--format", name] for name in ("text", "ndjson", "json", "csv")]
CONVERT = [[], ["--events=all"], ["--process-blocks", "pktap"], ["--process-blocks", "pib"],
           ["--owners", "none"], ["--smb-messages"]]
COMMANDS = [
    *(["convert", *options, "-o", "-"] for options in CONVERT),
    *(["packets", *rows] for rows in ROWS),
    *(["info", *rows] for rows in (["--format", "text"], ["--format", "json"], ["--verbose"])),
    *(["events", *rows] for rows in (*ROWS, ["--schema"], ["--stats"])),
    *(["who", *rows] for rows in (*ROWS, ["--ledger"])),
    *(["sockets", *rows] for rows in ROWS),
    *(["timeline", *rows] for rows in (*ROWS, ["--format", "html"], ["--verbose"], ["--top"])),
    *(["smb", *rows] for rows in (*ROWS, ["--by", "process"], ["--operations"])),
]
# What is refused, in a folder with trace.etl, old.pcapng and the folder `folder`.
REFUSED = [
    [], ["inof"], ["info"], ["--help"], ["--version"], ["convert", "--help"], ["info", ""],
    ["info", "missing.etl"], ["info", "folder"], ["info", "missing/trace.etl"],
    ["info", "trace.etl/"], ["info", "old.pcapng"], ["info", "*.missing"],
    ["convert", "trace.etl", "-o", "old.pcapng"], ["convert", "trace.etl", "-o", "folder"],
    ["convert", "trace.etl", "-o", "missing/new.pcapng"], ["convert", "trace.etl", "-o", "new/"],
    ["convert", "trace.etl", "-o", "trace.etl"], ["convert", "trace.etl", "-o", "/dev/full"],
    ["packets", "trace.etl", "-o", "/dev/full"], ["convert", "trace.etl", "--split", "-o", "folder"],
    ["packets", "trace.etl", "--formt", "csv"], ["packets", "trace.etl", "--host", "nonsense"],
    ["events", "trace.etl", "--manifest", "missing.man"],
    ["events", "trace.etl", "--manifest", "folder"], ["packets", "trace.etl", "--process", "*"],
]

# Files of one recording among the samples.
SEVERAL = ["kernel-tcp-*.etl", "upload_*.etl"]

PROGRAM, NATIVE, *FOLDERS = sys.argv[1:]
ENVIRONMENT = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}


# Under load this system's loader breaks down at the end of one Wine process in some ten thousand:
# status and words are the loader's then, not the program's, and the command is run again.
BROKEN_LOADER = (127, b"Inconsistency detected by ld.so")
RUNS = 2


def run(program, arguments, folder):
    for _ in range(RUNS):
        done = subprocess.run([program, *arguments], capture_output=True, check=False, timeout=300,
                              cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        if done.returncode != BROKEN_LOADER[0] or BROKEN_LOADER[1] not in done.stderr:
            break
        print(f"{' '.join(arguments)}: run again, the loader of Wine broke down")
    return {"exit status": done.returncode, "standard output": done.stdout,
            "standard error": done.stderr}


def first_difference(ours, theirs):
    if not isinstance(ours, bytes):
        return f"{ours}, natively {theirs}"
    at = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]),
              min(len(ours), len(theirs)))
    begin = max(at - 60, 0)
    return f"at byte {at}: {ours[begin:at + 60]!r}, natively {theirs[begin:at + 60]!r}"


def compare(arguments, folder):
    """The differences of one command, as lines."""
    windows, native = (run(program, arguments, folder) for program in (PROGRAM, NATIVE))
    return [f"{' '.join(arguments)}: {what}: {first_difference(windows[what], native[what])}"
            for what in windows if windows[what] != native[what]]


def commands(work):
    """Pairs of arguments and the folder they are meant in."""
    (work / "folder").mkdir()
    (work / "old.pcapng").write_bytes(b"precious")
    samples = pathlib.Path(FOLDERS[0])
    (work / "trace.etl").write_bytes((samples / "tcp-session.etl").read_bytes())
    yield from ((arguments, work) for arguments in REFUSED)
    inputs = [([trace.name], trace.parent) for folder in FOLDERS
              for trace in sorted(pathlib.Path(folder).glob("*.etl"))]
    inputs += [(sorted(path.name for path in (samples / "several").glob(pattern)),
                samples / "several") for pattern in SEVERAL]
    for names, folder in inputs:
        yield from ((command[:1] + names + command[1:], folder) for command in COMMANDS)


def main():
    if not os.path.exists(NATIVE):
        print("SKIP: no native program to compare with (-DETWTRAIL_NATIVE=PROGRAM)")
        return 77
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        work = pathlib.Path(folder)
        pairs = list(commands(work))
        differences = [line for lines in pool.map(compare, *zip(*pairs)) for line in lines]
        left = sorted(path.name for path in work.iterdir())
        if left != ["folder", "old.pcapng", "trace.etl"]:
            differences.append(f"left behind: {left}")
    for line in differences[:40]:
        print(line)
    print(f"{len(pairs)} commands, {len(differences)} differences")
    return 1 if differences or len(pairs) < len(REFUSED) + len(COMMANDS) else 0


sys.exit(main())

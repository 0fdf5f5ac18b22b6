#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_worlds.py PROGRAM SAMPLER [--packets N] [--large N]: owners in generated worlds.

SAMPLER (etwtrail-samples) writes busy hosts with their truth: Windows 7 of 32 bit to 11, with all
socket events or with one source of them only, with and without losses. check_owners.py compares
`packets` of each. Printed for each world: the share of the truth's owners that was found. --large N
adds two of N packets each.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).resolve().parent / "check_owners.py"
WINDOWS = ("win7-32", "win7", "win10", "win11")
LARGE = ("--connections", "4000", "--processes", "250", "--cpus", "8")

# Least share of owners found with these events; 0: whatever can be said without error.
EVENTS = (
    ("tcpip,afd,process", 0.99),
    ("afd,process", 0),
    ("tcpip,process", 0),
    ("rundown,process", 0),
    ("kernel-network,process", 0),
    ("kernel,process", 0),
)
LOST = 30               # percent
MOST_WRONG_OF = 10_000  # one packet of so many, where events are lost


def worlds(packets, large):
    """(name, options of `world`, least share, are events lost)"""
    for windows in WINDOWS:
        for flavour in ("data", "timers"):
            options = ["--windows", windows, "--flavour", flavour, "--packets", str(packets)]
            seed = 1 + WINDOWS.index(windows)
            yield f"{windows} {flavour}", options + ["--seed", str(seed)], 0.99, False
            yield (f"{windows} {flavour}, {LOST} % lost",
                   options + ["--seed", str(seed), "--lose", str(LOST)], 0, True)
    for events, least in EVENTS:
        for windows, seed in (("win7", 5), ("win11", 6)):
            options = ["--windows", windows, "--packets", str(packets), "--seed", str(seed)]
            yield f"{windows} {events}", options + ["--events", events], least, False
    for windows in ("win7-32", "win11") if large else ():
        options = ["--windows", windows, "--packets", str(large), "--seed", "11", *LARGE]
        yield f"{windows} large", options, 0.99, False


def check(program, sampler, folder, options, least):
    """The counts of one world, and what check_owners.py says against it."""
    trace, truth = folder / "world.etl", folder / "world.ndjson"
    made = subprocess.run([sampler, "world", trace, "--truth", truth, *options],
                          capture_output=True, check=False)
    if made.returncode != 0:
        return {}, f"cannot be made: {made.stderr.decode()[:300]}"
    with subprocess.Popen([program, "packets", "--format", "ndjson", trace],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as rows:
        done = subprocess.run([sys.executable, CHECKER, "-", truth, "--most-wrong", "1000000",
                               "--least-found", str(least)],
                              stdin=rows.stdout, capture_output=True, check=False)
    text = (done.stdout + done.stderr).decode()
    counts = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", text)}
    failed = done.returncode != 0 or rows.returncode != 0 or counts.get("packets", 0) == 0
    return counts, text if failed else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("sampler")
    parser.add_argument("--packets", type=int, default=4000)
    parser.add_argument("--large", type=int, default=0)
    arguments = parser.parse_args()
    failed = 0
    lost = {"packets": 0, "wrong": 0, "wrong_certain": 0}
    with tempfile.TemporaryDirectory() as folder:
        for name, options, least, has_loss in worlds(arguments.packets, arguments.large):
            counts, complaint = check(arguments.program, arguments.sampler, pathlib.Path(folder),
                                      options, least)
            wrong = counts.get("wrong", 0)
            if has_loss:
                lost = {key: lost[key] + counts.get(key, 0) for key in lost}
            elif wrong and not complaint:
                complaint = f"{wrong} wrong owners: {' '.join(options)}"
            share = counts.get("found", 0) / max(1, counts.get("truth_named", 0))
            print(f"{name:32} found {share:7.2%}  wrong {wrong}")
            if complaint:
                failed += 1
                print(complaint)
    print(f"with losses: {lost['wrong']} wrong of {lost['packets']}, "
          f"{lost['wrong_certain']} of them called certain")
    too_many = lost["wrong"] * MOST_WRONG_OF > lost["packets"] or lost["wrong_certain"] > 0
    return 1 if failed or too_many else 0


sys.exit(main())

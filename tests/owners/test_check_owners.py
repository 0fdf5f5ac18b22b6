#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_check_owners.py: check_owners.py counts and fails as it says."""
import json
import pathlib
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).resolve().parent / "check_owners.py"
TRUTH = [{"frame": 1, "pid": 10, "process": "a.exe"}, {"frame": 2, "pid": 20},
         {"frame": 3, "pid": None, "reason": "shared", "candidates": [10, 20]},
         {"frame": 4, "pid": None, "reason": "no-socket"}]
SHARED = {"frame": 3, "owner": None, "reason": "shared", "candidates": [{"pid": 20}, {"pid": 10}]}
NOBODY = {"frame": 4, "owner": None, "reason": "no-socket"}
OWNED = [{"frame": 1, "owner": {"pid": 10, "process": "A.EXE"}, "confidence": "certain"},
         {"frame": 2, "owner": {"pid": 20, "process": "b.exe"}, "confidence": "likely"}]
RIGHT = [*OWNED, SHARED, NOBODY]
MISSED = {"frame": 2, "owner": None, "reason": "unknown"}
OTHER_PID = {"frame": 2, "owner": {"pid": 30}, "confidence": "certain"}
OTHER_NAME = {"frame": 1, "owner": {"pid": 10, "process": "b.exe"}, "confidence": "strong"}
NAMED = {"frame": 4, "owner": {"pid": 10}, "confidence": "likely"}
OTHER_REASON = {"frame": 4, "owner": None, "reason": "unknown"}
ONE_CANDIDATE = {"frame": 3, "owner": None, "reason": "shared", "candidates": [{"pid": 10}]}

# rows, options, exit status, counts that are not 0
CASES = [
    (RIGHT, ["--least-found", "1", "--reasons"], 0, {"found": 2}),
    ([OWNED[0], MISSED, SHARED, NOBODY], [], 0, {"found": 1, "missed": 1}),
    ([OWNED[0], MISSED, SHARED, NOBODY], ["--least-found", "0.5"], 0, {"found": 1, "missed": 1}),
    ([OWNED[0], MISSED, SHARED, NOBODY], ["--least-found", "0.6"], 1, {"found": 1, "missed": 1}),
    ([OWNED[0], OTHER_PID, SHARED, NOBODY], [], 1, {"found": 1, "wrong": 1, "wrong_certain": 1}),
    ([OTHER_NAME, OWNED[1], SHARED, NOBODY], [], 1, {"found": 1, "wrong": 1}),
    ([*OWNED, SHARED, NAMED], [], 1, {"found": 2, "wrong": 1}),
    ([*OWNED, SHARED, NAMED], ["--most-wrong", "1"], 0, {"found": 2, "wrong": 1}),
    ([*OWNED, SHARED, OTHER_REASON], [], 0, {"found": 2, "wrong_reason": 1}),
    ([*OWNED, SHARED, OTHER_REASON], ["--reasons"], 1, {"found": 2, "wrong_reason": 1}),
    ([*OWNED, ONE_CANDIDATE, NOBODY], ["--reasons"], 1, {"found": 2, "wrong_reason": 1}),
    ([*OWNED, SHARED], [], 1, {"found": 2}),
]


def lines(entries):
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def document(entries):
    """The same truth as that of a sample."""
    packets = [{**entry, "number": entry["frame"]} for entry in entries]
    return json.dumps({"title": "x", "packets": packets, "connections": []})


def run(folder, rows, truth, options):
    (folder / "rows").write_text(rows, "utf-8")
    (folder / "truth").write_text(truth, "utf-8")
    return subprocess.run([sys.executable, CHECKER, folder / "rows", folder / "truth", *options],
                          capture_output=True, text=True, check=False)


def main():
    failures = 0

    def expect(what, found, expected):
        nonlocal failures
        if found != expected:
            failures += 1
            print(f"{what}: {found!r}, expected {expected!r}")

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for number, (rows, options, status, counts) in enumerate(CASES, 1):
            for form in (lines, document):
                done = run(folder, lines(rows), form(TRUTH), options)
                place = f"case {number}, {form.__name__}"
                expect(f"{place}: status", done.returncode, status)
                found = dict(part.split("=") for part in done.stdout.splitlines()[0].split())
                expect(f"{place}: counts", {key: int(value) for key, value in found.items()
                                            if value != "0"},
                       {"packets": 4, "truth_named": 2, **counts})
        many = [{"frame": n, "owner": {"pid": 1}} for n in range(1, 31)]
        wrong = [{"frame": n, "pid": 2} for n in range(1, 31)]
        done = run(folder, lines(many), lines(wrong), [])
        expect("many: lines", len(done.stdout.splitlines()), 22)
        expect("no rows at all", run(folder, "nonsense", lines(TRUTH), []).returncode, 2)
    print(f"{len(CASES)} cases" if not failures else f"{failures} differences")
    return 1 if failures else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_samples.py PROGRAM SAMPLES [OPTION...]: the owners of every sample are those of its truth.

`packets` of each SAMPLES/NAME.etl that has a NAME.truth.json is compared by check_owners.py, with
the OPTIONs given to it.
"""
import pathlib
import subprocess
import sys

CHECKER = pathlib.Path(__file__).resolve().parent / "check_owners.py"


def check(program, truth, options):
    """What is wrong with one sample; empty: nothing."""
    trace = truth.with_name(truth.name.replace(".truth.json", ".etl"))
    rows = subprocess.run([program, "packets", "--format", "ndjson", trace],
                          capture_output=True, check=False)
    if rows.returncode != 0:
        return f"exit status {rows.returncode}: {rows.stderr.decode()[:300]}"
    done = subprocess.run([sys.executable, CHECKER, "-", truth, *options], input=rows.stdout,
                          capture_output=True, check=False)
    return (done.stdout + done.stderr).decode() if done.returncode else ""


def main():
    program, samples, *options = sys.argv[1:]
    truths = sorted(pathlib.Path(samples).glob("*.truth.json"))
    failed = 0
    for truth in truths:
        wrong = check(program, truth, options)
        if wrong:
            failed += 1
            print(f"{truth.name}: {wrong}")
    print(f"{len(truths)} samples, {failed} with wrong owners")
    return 1 if failed or not truths else 0


sys.exit(main())

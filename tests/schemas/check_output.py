#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_output.py PROGRAM DOCS FOLDER...: what the program prints fits the schemas.

Takes every trace of the folders that are there: `info` and `packets` as JSON, `packets` as ndjson,
each also with all appearances.
"""
import json
import pathlib
import subprocess
import sys

from schema_tools import Schemas, complaints


def main():
    program, docs, *folders = sys.argv[1:]
    traces = [trace for folder in folders for trace in sorted(pathlib.Path(folder).glob("*.etl"))]
    if not traces:
        print("SKIP: no traces, so no output is checked")
        return 77
    schemas = Schemas(docs)
    info, packets, row = schemas.document("info"), schemas.document("packets"), schemas.row("packets")
    failures = 0

    def run(*arguments):
        nonlocal failures
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False)
        if done.returncode != 0:
            failures += 1
            print(f"{arguments}: exit status {done.returncode}: {done.stderr[:300]!r}")
        return done.stdout

    def check(validator, text, what):
        nonlocal failures
        try:
            found = complaints(validator, json.loads(text))
        except ValueError as error:
            found = [f"no JSON: {error}"]
        for complaint in found:
            failures += 1
            print(f"{what}: {complaint}")

    for trace in traces:
        check(info, run("info", "--format", "json", trace), f"info {trace.name}")
        for options in ([], ["--all-appearances"]):
            check(packets, run("packets", "--format", "json", *options, trace),
                  f"packets {trace.name} {options}")
            lines = run("packets", "--format", "ndjson", *options, trace).splitlines()
            for number, line in enumerate(lines):
                check(row, line, f"packets {trace.name} {options} line {number}")
    print(f"{len(traces)} traces checked, {failures} complaints")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_output.py [--only-run] PROGRAM DOCS FOLDER...: what the program prints fits the schemas.

Takes every trace of the folders that are there: each verb as JSON, all but `info` also as ndjson;
packets also with all appearances, events also with schemas and as statistics, timelines also with
everything and with the sockets most worth a look alone. Conversions only have to end well. --only-run
does not look at what is printed: for a build that prints the same and whose own checks count.
"""
import json
import os
import pathlib
import subprocess
import sys

from schema_tools import Schemas, complaints

CHECKED_OF_A_FORM = 3
CHECKED_OF_A_DOCUMENT = 50  # its rows are those of ndjson


class Several:
    """A trace of several files."""

    def __init__(self, *paths):
        self.paths = paths
        self.name = " ".join(path.name for path in paths)


def main():
    arguments = sys.argv[1:]
    only_run = arguments[0] == "--only-run"
    program, docs, *folders = arguments[only_run:]
    traces = [trace for folder in folders for trace in sorted(pathlib.Path(folder).glob("*.etl"))]
    if not traces:
        print("SKIP: no traces, so no output is checked")
        return 77
    for folder in folders:
        for part in sorted(pathlib.Path(folder).glob("several/*_1.etl")):
            traces.append(Several(part, part.with_name(part.name.replace("_1.", "_2."))))
        for part in sorted(pathlib.Path(folder).glob("several/*-kernel.etl")):
            traces.append(Several(part, part.with_name(part.name.replace("-kernel.", "-user."))))
    schemas = Schemas(docs)
    info, packets, row = schemas.document("info"), schemas.document("packets"), schemas.row("packets")
    events, event_row = schemas.document("events"), schemas.row("events")
    statistics, kind_row = schemas.document("event-statistics"), schemas.row("event-statistics")
    failures = 0

    def run(*arguments):
        nonlocal failures
        words = [str(word) for argument in arguments for word in
                 (argument.paths if isinstance(argument, Several) else [argument])]
        done = subprocess.run([program, *words], capture_output=True, check=False)
        if done.returncode != 0:
            failures += 1
            print(f"{arguments}: exit status {done.returncode}: {done.stderr[:300]!r}")
        return done.stdout

    def check(validator, text, what):
        nonlocal failures
        if only_run:
            return
        try:
            found = complaints(validator, json.loads(text))
        except ValueError as error:
            found = [f"no JSON: {error}"]
        for complaint in found:
            failures += 1
            print(f"{what}: {complaint}")

    def check_rows(validator, text, what):
        """Rows of one form are checked a few times only: validation is slow, traces are long."""
        seen = {}
        for number, line in enumerate([] if only_run else text.splitlines()):
            try:
                value = json.loads(line)
            except ValueError as error:
                check(validator, line, f"{what} line {number}: {error}")
                continue
            form = (value.get("provider_guid"), value.get("id"), value.get("opcode"),
                    value.get("layer"), value.get("what"), value.get("protocol"),
                    value.get("reason"), value.get("confidence"), *value)
            seen[form] = seen.get(form, 0) + 1
            if seen[form] <= CHECKED_OF_A_FORM:
                check(validator, line, f"{what} line {number}")

    def check_document(validator, rows, text, what):
        """A document with its first rows."""
        if not only_run:
            document = json.loads(text)
            document[rows] = document[rows][:CHECKED_OF_A_DOCUMENT]
            check(validator, json.dumps(document), what)

    def check_events(trace):
        for options in ([], ["--schema"]):
            text = run("events", "--format", "ndjson", *options, trace)
            check_rows(event_row, text, f"events {trace.name} {options}")
        check_document(events, "events", run("events", "--format", "json", trace),
                       f"events {trace.name}")
        check(statistics, run("events", "--stats", "--format", "json", trace),
              f"events --stats {trace.name}")
        check_rows(kind_row, run("events", "--stats", "--format", "ndjson", trace),
                   f"events --stats {trace.name}")

    def check_owners(trace):
        for verb in ("who", "sockets"):
            check(schemas.document(verb), run(verb, "--format", "json", trace),
                  f"{verb} {trace.name}")
            lines = run(verb, "--format", "ndjson", trace).splitlines()
            for number, line in enumerate(lines):
                check(schemas.row(verb), line, f"{verb} {trace.name} line {number}")

    def check_timeline(trace):
        row_of = schemas.row("timeline")
        for options in ([], ["--verbose"]):
            check_rows(row_of, run("timeline", "--format", "ndjson", *options, trace),
                       f"timeline {trace.name} {options}")
        check_document(schemas.document("timeline"), "timeline",
                       run("timeline", "--format", "json", trace), f"timeline {trace.name}")
        check(schemas.document("timeline"), run("timeline", "--top", "--format", "json", trace),
              f"timeline --top {trace.name}")
        text = run("timeline", "--top", "--format", "ndjson", trace)
        for line in [] if only_run else text.splitlines():
            part = "socket" if "id" in json.loads(line) else "without_socket"
            check(schemas.part("timeline", part), line, f"timeline --top {trace.name}")

    def check_smb(trace):
        for options, name in ([], "smb"), (["--by", "process", "--slow"], "smb"), \
                (["--operations"], "smb-operations"):
            check(schemas.document(name), run("smb", "--format", "json", *options, trace),
                  f"smb {trace.name} {options}")
            check_rows(schemas.row(name), run("smb", "--format", "ndjson", *options, trace),
                       f"smb {trace.name} {options}")

    for trace in traces:
        check_events(trace)
        check_smb(trace)
        check_timeline(trace)
        check_owners(trace)
        check(info, run("info", "--format", "json", trace), f"info {trace.name}")
        for options in ([], ["--all-appearances"]):
            what = f"packets {trace.name} {options}"
            check_document(packets, "packets", run("packets", "--format", "json", *options, trace),
                           what)
            check_rows(row, run("packets", "--format", "ndjson", *options, trace), what)
            run("convert", *options, "--events=all", "--force", "-o", os.devnull, trace)
    print(f"{len(traces)} traces checked, {failures} complaints")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

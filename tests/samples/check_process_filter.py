#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_process_filter.py PROGRAM SAMPLES: `packets --process` and `--pid` list the packets whose
owner or on_behalf_of that process is, `convert` writes the same, `who` counts the same, and the
timeline of the process shows no others.
"""
import json
import pathlib
import subprocess
import sys

TRACES = ("smb-read", "smb-failing", "smb-server", "http-sys", "tcpserver", "pid-reuse")


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, check=True).stdout


def rows_of(program, verb, *arguments):
    return [json.loads(line) for line in
            run(program, verb, "--format", "ndjson", *arguments).splitlines()]


def processes_of(row):
    """(pid, name) of all that the row is for."""
    known = [row["owner"]] if row["owner"] else []
    return {(process["pid"], process.get("process", ""))
            for process in known + row.get("on_behalf_of", [])}


def frames_of_capture(capture):
    """Of the comments; the blocks of pcapng are walked."""
    at = 0
    while at < len(capture):
        size = int.from_bytes(capture[at + 4:at + 8], "little")
        if int.from_bytes(capture[at:at + 4], "little") == 6:
            block = capture[at:at + size]
            start = block.index(b"frame=") + len(b"frame=")
            yield int(block[start:].split(b" ", 1)[0].split(b"\0", 1)[0])
        at += size


def frames_of_step(row):
    """The first and the last packet of it; those between may be others'."""
    return {frame for frame in (row.get("frame"), row.get("last_frame")) if frame}


def check(program, trace, wanted, options):
    """`wanted`: frames that the filter is to leave."""
    frames = [row["frame"] for row in rows_of(program, "packets", *options, trace)]
    if frames != wanted:
        yield f"packets lists {frames}, not {wanted}"
    written = list(frames_of_capture(run(program, "convert", *options, trace, "-o", "-")))
    if written != wanted:
        yield f"convert writes {written}, not {wanted}"
    counted = sum(row["packets"] for row in rows_of(program, "who", *options, trace))
    if counted != len(wanted):
        yield f"who counts {counted}, not {len(wanted)}"
    shown = set()
    for row in rows_of(program, "timeline", "--verbose", *options, trace):
        if row["layer"] == "wire":
            shown |= frames_of_step(row)
    if shown != set(wanted):
        yield f"timeline shows {sorted(shown)}, not {wanted}"


def main():
    program = sys.argv[1]
    failures = []
    count = 0
    behalves = 0
    for name in TRACES:
        trace = str(pathlib.Path(sys.argv[2], name + ".etl"))
        rows = rows_of(program, "packets", trace)
        behalves += sum("on_behalf_of" in row for row in rows)
        everybody = set().union(*(processes_of(row) for row in rows))
        names = {process for _, process in everybody if process}
        pids = {pid for pid, _ in everybody}
        filters = [(["--process", process], lambda of, key=process: key in {n for _, n in of})
                   for process in sorted(names)]
        filters += [(["--pid", str(pid)], lambda of, key=pid: key in {p for p, _ in of})
                    for pid in sorted(pids)]
        for options, is_meant in filters:
            count += 1
            wanted = [row["frame"] for row in rows if is_meant(processes_of(row))]
            failures += [f"{name} {' '.join(options)}: {difference}"
                         for difference in check(program, trace, wanted, options)]
    print("\n".join(failures))
    print(f"{count} filters, {behalves} packets for others than their owner, "
          f"{len(failures)} differences")
    return 1 if failures or behalves == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

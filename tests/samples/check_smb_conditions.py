#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb_conditions.py PROGRAM SAMPLES: what went wrong with SMB, as the samples' truth has it,
is told by `smb` and by `timeline`, and both tell the same conditions, with and without a filter.
"""
import json
import pathlib
import subprocess
import sys

# "" for all; of one connection; of what a process asked for.
FILTERS = ([], ["--connection", "1"], ["--connection", "2"], ["--process", "editor"],
           ["--process", "System"], ["--host", "203.0.113.9"], ["--port", "445"],
           ["--from", "1.011"], ["--to", "1.2"], ["--process", "nobody"])


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, check=True, text=True)
    return done.stdout


def told_by_smb(program, trace, options):
    rows = json.loads(run(program, "smb", "--format", "json", *options, str(trace)))["conditions"]
    return [{"kind": row["what"], "time": row["time"], "status": row.get("status"),
             "duration_us": row.get("duration_us"), "user": row.get("user"),
             "server": row.get("server"), "client": row.get("client"),
             "path": "\\".join(filter(None, (row.get("share"), row.get("file")))) or None,
             "remote": row.get("remote"), "message_id": row.get("message_id"),
             "reason": row.get("reason_number"), "offset": row["event"]["offset"]}
            for row in rows]


def told_by_timeline(program, trace, options):
    lines = run(program, "timeline", "--verbose", "--format", "ndjson", *options, str(trace))
    rows = [row for row in map(json.loads, lines.splitlines()) if row["what"] == "condition"]
    return [{"kind": row["smb"]["condition"], "time": row["time"], "status": row.get("status"),
             "duration_us": row.get("duration_us"), "user": row["smb"].get("user"),
             "server": row["smb"].get("server"), "client": row["smb"].get("client"),
             "path": row["smb"].get("path"), "remote": row["smb"].get("remote"),
             "message_id": row["smb"].get("message_id"),
             "reason": row["smb"].get("reason_number"), "offset": row["event"]["offset"]}
            for row in rows]


def is_told(wanted, told):
    """The truth knows the status by its number alone, and the share without the file."""
    return (told["kind"] == wanted["kind"] and told["time"] == wanted["time"] and
            (told["status"] or "").startswith(wanted.get("status", "")) and
            all(told[name] == wanted[name] for name in ("user", "message_id", "duration_us")
                if name in wanted) and
            all((told["path"] or "").find(wanted[name]) >= 0 for name in ("share", "file")
                if name in wanted))


def main():
    program = sys.argv[1]
    failures = []
    count = 0
    for trace in sorted(pathlib.Path(sys.argv[2]).glob("smb-*.etl")):
        truth = json.loads(trace.with_suffix(".truth.json").read_text(encoding="utf-8"))
        wanted = truth.get("conditions", [])
        count += len(wanted)
        for options in FILTERS:
            by_smb = told_by_smb(program, trace, options)
            by_timeline = told_by_timeline(program, trace, options)
            if by_smb != by_timeline:
                failures.append(f"{trace.name} {options}: smb tells {by_smb}, "
                                f"timeline {by_timeline}")
            if not options:
                failures += [f"{trace.name}: not told: {condition}" for condition in wanted
                             if not any(is_told(condition, told) for told in by_timeline)]
            if options[-1:] == ["nobody"] and by_timeline:
                failures.append(f"{trace.name}: told of nobody: {by_timeline}")
    print("\n".join(failures))
    print(f"{count} conditions of the truth, {len(failures)} differences")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb.py PROGRAM SAMPLES: the operations that `smb --operations` finds are those that the
samples' truth has: which command, file, share, status, place and length, who asked, and when.
"""
import datetime
import json
import pathlib
import subprocess
import sys

# The first sign of a request is an event or a packet of the same moment.
NEAR = datetime.timedelta(microseconds=100)


def time_of(text):
    whole, ticks = text.rstrip("Z").split(".")
    return (datetime.datetime.fromisoformat(whole) +
            datetime.timedelta(microseconds=int(ticks) / 10))


def begin_of(operation):
    return time_of(operation.get("sent") or operation.get("received"))


def end_of(operation):
    end = operation.get("done") or operation.get("answered")
    return time_of(end) if end else None


def asker_of(found):
    behalf = found.get("on_behalf_of")
    return behalf[0]["pid"] if behalf else found.get("owner", {}).get("pid")


def differences(truth, found):
    """What the program says of one operation, and should not."""
    wanted = {"command": truth["command"].replace(" ", "-"), "message_id": truth["message_id"]}
    for ours, theirs in (("file", "file"), ("share", "share"), ("data_offset", "offset"),
                         ("asked", "length")):
        if theirs in truth:
            wanted[ours] = truth[theirs]
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"{name} is {found.get(name)!r}, not {value!r}"
    status = found.get("status", "none").split()[0]
    if status.lower() != truth["status"].lower():
        yield f"status is {status}, not {truth['status']}"
    if "pid" in truth and asker_of(found) != truth["pid"]:
        yield f"asked for by {asker_of(found)}, not {truth['pid']}"
    if abs(time_of(found["time"]) - begin_of(truth)) > NEAR:
        yield f"began {found['time']}, not {begin_of(truth)}"
    end = end_of(truth)
    if found["has_response"] != (end is not None):
        yield "has an answer" if found["has_response"] else "has no answer"
    elif end and abs(found["duration_us"] - (end - begin_of(truth)) / datetime.timedelta(
            microseconds=1)) > 100:
        yield f"took {found['duration_us']} us, not {end - begin_of(truth)}"


def check(program, trace, truth):
    done = subprocess.run([program, "smb", "--operations", "--format", "ndjson", str(trace)],
                          capture_output=True, check=False, text=True)
    if done.returncode != 0:
        return [f"exit status {done.returncode}: {done.stderr}"]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found.sort(key=lambda operation: operation["number"])
    truth = sorted(truth, key=begin_of)
    if len(found) != len(truth):
        return [f"{len(found)} operations, not {len(truth)}"]
    return [f"operation {index + 1} ({wanted['command']}): {difference}"
            for index, (wanted, operation) in enumerate(zip(truth, found))
            for difference in differences(wanted, operation)]


def main():
    program, samples = sys.argv[1:3]
    count = 0
    failures = []
    for path in sorted(pathlib.Path(samples).glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8")).get("operations")
        if truth:
            trace = path.with_name(path.name.replace(".truth.json", ".etl"))
            count += len(truth)
            failures += [f"{trace.name}: {line}" for line in check(program, trace, truth)]
    print("\n".join(failures))
    print(f"{count} operations compared, {len(failures)} differences")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

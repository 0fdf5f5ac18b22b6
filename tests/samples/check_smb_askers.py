#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb_askers.py PROGRAM SAMPLES: packets that begin a request or a response of a program name
it in rows, comments and blocks, and those of System's own requests name nobody. The packets of all
samples with SMB name those that `smb` names.
"""
import csv
import io
import json
import pathlib
import subprocess
import sys

SYSTEM = 4


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, check=True)
    return done.stdout


def beginnings(truth):
    """The packet with data that the truth's times lead to: the request is the first one sent after
    the client's event, the response the one that brings its first byte."""
    packets = [packet for packet in truth["packets"] if "PSH" in (packet["flags"] or "")
               or packet["direction"] == "in"]
    for operation in truth["operations"]:
        if "sent" not in operation or "pid" not in operation:
            continue
        sent = [packet for packet in packets if packet["direction"] == "out"
                and packet["time"] >= operation["sent"]]
        yield sent[0]["number"], operation["pid"]
        answers = [packet for packet in packets if packet["direction"] == "in"
                   and packet["time"] >= sent[0]["time"] and "SYN" not in packet["flags"]]
        first = operation.get("first_byte")
        if first:
            yield next(p["number"] for p in answers if p["time"] >= first), operation["pid"]
        elif "done" in operation:
            before = [p for p in answers if p["time"] <= operation["done"]]
            yield before[-1]["number"], operation["pid"]


def name_of(row):
    return row["on_behalf_of"][0]["pid"] if "on_behalf_of" in row else None


def check_rows(rows, truth):
    programs = {operation["pid"] for operation in truth["operations"]} - {SYSTEM}
    for frame, pid in beginnings(truth):
        wanted = pid if pid != SYSTEM else None
        if name_of(rows[frame]) != wanted:
            yield f"packet {frame} is for {name_of(rows[frame])}, not {wanted}"
    for frame, row in rows.items():
        behalf = row.get("on_behalf_of")
        if row["owner"]["pid"] != SYSTEM:
            yield f"packet {frame} belongs to {row['owner']['pid']}"
        if row["tcp"]["length"] == 0 and behalf:
            yield f"packet {frame} has no bytes of SMB and is for {name_of(row)}"
        if behalf and (name_of(row) not in programs or behalf[0]["confidence"] != "likely"
                       or behalf[0]["evidence"][0]["rule"] != "asked"):
            yield f"packet {frame} is for {behalf}"


def rows_of(program, trace):
    lines = run(program, "packets", "--format", "ndjson", str(trace)).splitlines()
    return {row["frame"]: row for row in map(json.loads, lines)}


def check_operations(program, trace, rows):
    lines = run(program, "smb", "--operations", "--format", "ndjson", str(trace)).splitlines()
    for operation in map(json.loads, lines):
        for half in ("request", "response"):
            frame = operation.get(half, {}).get("frame")
            if frame and name_of(rows[frame]) != name_of(operation):
                yield (f"{trace.name}: packet {frame} is for {name_of(rows[frame])}, and the "
                       f"{operation['command']} that it is of for {name_of(operation)}")


def check_csv(text, rows):
    for row in csv.DictReader(io.StringIO(text)):
        pid = name_of(rows[int(row["frame"])])
        if row["on_behalf_of.pid"] != ("" if pid is None else str(pid)):
            yield f"csv: packet {row['frame']} is for {row['on_behalf_of.pid']!r}, not {pid}"


def options_of(block):
    """Options of a packet block."""
    captured = int.from_bytes(block[20:24], "little")
    at = 28 + (captured + 3) // 4 * 4
    while at + 4 <= len(block) - 4:
        code = int.from_bytes(block[at:at + 2], "little")
        size = int.from_bytes(block[at + 2:at + 4], "little")
        if code == 0:
            return
        yield code, block[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def blocks_of(capture):
    at = 0
    while at < len(capture):
        size = int.from_bytes(capture[at + 4:at + 8], "little")
        yield int.from_bytes(capture[at:at + 4], "little"), capture[at:at + size]
        at += size


def check_capture(capture, rows):
    pids = []  # of the process blocks
    for kind, block in blocks_of(capture):
        if kind == 0x80000001:
            pids.append(int.from_bytes(block[8:12], "little"))
        if kind != 6:
            continue
        options = dict(options_of(block))
        words = dict(word.split("=", 1) for word in options[1].decode().split(" ") if "=" in word)
        frame = int(words["frame"])
        pid = name_of(rows[frame])
        number = options.get(0x8003)
        effective = pids[int.from_bytes(number, "little")] if number else None
        if effective != pid:
            yield f"pcapng: packet {frame} is for {effective}, not {pid}"
        if words.get("for_pid") != (None if pid is None else str(pid)):
            yield f"comment: packet {frame} is for {words.get('for_pid')}, not {pid}"
        if pids[int.from_bytes(options[0x8001], "little")] != SYSTEM:
            yield f"pcapng: packet {frame} is not System's"


def main():
    program = sys.argv[1]
    path = pathlib.Path(sys.argv[2], "smb-read.etl")
    truth = json.loads(path.with_name("smb-read.truth.json").read_text(encoding="utf-8"))
    rows = rows_of(program, path)
    table = run(program, "packets", "--format", "csv", str(path)).decode()
    capture = run(program, "convert", str(path), "-o", "-")
    failures = [*check_rows(rows, truth), *check_csv(table, rows), *check_capture(capture, rows)]
    for trace in sorted(path.parent.glob("smb-*.etl")):
        failures += check_operations(program, trace, rows_of(program, trace))
    print("\n".join(failures))
    named = sum("on_behalf_of" in row for row in rows.values())
    print(f"{named} of {len(rows)} packets are for a program, {len(failures)} differences")
    return 1 if failures or named == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tshark shows the owner of every packet, and events as rows of protocol ETW.

Comments and events are read by tshark; capinfos and editcap accept the files. Process blocks and
the options that point to them, which tshark 4.0 skips, are read here by nothing but the draft and
the descriptions of the blocks.
"""
import json
import shutil
import struct
import subprocess

import oracle

TRACES = ("tcpserver.etl", "dns-then-connect.etl", "http-sys.etl", "udp-flood.etl")
BLOCK_INTERFACE, BLOCK_NAMES, BLOCK_PACKET = 1, 4, 6
BLOCK_CUSTOM, BLOCK_DARWIN_PROCESS = 0xBAD, 0x80000001
LINK_ETW = 290
EVENT_FIELDS = ("frame.number", "etw.provider_name", "etw.descriptor.id", "etw.process_id",
                "etw.thread_id", "etw.message", "frame.time_epoch")


def tshark(path, *arguments):
    """Lines that tshark prints; anything it complains about is a failure."""
    done = subprocess.run(["tshark", "-n", "-r", str(path), *arguments],
                          capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as")]
    if done.returncode or complaints:
        oracle.fail(f"{path.name}: tshark says {done.returncode} {complaints[:3]}")
    return done.stdout.splitlines()


def fields(path, names, *arguments):
    wanted = [argument for name in names for argument in ("-e", name)]
    lines = tshark(path, "-T", "fields", "-E", "occurrence=f", "-E", "separator=/t", *wanted,
                   *arguments)
    return [dict(zip(names, line.split("\t"))) for line in lines]


# ---- what tshark shows ----

def check_comments(trace, path):
    """The comment says what the row of `packets` says."""
    rows = oracle.packet_rows(trace)
    shown = fields(path, ("frame.comment",), "-Y", "not etw.size")
    oracle.equal(f"{trace.name}: packets", len(shown), len(rows))
    for line, row in zip(shown, rows):
        place = f"{trace.name}: frame {row['frame']}"
        keys = oracle.comment_keys(line["frame.comment"])
        owner = row["owner"] or {}
        oracle.equal(f"{place}: frame", keys.get("frame"), str(row["frame"]))
        oracle.equal(f"{place}: pid", keys.get("pid"), str(owner["pid"]) if owner else None)
        oracle.equal(f"{place}: proc", keys.get("proc"), owner.get("process"))
        oracle.equal(f"{place}: conf", keys.get("conf"), row.get("confidence"))
        oracle.equal(f"{place}: via", keys.get("via"), row.get("via"))
        oracle.equal(f"{place}: reason", keys.get("reason"), row.get("reason"))
        number = row.get("connection")
        oracle.equal(f"{place}: conn", keys.get("conn"), str(number) if number else None)


def check_comment_filter(trace, path):
    """What the manual tells people to type."""
    rows = [row for row in oracle.packet_rows(trace) if row["owner"]]
    name = rows[0]["owner"]["process"]
    found = tshark(path, "-Y", f'frame.comment contains "proc={name}"', "-T", "fields", "-e",
                   "frame.number")
    wanted = sum(1 for row in rows if row["owner"].get("process") == name)
    oracle.equal(f"{trace.name}: packets of {name}", len(found), wanted)


def check_events(trace, path):
    """Rows of events against the rows of `events`."""
    lines = oracle.etwtrail("events", "--format", "ndjson", trace).decode().splitlines()
    known = {}
    for line in lines:
        row = json.loads(line)
        key = (row["time"][20:27], row.get("provider"), str(row.get("id", 0)),
               str(row.get("header_pid", 0)), str(row.get("header_tid", 0)))
        known[key] = known.get(key, 0) + 1
    shown = fields(path, EVENT_FIELDS, "-Y", "etw.size")
    if len(shown) < 5:
        oracle.fail(f"{trace.name}: only {len(shown)} events in tshark")
    for row in shown:
        key = (row["frame.time_epoch"].split(".")[1][:7], row["etw.provider_name"],
               row["etw.descriptor.id"], row["etw.process_id"], row["etw.thread_id"])
        place = f"{trace.name}: row {row['frame.number']}"
        if known.get(key, 0) == 0:
            oracle.fail(f"{place}: no event is {key}")
        known[key] = known.get(key, 0) - 1
        if not row["etw.message"]:
            oracle.fail(f"{place}: no message")
    return len(shown)


def check_order(trace, path):
    times = [row["frame.time_epoch"] for row in fields(path, ("frame.time_epoch",))]
    oracle.equal(f"{trace.name}: rows in the order of their times", times, sorted(times))


def check_whole(trace, path):
    malformed = tshark(path, "-Y", "_ws.malformed", "-T", "fields", "-e", "frame.number")
    oracle.equal(f"{trace.name}: malformed frames", malformed, [])
    for tool, arguments in (("capinfos", [path]), ("editcap", [path, "/dev/null"])):
        if shutil.which(tool):
            oracle.run(tool, *arguments)


# ---- blocks that this tshark skips ----

def blocks(path):
    data = path.read_bytes()
    position = 0
    while position < len(data):
        kind, size = struct.unpack_from("<II", data, position)
        yield kind, data[position + 8 : position + size - 4]
        position += size


def options(body):
    """Options as a dictionary; of repeated ones the first."""
    found = {}
    position = 0
    while position + 4 <= len(body):
        code, size = struct.unpack_from("<HH", body, position)
        if code == 0:
            break
        found.setdefault(code, body[position + 4 : position + 4 + size])
        position += 4 + (size + 3) // 4 * 4
    return found


def darwin_process(body):
    return struct.unpack_from("<I", body)[0], options(body[4:]).get(2, b"").decode() or None


def information_process(body):
    number, kind, size, pid = struct.unpack_from("<IIII", body)
    if (number, kind, size) != (32622, 3, len(body) - 12):
        oracle.fail(f"process information block begins {number} {kind} {size}")
    return pid, options(body[16:]).get(2, b"").decode() or None


def packet_options(body):
    captured = struct.unpack_from("<I", body, 12)[0]
    return options(body[20 + (captured + 3) // 4 * 4 :])


def check_process(place, row, found, processes, style):
    """The options of one packet against its row."""
    owner = row["owner"]
    if not owner:
        oracle.equal(f"{place}: option 8", 8 in found, False)
        oracle.equal(f"{place}: option 0x8001", 0x8001 in found, False)
        return
    pid, thread = struct.unpack("<II", found.get(8, bytes(8)))
    oracle.equal(f"{place}: option 8", (pid, thread), (owner["pid"], 0))
    if style == "darwin":
        number = struct.unpack("<I", found.get(0x8001, b"\xff" * 4))[0]
        named = processes[number] if number < len(processes) else None
        oracle.equal(f"{place}: option 0x8001", named, (owner["pid"], owner.get("process")))
    else:
        oracle.equal(f"{place}: option 0x8001", 0x8001 in found, False)
    if style == "pib" and (owner["pid"], owner.get("process")) not in processes:
        oracle.fail(f"{place}: no process information block before it")


def check_blocks(trace, style):
    rows = iter(oracle.packet_rows(trace))
    links, processes = [], []
    with oracle.Converted(trace, "--process-blocks", style, "--events") as path:
        for kind, body in blocks(path):
            if kind == BLOCK_INTERFACE:
                links.append(struct.unpack_from("<H", body)[0])
            elif kind == BLOCK_DARWIN_PROCESS:
                oracle.equal(f"{trace.name}: style of blocks", style, "darwin")
                processes.append(darwin_process(body))
            elif kind == BLOCK_CUSTOM:
                oracle.equal(f"{trace.name}: style of blocks", style, "pib")
                processes.append(information_process(body))
            elif kind == BLOCK_PACKET and links[struct.unpack_from("<I", body)[0]] != LINK_ETW:
                row = next(rows)
                check_process(f"{trace.name}, {style}: frame {row['frame']}", row,
                              packet_options(body), processes, style)
    oracle.equal(f"{trace.name}, {style}: processes named twice", len(set(processes)),
                 len(processes))


def check_names(trace):
    """Addresses that were resolved in the trace have their names."""
    names = {}
    with oracle.Converted(trace) as path:
        for kind, body in blocks(path):
            position = 0
            while kind == BLOCK_NAMES:
                record, size = struct.unpack_from("<HH", body, position)
                if record == 0:
                    break
                address = 4 if record == 1 else 16
                value = body[position + 4 : position + 4 + size]
                names[value[:address]] = value[address:].split(b"\0")[0].decode()
                position += 4 + (size + 3) // 4 * 4
        resolved = tshark(path, "-Nn", "-T", "fields", "-e", "ip.dst_host")
    if trace.name == "dns-then-connect.etl":
        oracle.equal("names", names.get(bytes((203, 0, 113, 44))), "www.example.com")
        if "www.example.com" not in resolved:
            oracle.fail("dns-then-connect: tshark does not show the name of 203.0.113.44")
    if trace.name == "http-sys.etl":
        oracle.equal("names", names.get(bytes((203, 0, 113, 90))), "stock.example.com")


def main():
    oracle.need_tool("tshark")
    traces = [oracle.SAMPLES / name for name in TRACES]
    events = 0
    for trace in traces:
        with oracle.Converted(trace) as path:
            check_comments(trace, path)
            check_comment_filter(trace, path)
            check_whole(trace, path)
        with oracle.Converted(trace, "--events") as path:
            check_comments(trace, path)
            events += check_events(trace, path)
            check_order(trace, path)
            check_whole(trace, path)
        for style in ("darwin", "pib", "none"):
            check_blocks(trace, style)
        check_names(trace)
    oracle.finish(f"{len(traces)} traces, {events} events read")


main()

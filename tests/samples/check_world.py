#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_world.py PROGRAM MAKER SAMPLES: worlds are read back whole, and their truth fits them.

For every Windows, flavour and choice of events MAKER writes a small world. All its events must
decode wholly, the packets must be as many as the truth has lines, in strict time order, and
whoever the socket events of a connection or datagram name must be whom the truth names.
"""
import collections
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
PROGRAM, MAKER, SAMPLES = sys.argv[1:4]
sys.argv[1:] = [PROGRAM, "/nonexistent", SAMPLES]
import oracle  # noqa: E402  (reads the arguments)

EVERYTHING = "tcpip,afd,kernel-network,process,kernel"
WORLDS = {
    "win7-32": ("--windows", "win7-32", "--seed", "2"),
    "win7": ("--windows", "win7", "--flavour", "timers"),
    "win10": ("--windows", "win10", "--compressed"),
    "win11": ("--windows", "win11", "--flavour", "timers", "--seed", "2"),
    "all-events-32": ("--windows", "win7-32", "--events", EVERYTHING),
    "all-events": ("--windows", "win10", "--events", EVERYTHING, "--flavour", "timers"),
    "ipv6": ("--windows", "win11", "--ipv6", "100", "--cpus", "1"),
    "lossy": ("--windows", "win10", "--lose", "5", "--cpus", "3"),
    "rundown": ("--windows", "win10", "--events", "rundown", "--seed", "6"),
    "packets": ("--windows", "win11", "--events", "none"),
}
SIZE = ("--packets", "2000", "--connections", "60", "--processes", "40")
# Situations that a world of this size always has.
KINDS = {"tcp-data", "tcp-ack", "tcp-close", "connect", "accept", "older-connection",
         "udp-question", "udp-server", "fragment", "multicast-shared", "broadcast", "arp", "echo",
         "refused-in"}
REASONS = {"no-socket", "no-endpoint", "shared", "not-local"}


def rows_of(*arguments):
    return [json.loads(line) for line in oracle.etwtrail(*arguments).decode().splitlines()]


def check_decoding(name, trace):
    for line in oracle.etwtrail("events", "--stats", trace).decode().splitlines():
        words = line.split()
        if len(words) > 4 and words[0].replace(",", "").isdigit():
            oracle.equal(f"{name}: wholly decoded: {line}", words[2:4], ["-", "-"])


def check_truth(name, truth, has_processes):
    for row in truth:
        is_owned = row["pid"] is not None
        oracle.equal(f"{name}: frame {row['frame']}: owner or reason", is_owned,
                     row["reason"] is None)
        oracle.equal(f"{name}: frame {row['frame']}: named", row["process"] is not None,
                     is_owned and has_processes)
        if not is_owned and row["reason"] not in REASONS:
            oracle.fail(f"{name}: frame {row['frame']}: reason {row['reason']}")
        oracle.equal(f"{name}: frame {row['frame']}: several candidates",
                     len(row["candidates"]) > 1, row["reason"] == "shared")
    missing = KINDS - {row["kind"] for row in truth}
    oracle.equal(f"{name}: situations that are missing", missing, set())


def pids_of_tuples(trace):
    """Who TCPIP's events name for each pair of addresses, in either order."""
    pids = collections.defaultdict(set)
    for event in rows_of("events", "--provider", "Microsoft-Windows-TCPIP", "--format", "ndjson",
                         trace):
        fields = event["fields"]
        local = fields.get("LocalAddress") or fields.get("LocalSockAddr")
        remote = fields.get("RemoteAddress") or fields.get("RemoteSockAddr")
        pid = fields.get("ProcessId") or fields.get("Pid")
        if event["id"] == 1002:  # logged by the thread that connects
            pid = event["header_pid"]
        if local and remote and pid:
            pids[frozenset((local, remote))].add(pid)
    return pids


def check_owners(name, trace, packets, truth):
    pids = pids_of_tuples(trace)
    last = len(packets) - 50  # of what begins at the end the events may be cut off
    for packet, row in zip(packets[:last], truth):
        if packet["protocol"] not in ("tcp", "udp") or row["kind"] in ("fragment", "not-local"):
            continue
        named = pids[frozenset((packet["source"], packet["destination"]))]
        owners = {row["pid"]} if row["pid"] is not None else set(row["candidates"])
        if not owners <= named:
            oracle.fail(f"{name}: frame {row['frame']} ({row['kind']}): {owners}, events {named}")


def check_world(name, options, folder):
    trace, truth_path = folder / f"{name}.etl", folder / f"{name}.ndjson"
    said = oracle.run(MAKER, "world", trace, "--truth", truth_path, *SIZE, *options).decode()
    counts = dict(line.split() for line in said.splitlines())
    truth = [json.loads(line) for line in truth_path.read_text("utf-8").splitlines()]
    packets = rows_of("packets", "--format", "ndjson", trace)
    info = json.loads(oracle.etwtrail("info", "--format", "json", trace))
    frames = list(range(1, 2001))
    oracle.equal(f"{name}: frames", [row["frame"] for row in packets], frames)
    oracle.equal(f"{name}: frames of the truth", [row["frame"] for row in truth], frames)
    oracle.equal(f"{name}: loopback on the wire",
                 [row["frame"] for row in packets if "127.0.0.1" in row["source"]], [])
    times = [row["time"] for row in packets]
    oracle.equal(f"{name}: times in order", times, sorted(set(times)))
    oracle.equal(f"{name}: records", info["records"]["delivered"], int(counts["records"]))
    oracle.equal(f"{name}: lost", info["lost"]["events"], int(counts["events_lost"]))
    check_decoding(name, trace)
    events = options[options.index("--events") + 1] if "--events" in options else "tcpip,process"
    check_truth(name, truth, "process" in events)
    if "tcpip" in events and "--lose" not in options:
        check_owners(name, trace, packets, truth)
    return trace, truth_path


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, options in WORLDS.items():
            made = check_world(name, options, folder)
            before = [path.read_bytes() for path in made]
            oracle.run(MAKER, "world", made[0], "--truth", made[1], *SIZE, *options)
            oracle.equal(f"{name}: the same again", [path.read_bytes() for path in made] == before,
                         True)
        for wrong in (["--packets", "0"], ["--windows", "xp"], ["--events", "tcp"], ["--lose"]):
            oracle.run(MAKER, "world", folder / "no.etl", "--truth", folder / "no.ndjson", *wrong,
                       expected=(2,))
    oracle.finish(f"{len(WORLDS)} worlds read back, with their owners")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every pcapng file is read by tshark, capinfos and tcpdump, and tshark sees what `packets` says."""
import datetime
import shutil
import subprocess

import oracle

FIELDS = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name",
          "frame.packet_flags_direction", "frame.packet_id", "frame.comment", "frame.protocols",
          "radiotap.length")
DIRECTIONS = {"": "unknown", "0": "unknown", "1": "in", "2": "out"}


def tshark(path, *arguments):
    """Lines that tshark prints; anything it complains about is a failure."""
    done = subprocess.run(["tshark", "-n", "-r", str(path), *arguments],
                          capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as")]
    if done.returncode or complaints:
        oracle.fail(f"{path.name}: tshark says {done.returncode} {complaints[:3]}")
    return done.stdout.splitlines()


def epoch_of(text):
    """RFC 3339 with seven digits as seconds.nine digits, the form tshark prints."""
    moment = datetime.datetime.fromisoformat(text[:19] + "+00:00")
    return f"{int(moment.timestamp())}.{text[20:27]}00"


def has_ports(address):
    return address.startswith("[") or address.count(":") == 1


def check_rows(trace, path):
    """Field by field against the rows of `packets`. Fragments stay apart in tshark, too; one behind
    the first has no ports, and its transport protocol is a number to tshark."""
    wanted = [argument for field in FIELDS for argument in ("-e", field)]
    lines = tshark(path, "-o", "ip.defragment:FALSE", "-T", "fields", "-E", "occurrence=f",
                   "-E", "separator=/t", *wanted)
    rows = oracle.packet_rows(trace)
    oracle.equal(f"{trace.name}: packets in tshark", len(lines), len(rows))
    for line, row in zip(lines, rows):
        fields = dict(zip(FIELDS, line.split("\t")))
        place = f"{trace.name}: frame {row['frame']}"
        oracle.equal(f"{place}: time", fields["frame.time_epoch"], epoch_of(row["time"]))
        header = int(fields["radiotap.length"] or 0)
        oracle.equal(f"{place}: length", int(fields["frame.len"]) - header, row["length"])
        oracle.equal(f"{place}: captured", int(fields["frame.cap_len"]) - header, row["captured"])
        oracle.equal(f"{place}: interface", fields["frame.interface_name"], row["interface"])
        direction = int(fields["frame.packet_flags_direction"] or "0", 0)
        oracle.equal(f"{place}: direction", DIRECTIONS[str(direction)], row["direction"])
        oracle.equal(f"{place}: packet id", int(fields["frame.packet_id"] or "0", 0), row["frame"])
        keys = oracle.comment_keys(fields["frame.comment"])
        oracle.equal(f"{place}: frame in the comment", keys.get("frame"), str(row["frame"]))
        protocol = row["protocol"]
        is_rest = protocol in ("tcp", "udp") and not has_ports(row["source"])
        if protocol in ("tcp", "udp", "icmp", "icmpv6", "arp", "igmp") and not is_rest:
            if protocol not in fields["frame.protocols"].split(":"):
                oracle.fail(f"{place}: {protocol}, but tshark sees {fields['frame.protocols']}")
    return len(lines)


def check(trace):
    with oracle.Converted(trace) as path:
        if not path.exists():
            return 0
        count = check_rows(trace, path)
        malformed = tshark(path, "-Y", "_ws.malformed", "-T", "fields", "-e", "frame.number")
        oracle.equal(f"{trace.name}: malformed frames", malformed, [])
        links = {packet["link"] for packet in oracle.pcapng_packets(path)}
        if shutil.which("capinfos"):
            oracle.run("capinfos", path)
        # libpcap cannot read two link types from one file, whoever wrote it.
        if shutil.which("tcpdump") and len(links) < 2:
            printed = oracle.run("tcpdump", "-n", "-r", path)
            oracle.equal(f"{trace.name}: packets in tcpdump",
                         sum(1 for line in printed.splitlines() if line[:1].isdigit()), count)
    return count


def check_wireless():
    """The 802.11 frame dissects down to its application protocol."""
    trace = oracle.need_real("netsh-win10-19044.etl")
    with oracle.Converted(trace) as path:
        layers = tshark(path, "-T", "fields", "-e", "frame.protocols")
        oracle.equal("netsh: packets", len(layers), 1)
        if layers and not ("wlan" in layers[0] and layers[0].endswith("ssdp")):
            oracle.fail(f"netsh: dissected as {layers[0]}")


def main():
    oracle.need_tool("tshark")
    traces = oracle.sample_traces() + (
        sorted(oracle.REAL.glob("*.etl")) if oracle.REAL.is_dir() else [])
    if not traces:
        oracle.skip("no traces")
    count = sum(check(trace) for trace in traces)
    if (oracle.REAL / "netsh-win10-19044.etl").is_file():
        check_wireless()
    oracle.finish(f"{len(traces)} traces, {count} packets read")


main()

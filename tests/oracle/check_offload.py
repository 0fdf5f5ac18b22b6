#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A sent frame is marked as offloaded where tshark finds a wrong checksum, and nowhere else but
where a record says so; the flags that tshark sees are those of the rows."""
import subprocess

import oracle

TRACES = ("tso-zero-length.etl", "nobody.etl", "tcpserver.etl", "frontend-reset.etl",
          "pktmon-drop.etl", "pktmon-offload.etl", "wfp-capture.etl")
REAL = ("pktmon-win11-26200.etl", "pktmon-win10-19042.etl", "netsh-win10-19044.etl")
FIELDS = ("frame.number", "frame.packet_flags", "frame.comment", "frame.interface_name",
          "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status")
CHECK = [option for protocol in ("ip", "tcp", "udp")
         for option in ("-o", f"{protocol}.check_checksum:TRUE")]
NOT_READY, VALID, SEGMENTS = 0x200, 0x400, 0x800

# frame: flags from bit 9 on, keys of the comment beside frame and reason
OFFLOAD = {
    1: (NOT_READY, {"offload": "checksum", "vlan": "100", "priority": "3"}),
    2: (VALID, {"checksum": "verified", "vlan": "100", "priority": "3", "hash": "0x1a2b3c4d"}),
    3: (NOT_READY | SEGMENTS, {"offload": "checksum,lso", "segment_size": "1460",
                               "vlan": "100", "priority": "3"}),
    4: (NOT_READY | VALID, {"offload": "checksum,rsc", "segments": "3", "checksum": "verified",
                            "vlan": "100", "priority": "3", "hash": "0x1a2b3c4d"}),
    5: (0, {"checksum": "failed"}),
}


def tshark_rows(path):
    wanted = [argument for field in FIELDS for argument in ("-e", field)]
    done = subprocess.run(["tshark", "-n", "-r", str(path), *CHECK, "-T", "fields", "-E",
                           "occurrence=f", "-E", "separator=/t", *wanted],
                          capture_output=True, text=True, check=True)
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]


def check_flags(place, row, flags):
    """The flags against the members of the row of `packets`."""
    work = row.get("offload", [])
    oracle.equal(f"{place}: checksum not ready", bool(flags & NOT_READY), "checksum" in work)
    oracle.equal(f"{place}: segments", bool(flags & SEGMENTS), "lso" in work)
    oracle.equal(f"{place}: checksum valid", bool(flags & VALID),
                 row.get("checksum") == "verified")


def check(trace):
    rows = oracle.packet_rows(trace)
    wrong = 0
    with oracle.Converted(trace) as path:
        seen = tshark_rows(path)
    oracle.equal(f"{trace.name}: packets", len(seen), len(rows))
    for row, fields in zip(rows, seen):
        place = f"{trace.name}: frame {row['frame']}"
        flags = int(fields["frame.packet_flags"], 0)
        check_flags(place, row, flags)
        is_wrong = "0" in [fields[f"{protocol}.checksum.status"] for protocol in ("ip", "tcp", "udp")]
        wrong += is_wrong
        if row["direction"] == "out" and is_wrong and not flags & NOT_READY:
            oracle.fail(f"{place}: a wrong checksum, and no word of offload")
        if flags & NOT_READY and not is_wrong and trace.name != "pktmon-offload.etl":
            oracle.fail(f"{place}: offload, but the checksums are right")
        if trace.name == "pktmon-offload.etl":
            expected, keys = OFFLOAD[row["frame"]]
            oracle.equal(f"{place}: flags", flags & 0xE00, expected)
            found = oracle.comment_keys(fields["frame.comment"])
            oracle.equal(f"{place}: keys", {key: found.get(key) for key in keys}, keys)
            oracle.equal(f"{place}: other keys", sorted(set(found) & {
                "offload", "segment_size", "segments", "checksum", "vlan", "priority", "hash"}),
                sorted(keys))
        if trace.name == "wfp-capture.etl":
            oracle.equal(f"{place}: wrong checksums", is_wrong, False)
            oracle.equal(f"{place}: interface", fields["frame.interface_name"], "wfp:transport")
    return wrong


def main():
    oracle.need_tool("tshark")
    traces = [oracle.SAMPLES / name for name in TRACES]
    traces += [oracle.REAL / name for name in REAL if (oracle.REAL / name).is_file()]
    wrong = sum(check(trace) for trace in traces)
    if wrong < 10:
        oracle.fail(f"only {wrong} frames with wrong checksums: nothing was tested")
    oracle.finish(f"{len(traces)} traces, {wrong} frames with wrong checksums")


main()

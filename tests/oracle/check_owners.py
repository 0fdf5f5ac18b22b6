#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real traces: sockets of kernel events have the pids and bytes of the events; nothing else owns.

Every transfer event is read from `events`, which other checks compare with Microsoft's output, and
summed here by protocol and pid; the rows of `sockets` must add up to the same. In traces without
socket events no packet has an owner.
"""
import collections
import json
import re

import oracle

# TcpSend, TcpReceiveIPv6, SendIPV6, Recv ...: not Retransmit, not TcpCopy (counted once already).
TRANSFER = re.compile(r"^(Tcp|Udp)?(Send|Recv|Receive)(IPV[46])?$", re.IGNORECASE)
PROVIDERS = {"TcpIp": "tcp", "UdpIp": "udp", "Microsoft-Windows-Kernel-Network": None}
KERNEL = ("kernel-network-win7.etl", "kernel-logger-win8-wow64.etl")
OWNERLESS = ("pktmon-server2022-20348.etl", "pktmon-win10-19042.etl", "pktmon-win11-26200.etl",
             "netsh-win10-19044.etl")


def rows_of(verb, trace):
    return [json.loads(line)
            for line in oracle.etwtrail(verb, "--format", "ndjson", trace).splitlines() if line]


def sums_of_events(trace):
    sums = collections.Counter()
    for event in rows_of("events", trace):
        if event["provider"] in PROVIDERS and TRANSFER.match(event.get("name", "")):
            protocol = PROVIDERS[event["provider"]] or event["name"][:3].lower()
            sums[protocol, event["fields"]["PID"]] += event["fields"]["size"]
    return sums


def sums_of_sockets(rows):
    sums = collections.Counter()
    for row in rows:
        sums[row["protocol"], row["owner"]["pid"]] += (row.get("bytes_sent", 0) +
                                                       row.get("bytes_received", 0))
    return +sums


def check_kernel(name):
    trace = oracle.need_real(name)
    rows = rows_of("sockets", trace)
    ownerless = [row["id"] for row in rows if not row.get("owner")]
    oracle.equal(f"{name}: sockets without owner", ownerless, [])
    if not ownerless:
        expected = sums_of_events(trace)
        oracle.equal(f"{name}: there are transfers", len(expected) > 1, True)
        oracle.equal(f"{name}: bytes by protocol and pid", sums_of_sockets(rows), expected)
    return rows


def check_ownerless(name):
    trace = oracle.need_real(name)
    owned = [row["frame"] for row in rows_of("packets", trace) if row.get("owner")]
    oracle.equal(f"{name}: packets with an owner", owned, [])
    oracle.equal(f"{name}: sockets", rows_of("sockets", trace), [])


def main():
    for name in KERNEL:
        rows = check_kernel(name)
    # The second one has the processes too.
    oracle.equal("names of owners", [row["id"] for row in rows if "process" not in row["owner"]],
                 [])
    for name in OWNERLESS:
        check_ownerless(name)
    oracle.finish(f"{len(KERNEL)} traces add up, {len(OWNERLESS)} claim nothing")


main()

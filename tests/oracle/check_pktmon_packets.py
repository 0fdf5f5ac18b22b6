#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pktmon traces: sightings become packets, and pktmon's own counters agree with the sightings."""
import collections

import oracle

#         trace                          packets, how often each was seen
EXPECTED = {
    "pktmon-win10-19042.etl": (108, None),
    "pktmon-server2022-20348.etl": (38, {2: 19, 4: 19}),
    "pktmon-win11-26200.etl": (51, {1: 51}),
    "pktmon-win11-22621-empty.etl": (0, {}),
}


def check(name, packets, seen):
    trace = oracle.need_real(name)
    info = oracle.info(trace)
    rows = oracle.packet_rows(trace)
    oracle.equal(f"{name}: packets", len(rows), packets)
    oracle.equal(f"{name}: frames", [row["frame"] for row in rows], list(range(1, packets + 1)))
    counts = collections.Counter(row["appearances"] for row in rows)
    if seen is not None:
        oracle.equal(f"{name}: appearances", dict(counts), seen)
    oracle.equal(f"{name}: sightings", sum(k * n for k, n in counts.items()),
                 info["packets"]["sightings"])
    for row in rows:
        oracle.equal(f"{name}: owner of frame {row['frame']}", row["owner"], None)
        oracle.equal(f"{name}: reason of frame {row['frame']}", row.get("reason"), "no-events")
    counters = info["flow_counters"]
    oracle.equal(f"{name}: points that differ", counters["different"], 0)
    oracle.equal(f"{name}: points that agree", counters["equal"], counters["points"])
    if counters["points"] == 0:
        oracle.fail(f"{name}: no flow counters were compared")
    everything = oracle.packet_rows(trace, "--all-appearances")
    oracle.equal(f"{name}: rows of all appearances", len(everything), info["packets"]["sightings"])
    oracle.equal(f"{name}: frames of all appearances", {row["frame"] for row in everything},
                 {row["frame"] for row in rows})


def main():
    oracle.need_real()
    for name, (packets, seen) in EXPECTED.items():
        check(name, packets, seen)
    empty = oracle.info(oracle.need_real("pktmon-win11-22621-empty.etl"))
    reasons = [entry["why"] for entry in empty["missing"] if entry["what"] == "packets"]
    if not reasons:
        oracle.fail("the trace without traffic: info does not say why there are no packets")
    oracle.finish(f"{len(EXPECTED)} pktmon traces as expected")


main()

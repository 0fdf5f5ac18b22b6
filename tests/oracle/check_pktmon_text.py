#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every sighting equals Microsoft's own text of the same trace: when, which way, where, how long."""
import datetime
import re

import oracle

LINE = re.compile(
    r"^\[(?P<cpu>[0-9A-F]+)\](?P<pid>[0-9A-F]+)\.(?P<tid>[0-9A-F]+)::"
    r"(?P<date>[0-9-]+) (?P<clock>[0-9:]+)\.(?P<fraction>[0-9]{9}) \[Microsoft-Windows-PktMon\] "
    r"PktGroupId (?P<group>[0-9]+), PktNumber (?P<number>[0-9]+), "
    r"Appearance (?P<appearance>[0-9]+), Direction (?P<direction>\w+) *, Type \w+ *, "
    r"Component (?P<component>[0-9]+), Edge (?P<edge>[0-9]+), Filter (?P<filter>[0-9]+), "
    r"OriginalSize (?P<original>[0-9]+), LoggedSize (?P<logged>[0-9]+)")
COMPONENT = re.compile(r"\] Component (?P<id>[0-9]+), Type [^,]*, Name (?P<name>[^,]*),")
DIRECTIONS = {"In": "in", "Rx": "in", "Ingress": "in", "Out": "out", "Tx": "out", "Egress": "out"}
LOCAL_TIME = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
MEMBERS = ("time", "direction", "group", "number", "appearance", "component", "edge", "filter",
           "original", "logged")
NUMBERS = ("group", "number", "appearance", "edge", "filter")


def component_names(lines):
    """Names by component id, as the text lists them at its end."""
    matches = (COMPONENT.search(line) for line in lines)
    return {int(match["id"]): match["name"].strip() for match in matches if match}


def sightings_of_text(lines):
    names = component_names(lines)
    for line in lines:
        match = LINE.match(line)
        if match:
            moment = datetime.datetime.fromisoformat(f"{match['date']} {match['clock']}")
            seconds = int(moment.replace(tzinfo=LOCAL_TIME).timestamp())
            component = int(match["component"])
            yield {"time": seconds * 10**7 + int(match["fraction"]) // 100,
                   "direction": DIRECTIONS.get(match["direction"], "unknown"),
                   "component": names.get(component, str(component)), "component_id": component,
                   "original": int(match["original"]), "logged": int(match["logged"]),
                   **{key: int(match[key]) for key in NUMBERS}}


def sightings_of_pcapng(trace):
    with oracle.Converted(trace, "--all-appearances") as path:
        for packet in oracle.pcapng_packets(path):
            comment = packet["comment"]
            yield {"time": packet["time"], "direction": packet["direction"],
                   "component": comment.get("component"), "interface": packet["interface_number"],
                   "original": packet["original"], "logged": packet["captured"],
                   **{key: int(comment.get(key, "0")) for key in NUMBERS}}


def main():
    text = oracle.need_real("pktmon-win10-19042.etl2txt.txt")
    expected = list(sightings_of_text(text.read_text(encoding="utf-8-sig").splitlines()))
    found = list(sightings_of_pcapng(oracle.need_real("pktmon-win10-19042.etl")))
    oracle.equal("sightings in the text", len(expected), 1111)
    oracle.equal("sightings converted", len(found), len(expected))
    # The text lists equal times in an order of its own, so ties are put into one order.
    def order(row):
        return tuple(row[member] for member in ("time", "group", "number", "appearance"))

    times = [row["time"] for row in found]
    oracle.equal("times never go back", times, sorted(times))
    places = {}  # names repeat, so an interface must also stand for one component id and edge
    for place, (ours, theirs) in enumerate(
            zip(sorted(found, key=order), sorted(expected, key=order))):
        for member in MEMBERS:
            oracle.equal(f"sighting {place}: {member}", ours[member], theirs[member])
        where = (theirs["component_id"], theirs["edge"])
        first = places.setdefault(ours["interface"], where)
        oracle.equal(f"sighting {place}: component and edge of its interface", first, where)
    oracle.finish(f"{len(found)} sightings equal in {', '.join(MEMBERS)}")


main()

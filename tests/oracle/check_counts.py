#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`info` of every real trace says what independent parsers counted (counts.tsv)."""
import csv

import oracle

COLUMNS = {
    "bytes": lambda i: i["file"]["size"],
    "buffers": lambda i: i["buffers"]["total"],
    "compressed": lambda i: i["buffers"]["compressed"],
    "records": lambda i: i["records"]["found"],
    "cpus": lambda i: i["system"]["cpus"],
    "events_lost": lambda i: i["lost"]["events"],
    "buffers_lost": lambda i: i["lost"]["buffers"],
    "sightings": lambda i: i["packets"]["sightings"],
    "packets": lambda i: i["packets"]["total"],
}


def check(row):
    name = row["file"]
    info = oracle.info(oracle.need_real(name))
    if not info:
        return
    for column, get in COLUMNS.items():
        oracle.equal(f"{name}: {column}", get(info), int(row[column]))
    kinds = dict(part.split(": ") for part in row["by_kind"].split(", "))
    kinds = {kind: int(count) for kind, count in kinds.items()}
    oracle.equal(f"{name}: by_kind", info["records"]["by_kind"], kinds)
    oracle.equal(f"{name}: skipped", info["records"]["skipped"], [])
    oracle.equal(f"{name}: delivered", info["records"]["delivered"], info["records"]["found"])
    oracle.equal(f"{name}: records of all providers",
                 sum(provider["events"] for provider in info["providers"]),
                 info["records"]["found"])
    packets = info["packets"]
    oracle.equal(f"{name}: directions add up",
                 packets["in"] + packets["out"] + packets["unknown"], packets["total"])
    oracle.equal(f"{name}: packets of all interfaces",
                 sum(interface["packets"] for interface in info["interfaces"]), packets["total"])


def main():
    with open(oracle.need_real(), encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    for row in rows:
        check(row)
    oracle.finish(f"{len(rows)} traces agree with counts.tsv")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_variants.py PROGRAM MAKER SAMPLES: the reader finds what the independent writer wrote.

MAKER (etwtrail-samples) writes every odd form of a trace it knows and prints the truth about it;
`info`, `packets` and `convert` must say the same. The samples of the project must come out byte for
byte as they are stored.
"""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
PROGRAM, MAKER, SAMPLES = sys.argv[1:4]
sys.argv[1:] = [PROGRAM, "/nonexistent", SAMPLES]
import oracle  # noqa: E402  (reads the arguments)

LINKS = {1: "ethernet", 9: "ppp", 101: "ip", 105: "wifi", 127: "wifi"}
SAMPLES_MADE = (("session", "tcp-session.etl"), ("pktmon", "pktmon-drop.etl"),
                ("wifi", "wifi-radiotap.etl"), ("vmswitch", "vmswitch.etl"),
                ("ras", "ras-ppp.etl"), ("mixed", "mixed-kinds.etl"))


def make(*arguments):
    done = subprocess.run([MAKER, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def read_truth(lines):
    truth = {"rows": []}
    for line in lines:
        key, *values = line.split()
        if key == "packet":
            time, direction, captured, original, link, *rest = values
            extras = dict(part.partition("=")[::2] for part in rest)
            truth["rows"].append({"time": time, "direction": direction, "captured": int(captured),
                                  "length": int(original), "link": link,
                                  "sightings": int(extras.get("sightings", "1")),
                                  "dropped": "drop" in extras})
        else:
            truth[key] = values[0]
    return truth


def check(name, trace, truth):
    # 3: bytes were left out, which is so in the damaged ones only.
    info = oracle.json.loads(oracle.etwtrail("info", "--format", "json", trace, expected=(0, 3)))
    skipped = {entry["reason"]: entry["count"] for entry in info["records"]["skipped"]}
    # Whole records of a kind nobody knows are readable to the writer.
    readable = info["records"]["delivered"] + skipped.get("record-unknown-kind", 0)
    for key, found in (("buffers", info["buffers"]["total"]),
                       ("records", readable),
                       ("events_lost", info["lost"]["events"]),
                       ("buffers_lost", info["lost"]["buffers"]),
                       ("packets", info["packets"]["total"])):
        oracle.equal(f"{name}: {key}", str(found), truth[key])
    # The truth leaves records of the header buffer out of first and last, the reader does not.
    times = info["times"]
    if "last_time" in truth:
        oracle.equal(f"{name}: last_time", times.get("last"), truth["last_time"])
        if times.get("first", "9") > truth["first_time"]:
            oracle.fail(f"{name}: first {times.get('first')}, written {truth['first_time']}")
    oracle.equal(f"{name}: found = delivered + skipped", info["records"]["found"],
                 info["records"]["delivered"] + sum(skipped.values()))

    output = oracle.etwtrail("packets", "--format", "ndjson", trace, expected=(0, 3))
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    target = trace.with_suffix(".pcapng")
    oracle.etwtrail("convert", "--force", trace, "-o", target, expected=(0, 3))
    written = list(oracle.pcapng_packets(target)) if target.exists() else []
    oracle.equal(f"{name}: rows", len(rows), len(truth["rows"]))
    oracle.equal(f"{name}: packets written", len(written), len(truth["rows"]))
    for number, (row, packet, true) in enumerate(zip(rows, written, truth["rows"]), 1):
        place = f"{name}: frame {number}"
        for key in ("time", "direction", "captured", "length"):
            oracle.equal(f"{place}: {key}", row[key], true[key])
        oracle.equal(f"{place}: sightings", row.get("appearances", 1), true["sightings"])
        oracle.equal(f"{place}: dropped", "drop" in row, true["dropped"])
        oracle.equal(f"{place}: link", LINKS.get(packet["link"]), true["link"])
        oracle.equal(f"{place}: bytes written", packet["captured"], true["captured"])
        oracle.equal(f"{place}: wire bytes written", packet["original"], true["length"])


def main():
    names = [line.split()[0] for line in make("variants")]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in names:
            trace = folder / f"{name}.etl"
            check(name, trace, read_truth(make("variant", name, trace)))
        for kind, stored in SAMPLES_MADE:
            trace = folder / stored
            truth = read_truth(make(kind, trace))
            check(stored, trace, truth)
            oracle.equal(f"{stored}: the same bytes as stored",
                         trace.read_bytes() == (oracle.SAMPLES / stored).read_bytes(), True)
    oracle.finish(f"{len(names)} variants and {len(SAMPLES_MADE)} samples as written")


main()

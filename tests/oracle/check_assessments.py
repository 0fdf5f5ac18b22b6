#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_assessments.py PROGRAM REAL SAMPLES MAKER: the assessments of machines that merging adds
to traces are packed; unpacked they are well-formed XML of the size that the record states."""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
MAKER = sys.argv.pop(4)
import oracle  # noqa: E402  (reads the arguments)


def check(trace):
    output = oracle.etwtrail("events", "--provider", "WinSAT", "--format", "ndjson", trace,
                             expected=(0, 3))
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    for row in rows:
        fields = row["fields"]
        place = f"{trace.name}: {row['name']}"
        # A NUL ends the text that the record counts.
        oracle.equal(f"{place}: bytes", len((fields["Xml"] + "\0").encode("utf-16-le")),
                     fields["UnpackedSize"])
        try:
            root = xml.etree.ElementTree.fromstring(fields["Xml"]).tag
        except xml.etree.ElementTree.ParseError as error:
            oracle.fail(f"{place}: {error}")
            continue
        oracle.equal(f"{place}: root", root, row["name"])
    return len(rows)


def main():
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "assessment.etl"
        subprocess.run([MAKER, "variant", "assessment", made], check=True, capture_output=True)
        oracle.equal("assessment.etl: records", check(made), 1)
    found = sum(check(trace) for trace in sorted(oracle.REAL.glob("*.etl")))
    oracle.finish(f"1 made and {found} real assessments are well-formed")


main()

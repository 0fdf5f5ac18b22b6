#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_owners.py ROWS TRUTH: are the owners of packets those of the truth?

ROWS is what `etwtrail packets --format ndjson` printed (`-`: standard input). TRUTH is the
NAME.truth.json of a sample, or one line for each packet:

    {"frame": 3, "pid": 1504, "process": "RTCSrv.exe"}
    {"frame": 4, "pid": null, "reason": "shared", "candidates": [1876, 5210]}

`process`, `reason` and `candidates` may be missing; what is missing is not compared. One line of
counts is printed, then up to 20 disagreements:

    packets       in the truth
    truth_named   with an owner there
    found         of these: rows with that owner
    wrong         rows that name another process, or one where the truth has none
    wrong_certain of these: rows that call it certain
    wrong_reason  rows and truth without owner, for another reason or with other candidates
    missed        with an owner in the truth, without one in the rows

Exit status 1: more than --most-wrong are wrong, less than the share --least-found of truth_named
was found, a packet of the truth has no row, or, with --reasons, a reason is wrong; 2: ROWS or TRUTH
cannot be read.
"""
import argparse
import json
import sys

MOST_SHOWN = 20
COUNTS = ("packets", "truth_named", "found", "wrong", "wrong_certain", "wrong_reason", "missed")


def read_text(path):
    if path == "-":
        return sys.stdin.read()
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def read_truth(text):
    """Entries by frame; a sample's truth is one document, its packets have numbers."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and "packets" in document:
        return {packet["number"]: packet for packet in document["packets"]}
    return {entry["frame"]: entry for entry in read_lines(text)}


def is_other_name(true, shown):
    """Only names that both have can differ; Windows does not tell small letters from capitals."""
    return bool(true and shown) and true.casefold() != shown.casefold()


def describe(entry):
    if entry.get("pid") is not None:
        return f"{entry.get('process') or 'pid'} ({entry['pid']})"
    candidates = entry.get("candidates")
    text = f"nobody ({entry.get('reason') or 'no reason given'})"
    return text + (f" of {sorted(candidates)}" if candidates else "")


def verdict_of(row):
    """What a row says, in the form of the truth."""
    owner = row.get("owner")
    if owner:
        return {"pid": owner["pid"], "process": owner.get("process")}
    pids = [candidate["pid"] for candidate in row.get("candidates", [])]
    return {"pid": None, "reason": row.get("reason"), "candidates": pids}


def is_wrong_reason(true, said):
    if true.get("reason") and said["reason"] != true["reason"]:
        return True
    candidates = true.get("candidates")
    return candidates is not None and sorted(candidates) != sorted(said["candidates"])


def judge(true, said):
    """The counts that one packet belongs to."""
    if said["pid"] is None:
        if true["pid"] is not None:
            return "missed"
        return "wrong_reason" if is_wrong_reason(true, said) else "right"
    if said["pid"] != true["pid"] or is_other_name(true.get("process"), said["process"]):
        return "wrong"
    return "found"


def compare(rows, truth):
    """Counts, disagreements as texts, and how many packets have no row."""
    counts, shown, without_row = dict.fromkeys(COUNTS, 0), [], 0
    rows = {row["frame"]: row for row in rows}
    for frame, true in sorted(truth.items()):
        counts["packets"] += 1
        counts["truth_named"] += true["pid"] is not None
        if frame not in rows:
            without_row += 1
            shown.append(f"frame {frame}: no row; truth: {describe(true)}")
            continue
        said = verdict_of(rows[frame])
        result = judge(true, said)
        if result != "right":
            counts[result] += 1
        if result == "wrong":
            counts["wrong_certain"] += rows[frame].get("confidence") == "certain"
        if result not in ("right", "found"):
            confidence = rows[frame].get("confidence")
            sure = f", {confidence}" if confidence else ""
            shown.append(f"frame {frame}: {result}: {describe(said)}{sure}; "
                         f"truth: {describe(true)}")
    return counts, shown, without_row


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compares owners of packets with the truth.")
    parser.add_argument("rows", metavar="ROWS")
    parser.add_argument("truth", metavar="TRUTH")
    parser.add_argument("--most-wrong", type=int, default=0, metavar="N")
    parser.add_argument("--least-found", type=float, default=0.0, metavar="SHARE",
                        help="from 0 to 1")
    parser.add_argument("--reasons", action="store_true",
                        help="a wrong reason is a failure, too")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        rows = read_lines(read_text(arguments.rows))
        truth = read_truth(read_text(arguments.truth))
        counts, shown, without_row = compare(rows, truth)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"check_owners.py: cannot be read: {error!r}", file=sys.stderr)
        return 2
    print(" ".join(f"{name}={counts[name]}" for name in COUNTS))
    for text in shown[:MOST_SHOWN]:
        print(text)
    if len(shown) > MOST_SHOWN:
        print(f"and {len(shown) - MOST_SHOWN} more")
    too_few = counts["found"] < arguments.least_found * counts["truth_named"]
    failed = (counts["wrong"] > arguments.most_wrong or too_few or without_row > 0 or
              (arguments.reasons and counts["wrong_reason"] > 0))
    return 1 if failed else 0


sys.exit(main())

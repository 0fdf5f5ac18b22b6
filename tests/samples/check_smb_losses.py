#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb_losses.py PROGRAM MAKER SAMPLES PRINT_SMB: traces with lost, repeated and exchanged packets
tell of the same SMB messages as the whole trace.

The scenarios of SMB are made again with some of their packets changed. Repeated packets and packets
of one direction that come in another order change nothing. When packets are lost, fewer messages
are found, but each one is a message of the whole trace, member by member unless it is said to be
cut, and the number of bytes that are missing is said.
"""
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
PROGRAM, MAKER, SAMPLES, PRINT_SMB = sys.argv[1:5]
sys.argv[1:] = [PROGRAM, "/nonexistent", SAMPLES]
import oracle  # noqa: E402  (reads the arguments)

CUT = 0x1000
ROUNDS = 12
# Where and when a message was seen depends on the packets; which connection it is, on the first.
PLACES = ("frame", "last_frame", "time", "last_time", "connection")


def is_packet(line):
    return " tcp " in line and not line.startswith("#")


def messages(text, folder):
    """What is found in the trace made of a scenario: messages without their places, and sums."""
    scenario, trace = folder / "lossy.txt", folder / "lossy.etl"
    scenario.write_text(text)
    subprocess.run([MAKER, "scenario", str(scenario), str(trace)], check=True,
                   stdout=subprocess.DEVNULL)
    lines = oracle.run(PRINT_SMB, trace).decode().splitlines()
    rows = [dict(part.split("=", 1) for part in line.split("\t")) for line in lines]
    sums = {name: int(value) for name, value in rows.pop().items()}
    for row in rows:
        row["has"] = int(row["has"])
        for name in PLACES:
            del row[name]
    return rows, sums


def key(row):
    """What any message has that has a header."""
    return (row["kind"], row["number"], row["id"], row.get("session"), row["size"],
            row["has"] & 0x80)


def repeat(lines, chance):
    return [line for line in lines for _ in range(2 if is_packet(line) and chance() < 0.2 else 1)]


def exchange(lines, chance):
    """Neighbours that carry data the same way change places, but not their times."""
    lines = list(lines)
    for i in range(len(lines) - 1):
        one, other = lines[i], lines[i + 1]
        parts, others = one.split(" ", 1), other.split(" ", 1)
        if (is_packet(one) and is_packet(other) and "zeros=" in one and "zeros=" in other
                and parts[1].split()[2:6] == others[1].split()[2:6] and chance() < 0.5):
            lines[i], lines[i + 1] = f"{parts[0]} {others[1]}", f"{others[0]} {parts[1]}"
    return lines


def lose(lines, chance):
    return [line for line in lines if not is_packet(line) or chance() > 0.05]


def check_same(name, change, whole, found, sums):
    by_key = sorted(map(str, found)), sorted(map(str, whole))
    oracle.equal(f"{name}: {change}: messages", by_key[0], by_key[1])
    oracle.equal(f"{name}: {change}: missing bytes", sums["missing"], 0)


def check_lossy(name, seed, whole, found, sums):
    known = {}
    for row in whole:
        known.setdefault(key(row), []).append(row)
    for row in found:
        if key(row) not in known:
            oracle.fail(f"{name}: loss {seed}: a message that was never sent: {row}")
        elif not row["has"] & CUT and row not in known[key(row)]:
            oracle.fail(f"{name}: loss {seed}: {row} is not {known[key(row)]}")
    if len(found) < len(whole) * 6 // 10:
        oracle.fail(f"{name}: loss {seed}: only {len(found)} of {len(whole)} messages")
    return sums["missing"]


def check(path, folder):
    lines = path.read_text().splitlines()
    whole, _ = messages("\n".join(lines) + "\n", folder)
    missing = 0
    for seed in range(ROUNDS):
        chance = random.Random(seed).random
        for change in (repeat, exchange):
            found, sums = messages("\n".join(change(lines, chance)) + "\n", folder)
            check_same(path.name, f"{change.__name__} {seed}", whole, found, sums)
        found, sums = messages("\n".join(lose(lines, chance)) + "\n", folder)
        missing += check_lossy(path.name, seed, whole, found, sums)
    if missing == 0:  # what is lost at the end of a stream is not known to be
        oracle.fail(f"{path.name}: no missing bytes")
    return len(whole)


def main():
    paths = sorted((pathlib.Path(SAMPLES) / "scenarios").glob("smb-samba*.txt"))
    with tempfile.TemporaryDirectory() as folder:
        count = sum(check(path, pathlib.Path(folder)) for path in paths)
    if count == 0:
        oracle.fail("no messages")
    oracle.finish(f"{count} messages, in {ROUNDS} changed traces of each kind")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_session.py PROGRAM REAL_TRACES SAMPLES MAKER [--one-form]: a recording in several files gives
the same output as in one, whatever the order in which the files are named; files that do not belong
together are refused with the reason. With --one-form each sample is split in one way, and the ways
take turns."""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
import oracle  # noqa: E402
import split_trace  # noqa: E402

# Stored beside the samples, to try it with: form, sample and names of the parts.
STORED = (("series", "upload", ("upload_1", "upload_2")),
          ("halves", "kernel-tcp", ("kernel-tcp-user", "kernel-tcp-kernel")))
MAKER = sys.argv[4]
ROWS = (("packets",), ("who",), ("sockets",), ("timeline", "--verbose"))


def run(*arguments):
    done = subprocess.run([oracle.PROGRAM, *map(str, arguments)], capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


# ---- the same output ----

def translate(value, places):
    """Every place becomes the one in the whole trace."""
    if isinstance(value, list):
        return [translate(element, places) for element in value]
    if not isinstance(value, dict):
        return value
    found = {name: translate(member, places) for name, member in value.items() if name != "file"}
    if "offset" in value:
        found["offset"] = places[value["file"] - 1][value["offset"]]
    return found


def strip(value):
    if isinstance(value, list):
        return [strip(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {name: strip(member) for name, member in value.items()
            if name not in ("file", "offset")}


def rows_of(places, verb, *arguments):
    """`places`: [] when they are those of the whole, else of each file, or None: leave them out."""
    status, output, messages = run(*verb, *arguments, "--format", "ndjson")
    oracle.equal(f"{verb} {arguments}: exit status", (status, messages if status else ""), (0, ""))
    rows = [json.loads(line) for line in output.splitlines()]
    if places is None or None in places:
        return [strip(row) for row in rows]
    return [translate(row, places) for row in rows] if places else rows


def blocks_of(capture):
    """The blocks of a pcapng; of the section's, the comment that names the files is left out."""
    at = 0
    while at < len(capture):
        kind, size = struct.unpack_from("<II", capture, at)
        block = capture[at:at + size]
        at += size
        if kind != 0x0A0D0D0A:
            yield block
            continue
        option = 24
        while option + 4 <= size - 4:
            code, length = struct.unpack_from("<HH", block, option)
            value = block[option + 4:option + 4 + length]
            option += 4 + (length + 3 & ~3)
            if code == 0:
                break
            if not value.startswith(b"converted from "):
                yield code, value


def same_blocks(what, whole, parts):
    found, expected = list(blocks_of(parts)), list(blocks_of(whole))
    oracle.equal(f"{what}: blocks", len(found), len(expected))
    for number, (left, right) in enumerate(zip(found, expected)):
        if left != right:
            oracle.fail(f"{what}: block {number} is {left!r}, expected {right!r}")
            return


def check_parts(folder, whole, what, parts):
    """`parts`: bytes and places of each file; places are None where they cannot be told."""
    paths = [folder / f"part_{number}.etl" for number in (1, 2)]
    places = [part[1] for part in parts]
    for path, part in zip(paths, parts):
        path.write_bytes(part[0])
    for verb in ROWS:
        expected = rows_of([] if places[0] else None, verb, whole)
        oracle.equal(f"{what}: {verb}", rows_of(places, verb, *paths), expected)
    # Records about a file itself stand in every header buffer.
    head = struct.unpack_from("<I", whole.read_bytes())[0]
    if places[0]:
        expected = [row for row in rows_of([], ("events",), whole) if row["offset"] >= head]
        found = [row for row in rows_of(places, ("events",), *paths) if row["offset"] >= head]
        oracle.equal(f"{what}: events", found, expected)
    pcapngs = []
    for order in ([whole], paths, paths[::-1]):
        target = folder / "out.pcapng"
        status, _, messages = run("convert", *order, "-o", target, "--force", "--events")
        oracle.equal(f"{what}: convert {messages}", status, 0)
        pcapngs.append(target.read_bytes())
    same_blocks(what, pcapngs[0], pcapngs[1])
    oracle.equal(f"{what}: the order of the arguments does not show", pcapngs[1] == pcapngs[2],
                 True)


def check_same(folder, whole, turn=None):
    data = whole.read_bytes()
    forms = dict(split_trace.FORMS)
    if split_trace.is_compressed(data):
        forms = {"buffers": split_trace.as_whole_buffers}
    elif not whole.name.startswith("kernel-"):
        del forms["halves"]  # there is little of the kernel logger
    chosen = list(forms) if turn is None else [list(forms)[turn % len(forms)]]
    for form in chosen:
        check_parts(folder, whole, f"{whole.name} as {form}", forms[form](data))


def make(folder, *options):
    path = folder / "world.etl"
    subprocess.run([MAKER, "world", path, "--truth", folder / "truth", *options], check=True,
                   capture_output=True)
    return path


# ---- what is refused, and what is not ----

REFUSED = {
    "but 2024-01-01T00:00:00.0000000Z in b.etl": {"boot": 133485408000000000},
    "2024-01-02T02:04:05.1234567Z in a.etl, but not known in b.etl": {"boot": 0},
    "the clock is performance counter in a.etl, but CPU cycles in b.etl": {"clock": 3},
    "the clock frequency is 2338525 ticks per second in a.etl, but 3000000 ": {
        "frequency": 3000000},
    "the Windows version is 10.0.19045 in a.etl, but 10.0.22000 in b.etl": {"build": 22000},
    "the number of processors is 2 in a.etl, but 4 in b.etl": {"cpus": 4},
}
HONEST = {"told another version": {"version": 0x0206, "build": 9200},
          "one list of buffers": {"cpus": 1, "mode": 0x10000001},
          "a 32-bit program": {"pointer_size": 4}}


def refused(what, reason, *paths, verb="packets"):
    status, output, messages = run(verb, *paths)
    oracle.equal(f"{what}: {messages}", (status, output, reason in messages), (1, b"", True))


def check_refusals(folder, whole):
    (first, _), (second, _) = split_trace.as_series(whole.read_bytes())
    a, b = folder / "a.etl", folder / "b.etl"
    a.write_bytes(first)
    for reason, fields in REFUSED.items():
        b.write_bytes(split_trace.change(second, **fields))
        for order in ((a, b), (b, a)):
            status, output, messages = run("packets", *order)
            messages = messages.replace(f"{folder}/", "")
            oracle.equal(f"{fields}: {messages}", (status, output, reason in messages),
                         (1, b"", True))
    expected = run("packets", whole)[1]
    for name, fields in HONEST.items():
        b.write_bytes(split_trace.change(second, **fields))
        status, output, messages = run("packets", a, b)
        oracle.equal(f"{name}: {messages}", (status, output), (0, expected))
    b.write_bytes(second)
    refused("twice", "a.etl was named twice", a, b, a)
    shutil.copy(a, folder / "copy.etl")
    refused("a copy", "hold the same events", a, b, folder / "copy.etl")
    (folder / "link.etl").symlink_to(a)
    refused("a link", "hold the same events", a, folder / "link.etl")
    refused("a part and the whole", "hold the same events", whole, a)
    refused("no trace", "check_session.py: this is no ETL trace", a, __file__)
    refused("no file", "nothing.etl cannot be opened", a, folder / "nothing.etl")


def check_damage(folder, whole):
    (first, _), (second, _) = split_trace.as_series(whole.read_bytes())
    a, b = folder / "a.etl", folder / "b.etl"
    a.write_bytes(first)
    b.write_bytes(second[:-100])
    target = folder / "out.pcapng"
    status, _, messages = run("convert", a, b, "-o", target, "--force")
    oracle.equal("a cut second file", (status, "of b.etl)" in messages, target.exists()),
                 (3, True, True))
    info = json.loads(run("info", a, b, "--format", "json")[1])
    oracle.equal("file of the finding", [finding["file"] for finding in info["findings"]], [2])
    b.write_bytes(second[:0x48 + 0x20])
    refused("only a header", "b.etl: ", a, b)


def check_losses_and_names(folder, whole):
    """What was lost adds up; without -o the output is named after the first."""
    (first, _), (second, _) = split_trace.as_series(whole.read_bytes())
    a, b = folder / "a.etl", folder / "b.etl"
    a.write_bytes(split_trace.change(first, lost=3))
    b.write_bytes(split_trace.change(second, lost=4))
    info = json.loads(run("info", b, a, "--format", "json")[1])
    oracle.equal("lost", info["lost"]["events"], 7)
    oracle.equal("names", [file["name"] for file in info["files"]], ["a.etl", "b.etl"])
    oracle.equal("lost in each", [file["lost"]["events"] for file in info["files"]], [3, 4])
    oracle.equal("one file has no list", "files" in json.loads(run("info", a, "--format",
                                                                   "json")[1]), False)
    status, _, messages = run("convert", b, a)
    oracle.equal(messages, (status, (folder / "b.pcapng").exists()), (0, True))
    status, _, messages = run("convert", a, b, "-o", b, "--force")
    oracle.equal(messages, (status, "is the trace itself" in messages), (1, True))


def check_stored():
    for form, sample, names in STORED:
        parts = split_trace.FORMS[form]((oracle.SAMPLES / f"{sample}.etl").read_bytes())
        for name, part in zip(names, parts):
            stored = (oracle.SAMPLES / "several" / f"{name}.etl").read_bytes()
            oracle.equal(f"{name}: as it is stored", stored == part[0], True)


def check_gap(folder, whole):
    """A series without its middle: said, and no owner is certain any more without an event."""
    data = whole.read_bytes()
    head = struct.unpack_from("<I", data)[0]
    size = struct.unpack_from("<I", data, head)[0]
    buffers = [data[at:at + size] for at in range(head, len(data), size)]
    third = len(buffers) // 3
    header = split_trace.Header(data)
    paths = []
    for number in range(3):
        first = split_trace.change(data[:head], mode=9, start=header.start + number)
        paths.append(folder / f"series_{number + 1}.etl")
        end = None if number == 2 else third * (number + 1)
        paths[-1].write_bytes(first + b"".join(buffers[third * number:end]))
    for names, gaps in ((paths, 0), (paths[:2], 0), (paths[1:], 0), (paths[::2], 1)):
        status, output, messages = run("who", *names, "--format", "ndjson")
        oracle.equal(f"a gap: {messages}", (status, "of series_3.etl)" in messages), (0, gaps > 0))
        certain = [row for row in map(json.loads, output.splitlines())
                   if row.get("confidence") == "certain" and
                   row["evidence"][0]["rule"] != "data-event"]
        oracle.equal("certain in spite of a gap", len(certain) > 0, gaps == 0)
        info = json.loads(run("info", *names, "--format", "json")[1])
        found = [(finding["name"], finding["file"]) for finding in info["findings"]
                 if finding["name"] == "series-gap"]
        oracle.equal("finding", found, [("series-gap", 2)] * gaps)


def check_real():
    """Four recordings of one machine between two starts of it."""
    names = ["image-v0-32bit", "process-v1-32bit", "process-v2-64bit", "process-v3-32bit"]
    paths = [oracle.REAL / f"{name}.etl" for name in names]
    if not all(path.is_file() for path in paths):
        print("without the real traces")
        return
    single = [json.loads(run("info", path, "--format", "json")[1]) for path in paths]
    together = json.loads(run("info", *paths[::-1], "--format", "json")[1])
    oracle.equal("real: names", [file["name"] for file in together["files"]],
                 [path.name for path in paths])
    oracle.equal("real: records", together["records"]["found"],
                 sum(info["records"]["found"] for info in single))
    refused("real: another machine", "the start of the computer is ", paths[0],
            oracle.REAL / "kernel-network-win7.etl")
    for number in (2, 3):
        refused("real: another start", "the start of the computer is ",
                oracle.REAL / "private-logger-wpp-1.etl",
                oracle.REAL / f"private-logger-wpp-{number}.etl")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, whole in enumerate(oracle.sample_traces()):
            check_same(folder, whole, number if "--one-form" in sys.argv else None)
        for options in (["--packets", "1500", "--seed", "5"],
                        ["--packets", "1500", "--seed", "6", "--compressed", "--cpus", "4"]):
            check_same(folder, make(folder, *options))
        session = oracle.SAMPLES / "tcp-session.etl"
        check_refusals(folder, session)
        check_damage(folder, session)
        check_losses_and_names(folder, session)
        check_gap(folder, make(folder, "--packets", "2000", "--seed", "3"))
        check_stored()
        check_real()
    oracle.finish("recordings in several files read as in one; what does not belong together is "
                  "refused")


main()

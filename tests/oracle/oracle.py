# SPDX-License-Identifier: MIT
"""What the oracle scripts share: arguments, skipping, running programs, reading pcapng.

Every script is called as   check_X.py PROGRAM REAL_TRACES SAMPLES   and ends with 0 (holds),
1 (does not hold, each difference printed) or 77 (cannot be checked here, said in a SKIP: line).
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

PROGRAM, REAL, SAMPLES = (pathlib.Path(argument) for argument in sys.argv[1:4])
_failures = []


def skip(why):
    print(f"SKIP: {pathlib.Path(sys.argv[0]).stem}: {why}")
    sys.exit(77)


def need_real(name="counts.tsv"):
    """A file among the real traces; without them the test is skipped."""
    path = REAL / name
    if not path.is_file():
        skip(f"the real traces are not there ({name})")
    return path


def need_tool(name):
    if not shutil.which(name):
        skip(f"{name} is not installed")
    return name


def real_traces():
    need_real()
    return sorted(REAL.glob("*.etl"))


def sample_traces():
    return sorted(SAMPLES.glob("*.etl"))


def fail(text):
    _failures.append(text)
    if len(_failures) <= 40:
        print(text)


def equal(what, found, expected):
    if found != expected:
        fail(f"{what}: {found!r}, expected {expected!r}")


def finish(summary):
    if _failures:
        print(f"{len(_failures)} differences")
        sys.exit(1)
    print(summary)
    sys.exit(0)


def run(*command, expected=(0,)):
    """Runs a program; its standard output. An unexpected exit status is a failure."""
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if done.returncode not in expected:
        shown = " ".join(str(part) for part in command)
        said = done.stderr.decode("utf-8", "replace")[:800]
        fail(f"{shown}: exit status {done.returncode}\n{said}")
    return done.stdout


def etwtrail(*arguments, expected=(0,)):
    return run(PROGRAM, *arguments, expected=expected)


def info(trace):
    output = etwtrail("info", "--format", "json", trace)
    return json.loads(output) if output else {}


def packet_rows(trace, *options):
    lines = etwtrail("packets", "--format", "ndjson", *options, trace).decode().splitlines()
    return [json.loads(line) for line in lines]


class Converted:
    """with Converted(trace, "--all-appearances") as path: a pcapng file that goes away after."""

    def __init__(self, trace, *options):
        self.trace, self.options = trace, options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "out.pcapng"
        etwtrail("convert", *self.options, self.trace, "-o", self.path)
        return self.path

    def __exit__(self, *ignored):
        self.folder.cleanup()


def _options(body, order="<"):
    position = 0
    while position + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, position)
        if code == 0:
            return
        yield code, body[position + 4 : position + 4 + size]
        position += 4 + (size + 3) // 4 * 4


RADIOTAP = 127


def pcapng_packets(path):
    """Every packet as a dictionary, read by nothing but the pcapng draft. Times in 100 ns. Sizes and
    data are those of the frame, without its radiotap header."""
    data = path.read_bytes()
    position = 0
    interfaces = []
    while position < len(data):
        kind, size = struct.unpack_from("<II", data, position)
        body = data[position + 8 : position + size - 4]
        trailer = struct.unpack_from("<I", data, position + size - 4)[0]
        if size % 4 or trailer != size:
            fail(f"{path.name}: block at {position} has sizes {size} and {trailer}")
            return
        if kind == 1:
            link = struct.unpack_from("<H", body)[0]
            options = dict(_options(body[8:]))
            interfaces.append((link, options.get(2, b"").decode(), options.get(9, b"\x06")[0]))
        elif kind == 6:
            number, high, low, captured, original = struct.unpack_from("<IIIII", body)
            link, name, resolution = interfaces[number]
            options = list(_options(body[20 + (captured + 3) // 4 * 4 :]))
            comments = [value.decode() for code, value in options if code == 1]
            flags = next((struct.unpack("<I", v)[0] for code, v in options if code == 2), 0)
            ids = [struct.unpack("<Q", v)[0] for code, v in options if code == 5]
            data_start, radiotap = 20, b""
            if link == RADIOTAP:
                size_of_header = struct.unpack_from("<H", body, 22)[0]
                radiotap = body[20 : 20 + size_of_header]
                data_start += size_of_header
                captured -= size_of_header
                original -= size_of_header
            yield {
                "radiotap": radiotap,
                "time": (high << 32 | low) * 10**7 // 10**resolution,
                "link": link,
                "interface_number": number,
                "interface": name,
                "captured": captured,
                "original": original,
                "direction": ("unknown", "in", "out", "unknown")[flags & 3],
                "packet_id": ids[0] if ids else None,
                "data": body[data_start : data_start + captured],
                "comment": comment_keys(comments[0] if comments else ""),
            }
        position += size


def comment_keys(text):
    """key=value pairs of a comment; a value in quotes is a JSON string."""
    keys = {}
    position = 0
    decoder = json.JSONDecoder()
    while position < len(text):
        equals = text.find("=", position)
        if equals < 0:
            break
        key = text[position:equals].strip()
        if text[equals + 1 : equals + 2] == '"':
            value, position = decoder.raw_decode(text, equals + 1)
        else:
            end = text.find(" ", equals)
            end = len(text) if end < 0 else end
            value, position = text[equals + 1 : end], end
        keys[key] = value
    return keys

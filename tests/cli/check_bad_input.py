#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_bad_input.py PROGRAM FOLDER...: bad input, bad output and wrong usage, as a user meets them.

Every case: the right exit status, one clear line on standard error that names what is wrong, and
nothing half-written in the folder of the output. The first trace with packets in the folders is used.
"""
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile

PROGRAM, *FOLDERS = sys.argv[1:]
DONE, FAILED, USAGE, DAMAGED = range(4)
failures = []


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output="stdout" not in options,
                          check=False, timeout=60, **options)


def expect(what, done, status, words=()):
    said = (done.stderr or b"").decode("utf-8", "replace")
    if done.returncode != status:
        failures.append(f"{what}: exit status {done.returncode}, expected {status}: {said!r}")
    for word in words:
        if word.lower() not in said.lower():
            failures.append(f"{what}: does not say {word!r}: {said!r}")
    if status in (FAILED, USAGE) and not 1 <= len(said.splitlines()) <= 2:
        failures.append(f"{what}: {len(said.splitlines())} lines instead of one sentence: {said!r}")


def expect_only(what, folder, names):
    found = sorted(path.name for path in pathlib.Path(folder).iterdir())
    if found != sorted(names):
        failures.append(f"{what}: the folder has {found}, expected {sorted(names)}")


def find_trace():
    for folder in FOLDERS:
        for trace in sorted(pathlib.Path(folder).glob("*.etl")):
            if run("packets", "--format", "ndjson", trace).stdout:
                return trace
    print("SKIP: bad_input: no trace with packets")
    sys.exit(77)


def check_inputs(work):
    """What is not a trace is refused, by the name of what it is where it has one."""
    contents = {
        "empty.etl": (b"", ["empty"]),
        "text.etl": (b"this is a letter and no trace\n" * 40, ["text"]),
        "packets.etl": (struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) * 8, ["pcap"]),
        "ng.etl": (struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28), ["pcapng"]),
        "cabinet.etl": (b"MSCF" + bytes(200), ["cab"]),
        "archive.etl": (b"PK\x03\x04" + bytes(200), ["zip"]),
        "log.etl": (b"ElfFile\x00" + bytes(5000), ["evtx"]),
        "zeros.etl": (bytes(5000), []),
        "short.etl": (b"\x00\x04", []),
    }
    for name, (data, words) in contents.items():
        path = work / name
        path.write_bytes(data)
        for verb in ("info", "packets", "convert"):
            expect(f"{verb} {name}", run(verb, path), FAILED, [name, *words])
    expect_only("refused inputs", work, contents)
    expect("missing", run("info", work / "missing.etl"), FAILED, ["missing.etl"])
    expect("directory", run("info", work), FAILED, ["directory"])
    os.mkfifo(work / "pipe.etl")
    expect("pipe", run("info", work / "pipe.etl"), FAILED, ["pipe.etl"])


def check_unreadable(work, trace):
    """Without permission. Root may read everything, so root becomes somebody else."""
    locked = work / "locked.etl"
    locked.write_bytes(trace.read_bytes())
    locked.chmod(0)
    work.chmod(0o755)
    options = {"user": 65534} if os.getuid() == 0 else {}
    try:
        expect("unreadable", run("info", locked, **options), FAILED, ["locked.etl"])
    except PermissionError:
        print("the program itself is not readable for others; 'unreadable' left out")


def check_outputs(work, trace):
    target = work / "out.pcapng"
    expect("new output", run("convert", trace, "-o", target), DONE)
    first = target.read_bytes()
    target.write_bytes(b"precious")
    expect("existing output", run("convert", trace, "-o", target), FAILED, ["out.pcapng", "--force"])
    if target.read_bytes() != b"precious":
        failures.append("existing output: was changed")
    expect("forced output", run("convert", "--force", trace, "-o", target), DONE)
    if target.read_bytes() != first:
        failures.append("forced output: differs from the first")
    expect_only("outputs", work, ["out.pcapng"])
    expect("no such folder", run("convert", trace, "-o", work / "none" / "x.pcapng"), FAILED,
           ["x.pcapng"])
    expect("full device", run("convert", trace, "-o", "/dev/full"), FAILED, ["/dev/full"])
    with open("/dev/full", "wb") as full:
        for verb in ("info", "packets", "who", "sockets", "events"):
            expect(f"{verb} to a full device",
                   run(verb, trace, stdout=full, stderr=subprocess.PIPE), FAILED)


def check_no_room(work, trace):
    """A limit on the file size stands for a full disk: the write fails half-way."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    target = work / "half.pcapng"
    done = run("convert", trace, "-o", target, preexec_fn=limit, restore_signals=False)
    expect("no room", done, FAILED, ["half.pcapng"])
    expect_only("no room", work, [])


def check_closed_pipe(trace):
    """Nobody reads any more: silence, and no error."""
    for arguments in (("packets", trace), ("info", trace), ("convert", trace, "-o", "-"),
                      ("who", trace), ("sockets", trace), ("who", trace, "--ledger"),
                      ("packets", "--format", "json", trace), ("--help",)):
        reader, writer = os.pipe()
        os.close(reader)
        done = run(*arguments, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        expect(f"closed pipe: {arguments[0]}", done, DONE)
        if done.stderr:
            failures.append(f"closed pipe: {arguments[0]} says {done.stderr!r}")


def check_terminal(trace):
    import pty

    try:
        master, slave = pty.openpty()
    except OSError:
        print("this system gives no pseudo-terminal; 'terminal' left out")
        return
    done = run("convert", trace, "-o", "-", stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    expect("binary to a terminal", done, FAILED, ["terminal"])
    os.close(master)


def check_damage(work, trace):
    """A cut file is read up to the cut, said with a place, exit status 3."""
    data = trace.read_bytes()
    cut = work / "cut.etl"
    cut.write_bytes(data[: len(data) - 300])
    done = run("convert", cut, "-o", work / "cut.pcapng")
    expect("cut trace", done, DAMAGED, ["offset"])
    if not (work / "cut.pcapng").exists():
        failures.append("cut trace: no output")


def check_usage(trace):
    for arguments, words in (
            ((), []), (("frobnicate",), ["frobnicate"]), (("convert",), []),
            (("info", "--no-such", trace), ["no-such"]), (("info", trace, "second.pcapng"), []),
            (("packets", trace, "--port"), ["port"]), (("packets", trace, "--port", "x"), ["port"]),
            (("packets", trace, "--port", "70000"), ["port"]),
            (("packets", trace, "--host", "300.1.1.1"), ["host"]),
            (("packets", trace, "--from", "yesterday"), ["from"]),
            (("packets", trace, "--format", "xml"), ["format"]),
            (("packets", trace, "--pid", "notepad"), ["notepad", "process id"]),
            (("sockets", trace, "--connection", "x"), ["x"]),
            (("sockets", trace, "--frame", "1"), ["frame"]),
            (("events", trace, "--connection", "x"), ["x"]),
            (("convert", trace, "--events=some"), ["events", "bound"]),
            (("convert", trace, "--process-blocks", "apple"), ["process-blocks"])):
        expect(f"usage {arguments}", run(*arguments), USAGE, words)
    for arguments in (("--help",), ("--version",), ("convert", "--help"), ("packets", "--help"),
                      ("info", "--help"), ("who", "--help"), ("sockets", "--help"),
                      ("events", "--help")):
        done = run(*arguments)
        expect(f"usage {arguments}", done, DONE)
        if not done.stdout or done.stderr:
            failures.append(f"usage {arguments}: help belongs to standard output")
    expect("nothing matches", run("packets", trace, "--port", "1"), DONE)
    for verb in ("packets", "who", "sockets", "events"):
        for option in (("--pid", "1"), ("--process", "no such.exe"), ("--connection", "999999")):
            done = run(verb, trace, *option)
            expect(f"nothing matches {verb} {option}", done, DONE)


def main():
    trace = find_trace()
    checks = ((check_inputs, False), (check_unreadable, True), (check_outputs, True),
              (check_no_room, True), (check_damage, True))
    for check, wants_trace in checks:
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            check(*((work, trace) if wants_trace else (work,)))
    for check in (check_closed_pipe, check_terminal, check_usage):
        check(trace)
    for failure in failures:
        print(failure)
    print(f"{len(failures)} failures, with {trace.name}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

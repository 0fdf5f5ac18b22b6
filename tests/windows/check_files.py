#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_files.py PROGRAM MAKER SAMPLES: the program for Windows with names that Windows finds hard,
wildcards, streams, and an end in the middle of its work. Everything is done from outside.
"""
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM, MAKER, SAMPLES = sys.argv[1:]
# Signals and terminals are for the program itself (wine.sh).
DIRECT = {**os.environ, "WINE_DIRECT": "1"}
SAMPLE = pathlib.Path(SAMPLES, "tcp-session.etl").read_bytes()
BIG_SIZE = "400M"  # long enough at work to be killed
PCAPNG = b"\x0a\x0d\x0d\x0a"
DONE, FAILED = 0, 1
failures = []


def check(what, is_good, shown=""):
    if not is_good:
        failures.append(f"{what}: {shown!r}")


def run(*arguments, folder=None, status=DONE):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, check=False,
                          timeout=120, cwd=folder, stdin=subprocess.DEVNULL)
    check(" ".join(map(str, arguments)), done.returncode == status, (done.returncode, done.stderr))
    return done


def on_drive(path):
    """The same path as Windows writes it: Wine has / as its drive Z."""
    return "Z:" + str(path).replace("/", "\\")


def check_names(work):
    """Other scripts, blanks, quotes' neighbours, and more than 260 characters; both slashes."""
    deep = work / ("a folder with blanks " + "x" * 160) / ("\u6587\u4ef6\u5939" * 25)
    deep.mkdir(parents=True)
    names = ["\u8ffd\u8e2a \u0416 \U0001f600.etl", "back tick` & 100% (1) ^!.etl"]
    for name in names:
        trace, output = deep / name, (deep / name).with_suffix(".pcapng")
        check("a path of more than 260 characters", len(str(trace)) > 260, len(str(trace)))
        trace.write_bytes(SAMPLE)
        # The file's name stands in the pcapng.
        expected = run("convert", trace, "-o", "-").stdout
        run("convert", trace)
        check(f"{name}: the name that is chosen", output.exists())
        run("convert", on_drive(trace), "--force", "-o", on_drive(output))
        check(f"{name}: its bytes", output.read_bytes() == expected and expected[:4] == PCAPNG)
        check(f"{name}: nothing else", sorted(path.name for path in deep.iterdir())
              == sorted((name, output.name)), os.listdir(deep))
        refused = run("convert", trace, "-o", output, status=FAILED).stderr.decode("utf-8", "replace")
        check(f"{name}: a refusal names it", name[:-4] in refused, refused)
        check(f"{name}: and leaves it alone", output.read_bytes() == expected)
        output.unlink()
        trace.unlink()
    (work / "--last.etl").write_bytes(SAMPLE)
    run("convert", "-o", "last.pcapng", "--", "--last.etl", folder=work)
    check("a name behind --", (work / "last.pcapng").read_bytes()[:4] == PCAPNG)


def check_wildcards(work):
    """Only traces are expanded, in order of their names; what no file fits stays as it is."""
    for name in ("upload_2.etl", "upload_1.etl"):
        (work / name).write_bytes(pathlib.Path(SAMPLES, "several", name).read_bytes())
    named = run("info", "upload_1.etl", "upload_2.etl", folder=work)
    for word in ("upload_*.etl", "UPLOAD_?.ETL", ".\\upload_*.etl", "./upload_*.etl",
                 on_drive(work / "upload_*.etl")):
        found = run("info", word, folder=work)
        check(f"{word}: both files, in order", named.stdout == found.stdout, found.stdout[:300])
    one = run("packets", "upload_1.etl", "upload_2.etl", "--process", "*", folder=work).stdout
    check("--process *", one.count(b"\n") > 1, one)
    check("wildcards in values of options", one == run(
        "packets", "--process", "*", "upload_*.etl", folder=work).stdout)
    missing = run("info", "none*.etl", folder=work, status=FAILED).stderr
    check("a wildcard that no file fits",
          missing == b"etwtrail: none*.etl cannot be opened: No such file or directory\n", missing)
    run("packets", "upload_1.etl", "-o", "rows*.txt", folder=work, status=FAILED)
    check("a wildcard as output", sorted(os.listdir(work)) == ["upload_1.etl", "upload_2.etl"],
          os.listdir(work))


def check_streams(work):
    """Bytes as they are: no carriage return, nothing changed between standard output and a file."""
    trace = work / "trace.etl"
    trace.write_bytes(SAMPLE)
    for arguments in (["packets"], ["packets", "--format", "csv"], ["info"], ["events"], ["who"],
                      ["sockets"], ["timeline"], ["timeline", "--format", "html"],
                      ["convert", "--events=all"]):
        output = work / "out"
        run(*arguments, trace, "-o", output)
        written = output.read_bytes()
        printed = run(*arguments, trace, "-o", "-").stdout
        check(f"{arguments}: standard output and file", printed == written and written,
              (len(printed), len(written)))
        if arguments[0] != "convert":
            check(f"{arguments}: lines", b"\r" not in written and written.endswith(b"\n"))
        output.unlink()
    said = run("info", "missing.etl", status=FAILED).stderr
    check("lines of messages", said.endswith(b"\n") and b"\r" not in said, said)
    check("lines of help", b"\r" not in run("--help").stdout)


def check_devices(work):
    trace = work / "trace.etl"
    trace.write_bytes(SAMPLE)
    for name in ("NUL", "nul", "\\\\.\\NUL"):
        said = run("info", name, status=FAILED).stderr
        check(f"{name} as a trace", b"is a pipe or device" in said, said)
        run("convert", trace, "-o", name)
    said = run("info", ".", folder=work, status=FAILED).stderr
    check("a folder as a trace", b"is a directory" in said, said)
    said = run("convert", trace, "--split", "-o", "NUL", status=FAILED).stderr
    check("several files to NUL", b"NUL is no file" in said, said)
    check("nothing beside the trace", os.listdir(work) == ["trace.etl"], os.listdir(work))


def kill_at_work(work, number):
    """Whether it was killed while it wrote; afterwards nothing of its output may be there."""
    with subprocess.Popen([PROGRAM, "convert", work / "big.etl", "-o", work / "big.pcapng"],
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                          env=DIRECT) as program:
        while program.poll() is None and not any(".part-" in name for name in os.listdir(work)):
            time.sleep(0.001)
        was_writing = program.poll() is None
        program.send_signal(number)
        program.wait(60)
    deadline = time.monotonic() + 20
    while os.listdir(work) != ["big.etl"] and time.monotonic() < deadline:
        if program.returncode == DONE:
            (work / "big.pcapng").unlink(missing_ok=True)
            return False
        time.sleep(0.01)
    check(f"after signal {number}", os.listdir(work) == ["big.etl"], os.listdir(work))
    return was_writing


def check_interrupts(work):
    """A file appears when it is complete; Wine makes Ctrl-C of SIGINT."""
    subprocess.run([MAKER, "big", work / "big.etl", "--bytes", BIG_SIZE, "--frame", "1400"],
                   check=True, stdout=subprocess.DEVNULL)
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        if not any(kill_at_work(work, number) for _ in range(5)):
            print(f"SKIP: the program was always faster than signal {number}")


def read_terminal(*arguments):
    """What the program prints to a terminal, with its colours."""
    reader, writer = pty.openpty()
    with subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=writer, stdin=writer,
                          stderr=subprocess.STDOUT, env=DIRECT) as program:
        os.close(writer)
        printed = b""
        try:
            while data := os.read(reader, 65536):
                printed += data
        except OSError:
            pass  # the other side is closed
        program.wait(60)
    os.close(reader)
    return program.returncode, printed


def check_terminal(work):
    """A console takes UTF-8 and colours; binary data is kept from it."""
    trace = work / "trace.etl"
    trace.write_bytes(SAMPLE)
    status, printed = read_terminal("convert", trace, "-o", "-")
    if b"garble the terminal" not in printed:
        print("SKIP: this Wine shows no console on a terminal")
        return
    check("binary to a console", status == FAILED, status)
    status, printed = read_terminal("info", trace)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\r", b"", printed)
    check("text on a console", status == DONE and b"Recorded by" in text, printed[:400])


def main():
    for part in (check_names, check_wildcards, check_streams, check_devices, check_interrupts,
                 check_terminal):
        with tempfile.TemporaryDirectory() as folder:
            part(pathlib.Path(folder))
    for line in failures:
        print(line)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_scenarios.py PROGRAM MAKER SAMPLES: scenarios hold what their texts say.

MAKER builds every text of SAMPLES/scenarios again: the trace and its truth must be, byte for byte,
those that are stored. One more is built from them: the same events of a 64-bit Windows, compressed
and with the schemas of the events embedded. `events` must show each event of the text in order, with every value of the
text and zero where the text has none; `packets` must show the packets of the truth. Texts with a
mistake must be refused with the place of the mistake.
"""
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
PROGRAM, MAKER, SAMPLES = sys.argv[1:4]
sys.argv[1:] = [PROGRAM, "/nonexistent", SAMPLES]
import oracle  # noqa: E402  (reads the arguments)

PROVIDERS = {"Microsoft-Windows-TCPIP": "TCPIP", "Microsoft-Windows-Winsock-AFD": "AFD",
             "Microsoft-Windows-NDIS-PacketCapture": "packet", "Process": "process",
             "SystemConfigEx": "interface"}
# Names that the program shows for numbers, by what the text gives.
NAMES = {"IPV4": 2, "TCP": 6, "TRUE": 1, "FALSE": 0, "RetransmitTimer": 0, "FIONBIO": 2,
         "SOCK_STREAM": 1, "Transport endpoint was not found": 4,
         "Session state is not compatible": 16,
         "ClosedState": 0, "ListenState": 1, "SynSentState": 2, "SynRcvdState": 3,
         "EstablishedState": 4, "CloseWaitState": 7, "LastAckState": 9}
PROCESS_FIELDS = {"pid": "ProcessId", "parent": "ParentId", "session": "SessionId",
                  "key": "UniqueProcessKey", "directory": "DirectoryTableBase", "sid": "UserSID",
                  "image": "ImageFileName", "command": "CommandLine"}
INTERFACE_FIELDS = {"index": "InterfaceIndex", "alias": "Alias", "description": "Description"}
# The same events in the form of another Windows.
WIDE = "include tcpserver.txt\nwindows 6.3.9600\nbits 64\ncompressed\nmetadata\n"
LENGTHS = re.compile(r"(Length|Len)$")
MISTAKES = {
    "1 c0 1.1 TCPIP 1051 TcpTcbStateChange Tbc=1": "Tbc",
    "1 c0 1.1 TCPIP 1051 TcpTcbStateChange SndNxt=0x123456789": "SndNxt",
    "1 c0 1.1 TCPIP 1051 TcpTcbStateChange SndNxt=twelve": "SndNxt",
    "1 c0 1.1 TCPIP 1051 TcpListenerActivated": "TcpListenerActivated",
    "1 c0 1.1 TCPIP 9999 TcpNothing": "TcpNothing",
    "1 c0 1.1 TCPIP 1008 TcpBindEndpointComplete LocalAddress=1.2.3:4": "LocalAddress",
    "1 c9 1.1 TCPIP 1051 TcpTcbStateChange": "no such CPU",
    "1 c0 11 TCPIP 1051 TcpTcbStateChange": "process.thread",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.9:2 tcp SYN": "not a packet",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SIN": "not a packet",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SYN sek=4": "sek",
    "1 c0 1.1 process DCStart pid=4 sid=S-2-5": "process",
    "1 c0 1.1 ETERNITY 5 x": "ETERNITY",
    "title='no end": "quotation",
    "windows seven": "windows",
    "include nowhere.txt": "nowhere.txt",
}


def words_of(line):
    """The words of a line without their marks; a comment ends it."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", "#"
    return [re.sub(r"(^|=)~", r"\1", word, count=1) for word in lexer]


def read_events(path):
    """Events of a text: (kind, cpu, pid, tid, words), without the lines it leaves out."""
    events, left_out = [], None
    for line in path.read_text("utf-8").splitlines():
        words = words_of(line.replace("=~'", "='").replace('=~"', '="'))
        if words[:1] == ["include"]:
            events += read_events(path.parent / words[1])
        elif words[:1] == ["without"]:
            left_out = words[1]
        elif words and words[0][0].isdigit():
            pid, tid = words[2].split(".")
            events.append((words[3], int(words[1][1:]), int(pid), int(tid.lstrip("~")), words[3:]))
    return [event for event in events if event[0] != left_out]


def is_same(shown, text):
    if shown == text or (isinstance(shown, str) and NAMES.get(shown, -1) == number_of(text)):
        return True
    if isinstance(shown, str) and shown.startswith("0x"):
        shown = int(shown.split()[0], 16)
    return isinstance(shown, int) and shown == number_of(text)


def number_of(text):
    try:
        return int(text.split("(")[0], 0)
    except ValueError:
        return None


def is_zero(shown):
    return shown in (0, "", "none", "FALSE") or is_same(shown, "0")


def check_fields(place, fields, given, names=None):
    for name, text in given.items():
        name = names.get(name) if names else name
        if name and not is_same(fields.get(name), text):
            oracle.fail(f"{place}: {name} is {fields.get(name)!r}, the text says {text!r}")
    for name, shown in fields.items() if names is None else ():
        if name not in given and not LENGTHS.search(name) and not is_zero(shown):
            oracle.fail(f"{place}: {name} is {shown!r}, the text does not have it")


def check_events(name, trace, events):
    output = oracle.etwtrail("events", "--format", "ndjson", trace)
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    rows = [row for row in rows if row["provider"] in PROVIDERS]
    oracle.equal(f"{name}: events", len(rows), len(events))
    for number, (row, (kind, cpu, pid, tid, words)) in enumerate(zip(rows, events), 1):
        place = f"{name}: event {number} ({kind} {words[1]})"
        oracle.equal(f"{place}: kind", PROVIDERS[row["provider"]],
                     "packet" if kind in ("in", "out") else kind)
        oracle.equal(f"{place}: cpu, pid, tid", (row["cpu"], row["header_pid"], row["header_tid"]),
                     (cpu, pid, tid))
        given = dict(word.split("=", 1) for word in words if "=" in word)
        if kind in ("TCPIP", "AFD"):
            oracle.equal(f"{place}: id and name", (row["id"], row["name"]),
                         (int(words[1]), words[2]))
            check_fields(place, row["fields"], given)
        elif kind in ("process", "interface"):
            check_fields(place, row["fields"], given,
                         PROCESS_FIELDS if kind == "process" else INTERFACE_FIELDS)


def check_packets(name, trace, truth):
    output = oracle.etwtrail("packets", "--format", "ndjson", trace)
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    oracle.equal(f"{name}: packets", len(rows), len(truth["packets"]))
    for row, true in zip(rows, truth["packets"]):
        place = f"{name}: frame {true['number']}"
        for key in ("time", "direction", "source", "destination", "header_pid"):
            oracle.equal(f"{place}: {key}", row[key], true[key])
        oracle.equal(f"{place}: flags", set(row["tcp"]["flags"]),
                     {flag[0] for flag in true["flags"].split("+")})


def check_wide(folder):
    text, trace, truth = folder / "wide.txt", folder / "wide.etl", folder / "wide.truth.json"
    shutil.copy(oracle.SAMPLES / "scenarios" / "tcpserver.txt", folder)
    text.write_text(WIDE, "utf-8")
    oracle.run(MAKER, "scenario", text, trace, "--truth", truth)
    check_events("wide", trace, read_events(text))
    check_packets("wide", trace, oracle.json.loads(truth.read_text("utf-8")))


def check_mistakes(folder):
    front = ("windows 6.1.7601\nbits 32\nstart 2024-01-02T03:04:05Z\n"
             "host 192.0.2.1 02-00-00-00-00-01\nhost 192.0.2.2 02-00-00-00-00-02\n")
    for number, (line, word) in enumerate(MISTAKES.items(), 1):
        text = folder / f"mistake{number}.txt"
        text.write_text(front + line + "\n", "utf-8")
        done = subprocess.run([MAKER, "scenario", text, folder / "mistake.etl"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 1 or f"{text.name}:6: " not in done.stderr or word not in done.stderr:
            oracle.fail(f"mistake {line!r}: exit {done.returncode}, {done.stderr!r}")


def main():
    texts = sorted((oracle.SAMPLES / "scenarios").glob("*.txt"))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for text in texts:
            name = text.stem
            trace, truth = folder / f"{name}.etl", folder / f"{name}.truth.json"
            oracle.run(MAKER, "scenario", text, trace, "--truth", truth)
            for made in (trace, truth):
                stored = oracle.SAMPLES / made.name
                oracle.equal(f"{made.name}: the same bytes as stored",
                             stored.exists() and stored.read_bytes() == made.read_bytes(), True)
            check_events(name, trace, read_events(text))
            check_packets(name, trace, oracle.json.loads(truth.read_text("utf-8")))
        check_wide(folder)
        check_mistakes(folder)
    oracle.finish(f"{len(texts)} scenarios as written, {len(MISTAKES)} mistakes refused")


main()

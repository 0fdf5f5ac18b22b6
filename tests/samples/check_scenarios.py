#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_scenarios.py PROGRAM MAKER SAMPLES: scenarios hold what their texts say.

MAKER builds every text of SAMPLES/scenarios again: the trace and its truth must be, byte for byte,
those that are stored. Two more are built from them: the same events of a 64-bit Windows, compressed
and with the schemas of the events embedded. `events` must show each event of the text in order,
with every value of the text and zero where the text has none; `packets` must show the packets of
the truth. Texts with a mistake must be refused with the place of the mistake. Every form of the
kernel logger's network events must be decoded as it was written.
"""
import datetime
import ipaddress
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
             "SystemConfigEx": "interface", "Microsoft-Windows-Kernel-Process": "KERNEL-PROCESS",
             "Microsoft-Windows-Kernel-Network": "KERNEL-NETWORK",
             "Microsoft-Windows-DNS-Client": "DNS-CLIENT", "TcpIp": "TcpIp", "UdpIp": "UdpIp",
             "Microsoft-Windows-Winsock-NameResolution": "NAME-RESOLUTION",
             "Microsoft-Windows-HttpService": "HTTP", "Microsoft-Windows-WebIO": "WEBIO",
             "Microsoft-Windows-SMBClient": "SMB-CLIENT",
             "Microsoft-Windows-SMBServer": "SMB-SERVER",
             "Microsoft-Windows-SMBDirect": "SMB-DIRECT"}
# Kinds of lines whose values are fields of the event, and those of which the text has the name.
WITH_FIELDS = {"TCPIP", "AFD", "KERNEL-PROCESS", "KERNEL-NETWORK", "DNS-CLIENT", "TcpIp", "UdpIp",
               "NAME-RESOLUTION", "HTTP", "WEBIO", "SMB-CLIENT", "SMB-SERVER", "SMB-DIRECT"}
WITH_NAME = {"TCPIP", "AFD", "KERNEL-PROCESS"}
NEVER_LOST = {"in", "out", "process", "interface", "KERNEL-PROCESS"}
# Names that the program shows for numbers, by what the text gives.
NAMES = {"IPV4": 2, "IPV6": 23, "TCP": 6, "UDP": 17, "TRUE": 1, "FALSE": 0, "RetransmitTimer": 0,
         "GET": 4, "POST": 6, "FIONBIO": 2, "SOCK_STREAM": 1, "SOCK_DGRAM": 2, "Transport endpoint was not found": 4,
         "Session state is not compatible": 16, "Transport indicated abortive disconnect": 4,
         "Wsk": 1, "Active": 0, "Disconnected": 1, "Recovery in progress": 4, "3.0.2": 0x302,
         "Rdma": 2, "Connection state has not changed.": 0, "SPN optional / no validation": 0,
         "Negotiate": 0, "Session setup": 1, "Logoff": 2, "Tree connect": 3, "Tree disconnect": 4,
         "Smb2DiagReasonDns": 1, "Smb2DiagReasonNetworkConnect": 4,
         "Smb2DiagReasonDisconnectIndication": 7, "Smb2DiagReasonSessionSetupResponse": 11,
         "Smb2DiagReasonTreeConnectResponse": 12, "Create": 5, "Close": 6, "Read": 8, "Write": 9,
         "ClosedState": 0, "ListenState": 1, "SynSentState": 2, "SynRcvdState": 3,
         "EstablishedState": 4, "FinWait1State": 5, "FinWait2State": 6, "CloseWaitState": 7,
         "ClosingState": 8, "LastAckState": 9, "TimeWaitState": 10}
PROCESS_FIELDS = {"pid": "ProcessId", "parent": "ParentId", "session": "SessionId",
                  "key": "UniqueProcessKey", "directory": "DirectoryTableBase", "sid": "UserSID",
                  "image": "ImageFileName", "command": "CommandLine"}
INTERFACE_FIELDS = {"index": "InterfaceIndex", "alias": "Alias", "description": "Description"}
# The same events in the form of another Windows, compressed and with their schemas.
WIDE = "include {0}.txt\nwindows 6.3.9600\nbits 64\ncompressed\nmetadata\n"
LENGTHS = re.compile(r"(Length|Len|PacketSize|FragmentSize)$")
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
    "lose 3-": "lose",
    "gateway 02": "gateway",
    "connection local=192.0.2.1:1 remote=192.0.2.2:2 owner=none why=so states= close=x": "why=",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SYN": "owner=",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SYN owner=none": "why=",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SYN owner=5 why=unknown": "owner=",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 tcp SYN owner=5 process=a.exe": "a.exe",
    "1 c0 1.1 in 192.0.2.1:1 > 192.0.2.2:2 udp size=4 owner=none why=shared": "candidates=",
    "1 c0 1.1 in 192.0.2.1:1 > [2001:db8::1]:2 udp size=4 owner=5": "not a packet",
    "1 c0 1.1 in 192.0.2.1 > 192.0.2.2 icmp unreachable quotes=2 owner=5": "quotes",
    "1 c0 1.1 in 192.0.2.1 > 192.0.2.2 icmp hello owner=5": "not a packet",
    "1 c0 1.1 TcpIp Send daddr=2001:db8::1": "daddr",
    "1 c0 1.1 TcpIp SendIPV6 version=1": "SendIPV6",
    "1 c0 1.1 TcpIp Recv startime=1": "startime",
    "1 c0 1.1 UdpIp Connect": "Connect",
}
# The kernel logger's events by name: versions that have it, and whether IPv6 has it.
FORMS = {"TcpIp": {"Send": "012", "Recv": "012", "Connect": "012", "Disconnect": "012",
                   "Retransmit": "012", "Accept": "012", "Reconnect": "12", "TCPCopy": "12"},
         "UdpIp": {"Send": "012", "Recv": "012"}}
FORM_FIELDS = "size=77 daddr={0}2 saddr={0}3 dport=258 sport=772"


def words_of(line):
    """The words of a line without their marks; a comment ends it."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", "#"
    return [re.sub(r"(^|=)~", r"\1", word, count=1) for word in lexer]


def read_gaps(words):
    """Numbers of the events that are not written: 3 7-9"""
    for word in words:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)


def without_lost(events, lost):
    number = 0
    for event in events:
        number += event[0] not in NEVER_LOST
        if event[0] in NEVER_LOST or number not in lost:
            yield event


def read_start(path):
    """The time of `start`, for values that count from it."""
    starts = []
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if words[:1] == ["include"]:
            starts.append(read_start(path.parent / words[1]))
        elif words[:1] == ["start"]:
            text = words[1].lstrip("~").rstrip("Z")
            starts.append(datetime.datetime.fromisoformat(text[:26]))
    return starts[-1]


def read_events(path):
    """Events of a text: (kind, cpu, pid, tid, words), without the lines it leaves out."""
    events, left_out, lost = [], None, set()
    for line in path.read_text("utf-8").splitlines():
        words = words_of(line.replace("=~'", "='").replace('=~"', '="'))
        if words[:1] == ["include"]:
            events += read_events(path.parent / words[1])
        elif words[:1] == ["without"]:
            left_out = words[1]
        elif words[:1] == ["lose"]:
            lost.update(read_gaps(words[1:]))
        elif words and words[0][0].isdigit():
            pid, tid = words[2].split(".")
            events.append((words[3], int(words[1][1:]), int(pid), int(tid.lstrip("~")), words[3:]))
    return list(without_lost((event for event in events if event[0] != left_out), lost))


def address_of(text):
    """An IPv6 address in the form that is shown; others stay."""
    match = re.fullmatch(r"\[([0-9A-Fa-f:]+)\](:\d+)", text)
    if match:
        return f"[{ipaddress.ip_address(match[1])}]{match[2]}"
    if text.startswith("hex:") and len(text) == 36:
        return str(ipaddress.ip_address(bytes.fromhex(text[4:])))
    return text.removeprefix("hex:")


def ticks_of(seconds):
    """Units of 100 ns; what stands behind the point may have up to seven digits."""
    whole, _, fraction = seconds.lstrip("-").partition(".")
    ticks = int(whole) * 10**7 + int(fraction.ljust(7, "0"))
    return -ticks if seconds.startswith("-") else ticks


def is_same_time(shown, text, start):
    """@1.5 is 1.5 seconds after the start."""
    moment = datetime.datetime.fromisoformat(shown[:19])
    since = (moment - start.replace(microsecond=0)) // datetime.timedelta(seconds=1)
    ticks = since * 10**7 + int(shown[20:27]) - start.microsecond * 10
    return ticks == ticks_of(text[1:])


def is_same(shown, text, start=None):
    if text.startswith("@"):
        return is_same_time(shown, text, start)
    if shown == address_of(text):
        return True
    if isinstance(shown, str) and NAMES.get(shown, -1) == number_of(text):
        return True
    if isinstance(shown, str) and re.match(r"0x[0-9a-fA-F]+|\d+ [A-Z]", shown):
        shown = int(shown.split()[0], 0)
    return isinstance(shown, int) and shown == number_of(text)


def number_of(text):
    try:
        return int(text.split("(")[0], 0)
    except ValueError:
        return None


def is_zero(shown):
    return shown in (0, "", [], "none", "FALSE", "0.0.0.0", "S-1-0-0") or is_same(shown, "0")


def check_fields(place, fields, given, names=None, start=None):
    for name, text in given.items():
        name = names.get(name) if names else name
        if name and not is_same(fields.get(name), text, start):
            oracle.fail(f"{place}: {name} is {fields.get(name)!r}, the text says {text!r}")
    for name, shown in fields.items() if names is None else ():
        if name not in given and not LENGTHS.search(name) and not is_zero(shown):
            oracle.fail(f"{place}: {name} is {shown!r}, the text does not have it")


def header_of(kind, pid, tid, words):
    """Process and thread of the header; records of the kernel logger may have none."""
    if kind in ("TcpIp", "UdpIp") and ("system" not in words or pid == 0xFFFFFFFF):
        return None, None
    return pid, tid


def check_event(place, row, event, start):
    kind, cpu, pid, tid, words = event
    oracle.equal(f"{place}: kind", PROVIDERS[row["provider"]],
                 "packet" if kind in ("in", "out") else kind)
    oracle.equal(f"{place}: cpu, pid, tid",
                 (row["cpu"], row.get("header_pid"), row.get("header_tid")),
                 (cpu, *header_of(kind, pid, tid, words)))
    given = dict(word.split("=", 1) for word in words if "=" in word)
    if kind in WITH_NAME:
        identity, _, version = words[1].partition(".")
        oracle.equal(f"{place}: id, version and name", (row["id"], row["version"], row["name"]),
                     (int(identity), int(version or 0), words[2]))
    if kind in WITH_FIELDS:
        oracle.equal(f"{place}: decoded", row.get("undecoded"), None)
        given.pop("version", None)
        given.pop("keywords", None)
        check_fields(place, row.get("fields", {}), given, start=start)
    elif kind in ("process", "interface"):
        check_fields(place, row["fields"], given,
                     PROCESS_FIELDS if kind == "process" else INTERFACE_FIELDS)


def check_events(name, trace, events, start=None):
    output = oracle.etwtrail("events", "--format", "ndjson", trace)
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    rows = [row for row in rows if row["provider"] in PROVIDERS]
    oracle.equal(f"{name}: events", len(rows), len(events))
    for number, (row, event) in enumerate(zip(rows, events), 1):
        check_event(f"{name}: event {number} ({event[0]} {event[4][1]})", row, event, start)


def check_packets(name, trace, truth):
    output = oracle.etwtrail("packets", "--format", "ndjson", trace)
    rows = [oracle.json.loads(line) for line in output.splitlines()]
    oracle.equal(f"{name}: packets", len(rows), len(truth["packets"]))
    for row, true in zip(rows, truth["packets"]):
        place = f"{name}: frame {true['number']}"
        for key in ("time", "direction", "source", "destination", "header_pid"):
            oracle.equal(f"{place}: {key}", row[key], true[key])
        if "flags" in true:
            oracle.equal(f"{place}: flags", set(row["tcp"]["flags"]),
                         {flag[0] for flag in true["flags"].split("+")})


def check_wide(folder):
    for name in ("tcpserver", "outlook-directaccess"):
        text, trace = folder / f"wide-{name}.txt", folder / f"wide-{name}.etl"
        truth = folder / f"wide-{name}.truth.json"
        shutil.copy(oracle.SAMPLES / "scenarios" / f"{name}.txt", folder)
        text.write_text(WIDE.format(name), "utf-8")
        oracle.run(MAKER, "scenario", text, trace, "--truth", truth)
        check_events(text.stem, trace, read_events(text))
        check_packets(text.stem, trace, oracle.json.loads(truth.read_text("utf-8")))


def check_forms(folder):
    lines = []
    for kind, names in FORMS.items():
        for name, versions in names.items():
            pid = "" if kind == "UdpIp" else "PID=5 "
            for version in versions:
                with_pid = pid or ("PID=5 " if version != "0" else "context=9 dsize=3 ")
                lines.append(f"{kind} {name} version={version} {with_pid}" +
                             FORM_FIELDS.format("192.0.2."))
            lines.append(f"{kind} {name}IPV6 PID=5 seqnum=8 connid=6 system " +
                         FORM_FIELDS.format("2001:db8::"))
    lines += ["TcpIp Connect version=1 mss=1460 rcvwin=65535 sndwinscale=7 seqnum=4 connid=3",
              "TcpIp Send version=1 startime=1 endtime=2 seqnum=4 connid=3",
              "TcpIp Fail version=1 Proto=2", "TcpIp Fail Proto=2 FailureCode=3",
              "TcpIp FailIPV6 Proto=2 FailureCode=3", "UdpIp Fail Proto=2 FailureCode=3"]
    for bits in (32, 64):
        text, trace = folder / f"forms{bits}.txt", folder / f"forms{bits}.etl"
        text.write_text(f"windows 6.1.7601\nbits {bits}\nstart 2024-01-02T03:04:05Z\n" +
                        "".join(f"{number} c0 6.7 {line}\n" for number, line in
                                enumerate(lines, 1)), "utf-8")
        oracle.run(MAKER, "scenario", text, trace)
        check_events(text.stem, trace, read_events(text))


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
            check_events(name, trace, read_events(text), read_start(text))
            check_packets(name, trace, oracle.json.loads(truth.read_text("utf-8")))
        check_wide(folder)
        check_forms(folder)
        check_mistakes(folder)
    oracle.finish(f"{len(texts)} scenarios as written, {len(MISTAKES)} mistakes refused")


main()

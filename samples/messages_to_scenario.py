#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""messages_to_scenario.py ENCRYPTED.pcapng SCENARIO.txt PASSWORD: the scenario of an encrypted SMB
connection (capture_to_scenario.py) as if a Windows client had recorded it, with the events that carry
its messages in the clear. The messages are those that tshark decrypts from ENCRYPTED.pcapng with the
user's password; the events around them are invented, see the head of what is written.
"""
import pathlib
import re
import subprocess
import sys

HEAD = """\
# A client, Samba, and the messages that were encrypted between them
#
# Made by messages_to_scenario.py of smb-samba-encrypted.txt: the packets are those of Samba and its
# client, and the messages in events 40000 and 2000 are what tshark decrypts from these packets with
# the password that record_smb.sh gave the user. Invented are the events themselves, the Windows that
# is said to have logged them, and backup.exe, for which note.bin is written.
#
# What to notice: the write comes in three fragments, between which its own packets were recorded.
# Fragments of a request and of a response alternate on two threads. One response has no end, one
# message no end and no address, one fragment no beginning, and one event no message; one event does
# not say which way its message went. At the end the machine's own file server got a request over
# IPv6, on a connection that no event tells of.

title="A client and Samba: SMB 3.1.1, encrypted, with messages in events"
windows 10.0.19045
bits 64
cpus 2
buffer 65536
compressed
clock qpc 10000000
start 2024-01-02T03:04:05Z
zone 0
session NetTrace

host 192.0.2.10 02-00-00-00-02-10
host 192.0.2.20 02-00-00-00-02-20

connection local=192.0.2.10:51530 remote=192.0.2.20:445 owner=4 \
states=ClosedState>SynSentState>EstablishedState>FinWait1State>TimeWaitState close=local-close
"""
LOCAL, REMOTE, ISN = "192.0.2.10:51530", "192.0.2.20:445", 865780173
TCB, ENDPOINT = "Tcb=0xFFFFAC840D440A20", "0xFFFFAC840E550010"
CONNECTION, SOCKET = "VcEndpoint=0xFFFFAC8410203040", "Socket=0xFFFFAC8410205060"
ENDS = f"LocalAddress={LOCAL} RemoteAddress={REMOTE}"
BACKUP = 4711
START, END, SENT, RECEIVED = 0x40000000, 0x80000000, 0x100000000, 0x200000000
PACKET = 0x40000000000
SYSTEM, WORKER, IDLE, ASKER = "4.132", "4.300", "0.0", f"{BACKUP}.4720"
NAMES = {3: "'Tree connect'", 4: "'Tree disconnect'", 5: "Create", 6: "Close", 9: "Write",
         14: "'Query directory'", 16: "'Query info'"}
# What stands before the message in the payload of event 40000: SMB over TCP, the peer, the size.
PEER = bytes.fromhex("0200 01bd c0000214 0000000000000000")


def tshark(path, password, wanted, *more):
    return subprocess.run(["tshark", "-n", "-r", path, "-o", f"ntlmssp.nt_password:{password}",
                           "-Y", wanted, *more],
                          capture_output=True, text=True, check=True).stdout


def messages(path, password):
    """(frame, bytes) of each message; decrypted where it is encrypted."""
    for frame in tshark(path, password, "smb || smb2", "-T", "fields", "-e",
                        "frame.number").split():
        frame, dumps = int(frame), {}
        dump = tshark(path, password, f"frame.number == {frame}", "-x").strip()
        dump = dump if dump.startswith("Frame") else "Frame (1)\n" + dump
        for part in re.split(r"\n(?=[A-Z])", dump):
            name, *lines = part.strip().splitlines()
            dumps[name.split(" (")[0]] = bytes.fromhex(
                "".join(line[6:53].replace(" ", "") for line in lines))
        if "Decrypted SMB3" in dumps:
            yield frame, dumps["Decrypted SMB3"]
        else:
            ip = dumps["Frame"][14:]
            yield frame, ip[40:int.from_bytes(ip[2:4], "big")][4:]


class Story:
    """Lines with their times."""

    def __init__(self):
        self.lines = []

    def add(self, time, text):
        self.lines.append((round(time * 10**7), len(self.lines), text))

    def event(self, time, thread, text):
        self.add(time, f"c0 {thread} {text}")

    def packet_event(self, time, thread, keywords, fields, provider="SMB-CLIENT"):
        self.event(time, thread, f"{provider} {fields[0]} task_0 "
                   f"keywords={PACKET | keywords:#x} {fields[1]}")

    def whole(self, time, thread, keywords, data, peer=REMOTE, provider="SMB-CLIENT"):
        self.packet_event(time, thread, keywords, (40000, "ConnectionType=1(Wsk) "
                          f"PeerAddress={peer} PacketData=hex:{data.hex()}"), provider)

    def part(self, time, thread, keywords, data):
        self.packet_event(time, thread, keywords,
                          (2000, f"ReassembledEventID=40000 FragmentData=hex:{data.hex()}"))

    def text(self):
        return "\n".join(f"{time // 10**7}.{time % 10**7:07} {text}"
                         for time, _, text in sorted(self.lines))


def payload(data):
    """Of event 40000."""
    return (b"\1\0\0\0" + len(PEER).to_bytes(4, "little") + PEER +
            len(data).to_bytes(4, "little") + data)


def is_response(data):
    return data[0] == 0xFE and data[16] & 1 != 0


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def add_connection(story, first, last):
    story.event(0.0001, "4.8", "KERNEL-PROCESS 15.1 ProcessRundown ProcessID=4 "
                "ProcessSequenceNumber=2 CreateTime=@-86400.0 ParentProcessID=0 SessionID=0 "
                "MandatoryLabel=S-1-16-12288 ImageName='System'")
    story.event(0.00011, "4.8", f"KERNEL-PROCESS 15.1 ProcessRundown ProcessID={BACKUP} "
                "ProcessSequenceNumber=1203 CreateTime=@-3600.0 ParentProcessID=700 SessionID=1 "
                "MandatoryLabel=S-1-16-12288 "
                "ImageName='\\Device\\HarddiskVolume3\\Tools\\backup.exe'")
    story.event(0.00012, "9044.9048", "TCPIP 1202.3 IpInterfaceRundown IfIndex=11 "
                "CurrLinkSpeed=1000000000 IPProtocol=4 IPv4Address=192.0.2.10 CompartmentId=1 "
                "Connected=1")
    before = (f"SMB-CLIENT 30203.2 task_0 RemoteAddress={REMOTE} {CONNECTION} {SOCKET} "
              "ConnectionType=1(Wsk)",
              f"TCPIP 1001 TcpEndpointCreation Status=0 Endpoint={ENDPOINT} AddressFamily=2 Pid=4",
              f"TCPIP 1191 TcpAcquirePort PortAcquirer={ENDPOINT} PortNumber=51530",
              f"TCPIP 1051 TcpTcbStateChange OldState=0(ClosedState) NewState=2(SynSentState) "
              f"SndNxt=0 {TCB}",
              f"TCPIP 1002 TcpRequestConnect {TCB} {ENDS}",
              f"TCPIP 1004 TcpTcbSynSend {TCB} ISN={ISN} RcvWnd=64240 RcvWndScale=10",
              f"TCPIP 1031.1 TcpConnectTcbProceeding {ENDS} Status=0 ProcessId=0 Compartment=1 {TCB}")
    for step, text in enumerate(before):
        story.event(first - 0.00004 + step * 0.000002, SYSTEM, text)
    after = (f"TCPIP 1051 TcpTcbStateChange OldState=2(SynSentState) NewState=4(EstablishedState) "
             f"SndNxt={ISN + 1} {TCB}",
             f"TCPIP 1033.1 TcpConnectTcbComplete {ENDS} Status=0 ProcessId=4 Compartment=1 {TCB}")
    for step, text in enumerate(after):
        story.event(first + 0.000024 + step * 0.000002, IDLE, text)
    story.event(first + 0.00004, SYSTEM, f"SMB-CLIENT 30204.2 task_0 {CONNECTION} {SOCKET} Status=0 "
                "ConnectionType=1(Wsk)")
    story.event(last[0] - 0.00001, SYSTEM,
                f"TCPIP 1038.1 TcpCloseTcbRequest {ENDS} Status=0 ProcessId=4 Compartment=1 {TCB}")
    states = ((last[0] - 0.000002, 4, "EstablishedState", 5, "FinWait1State"),
              (last[1] + 0.000002, 5, "FinWait1State", 10, "TimeWaitState"))
    for time, old, old_name, new, new_name in states:
        story.event(time, IDLE, f"TCPIP 1051 TcpTcbStateChange OldState={old}({old_name}) "
                    f"NewState={new}({new_name}) SndNxt={last[2]} {TCB}")


def add_call(story, time, data):
    """The client's own word about a message, as far as it is of note.bin."""
    command, message_id = number(data, 12, 2), number(data, 24, 8)
    session, tree = f"{number(data, 40, 8):#018x}", number(data, 36, 4)
    if is_response(data):
        story.event(time, IDLE, f"SMB-CLIENT 30407 task_0 Command={NAMES[command]} "
                    f"MessageId={message_id} AsyncId=0 SessionId={session} TreeId={tree} "
                    f"CreditGranted={number(data, 14, 2)} Status={number(data, 8, 4):#010x} "
                    f"{CONNECTION}")
    else:
        story.event(time, ASKER, f"SMB-CLIENT 30406 task_0 Count=1 Command={NAMES[command]} "
                    f"MessageId={message_id} SessionId={session} TreeId={tree} "
                    f"MidCharge={number(data, 6, 2)} CreditRequested={number(data, 14, 2)} "
                    f"SendLength={len(data)} {CONNECTION}")


def add_plain(story, time, data, frame):
    if is_response(data):
        way = 0 if frame == 30 else START | END | RECEIVED  # one does not say which way it went
        story.whole(time + 0.000003, IDLE, way, data)
    else:
        thread = ASKER if 22 <= frame <= 30 else SYSTEM
        story.whole(time - 0.000006, thread, START | END | SENT, data)


def add_write(story, times, data):
    """In three fragments, before, between and behind the packets."""
    whole = payload(data)
    story.part(times[24] - 0.000004, ASKER, START | SENT, whole[:1400])
    story.part(times[24] + 0.000001, ASKER, SENT, whole[1400:2800])
    story.part(times[26] + 0.000001, ASKER, END | SENT, whole[2800:])


def add_alternating(story, times, answer, request):
    """A response and the request after it, on two threads."""
    story.part(times[34] + 0.000004, WORKER, START | RECEIVED, payload(answer)[:300])
    story.part(times[34] + 0.000010, SYSTEM, START | SENT, payload(request)[:64])
    story.part(times[34] + 0.000015, WORKER, END | RECEIVED, payload(answer)[300:])
    story.part(times[34] + 0.000020, SYSTEM, END | SENT, payload(request)[64:])


def add_odd(story, times, by_frame):
    story.part(times[46] + 0.000003, WORKER, START | RECEIVED, payload(by_frame[46])[:132])
    story.part(times[48] + 0.000003, "4.304", END | RECEIVED, by_frame[48][100:])
    story.part(times[50] + 0.000003, WORKER, START | RECEIVED, payload(by_frame[50])[:100])
    story.part(times[50] + 0.000004, WORKER, END | RECEIVED, payload(by_frame[50])[100:])
    story.whole(times[58] + 0.000004, IDLE, START | END | RECEIVED, bytes.fromhex("0011223344556677"))
    story.part(times[58] + 0.000005, WORKER, START | RECEIVED, by_frame[58][:70])
    for step, (frame, way) in enumerate(((8, RECEIVED), (9, SENT))):
        story.whole(times[61] + 0.0005 + step * 0.0003, "4.120", START | END | way, by_frame[frame],
                    "[2001:db8::50]:52100", "SMB-SERVER")


def main():
    path, scenario, password = sys.argv[1:]
    lines = [line for line in pathlib.Path(scenario).read_text(encoding="utf-8").splitlines()
             if " tcp " in line]
    by_frame = dict(messages(path, password))
    story, times = Story(), {}
    for frame, line in enumerate(lines, 1):
        time, rest = line.split(" ", 1)
        times[frame] = float(time)
        story.add(float(time), rest.replace("owner=none why=no-events", "owner=4"))
    # frame 59 is our FIN, 60 the server's
    add_connection(story, times[1], (times[59], times[60], 865788333))
    special = {26, 34, 35, 46, 48, 50, 58}
    for frame, data in by_frame.items():
        if frame not in special:
            add_plain(story, times[frame], data, frame)
        if 22 <= frame <= 30:
            add_call(story, times[24 if frame == 26 else frame] +
                     (0.000004 if is_response(data) else -0.000008), data)
    add_write(story, times, by_frame[26])
    add_alternating(story, times, by_frame[34], by_frame[35])
    add_odd(story, times, by_frame)
    story.event(times[61] + 0.001, "4.8", "interface index=11 alias=Ethernet "
                "description=\"Example Adapter\" mac=02-00-00-00-02-10")
    print(HEAD)
    print(story.text())


main()

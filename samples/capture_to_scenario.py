#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""capture_to_scenario.py CAPTURE.pcap LOCAL TITLE: the TCP packets of a capture (little-endian pcap,
microseconds, Ethernet) as the lines of a scenario, see writer/scenario.h. LOCAL is the address of
the machine that records. Zeros at the end of a payload are counted, not written; TCP options other
than those of a SYN are left out.
"""
import ipaddress
import pathlib
import struct
import sys

FLAGS = ((1, "FIN"), (2, "SYN"), (4, "RST"), (8, "PSH"), (16, "ACK"))
HEAD = """\
# {title}
#
# Made by capture_to_scenario.py of what record_smb.sh recorded: Samba 4.17 and its client, with
# made-up names. Nothing is invented but the Windows that is said to have recorded it. The contents
# of the files are zeros.

title="{title}"
windows 10.0.19045
bits 64
cpus 1
buffer 65536
compressed
clock qpc 10000000
start 2024-01-02T03:04:05Z
zone 0
session NetTrace
"""


def frames(data):
    order, = struct.unpack_from("<I", data)
    if order != 0xA1B2C3D4:
        sys.exit("not a little-endian pcap file of microseconds")
    position = 24
    while position < len(data):
        seconds, micros, captured, _ = struct.unpack_from("<IIII", data, position)
        yield seconds * 10**6 + micros, data[position + 16:position + 16 + captured]
        position += 16 + captured


def syn_options(options):
    """Words for the options of a SYN."""
    words, position = [], 0
    while position < len(options) and options[position]:
        kind = options[position]
        if kind == 1:
            position += 1
            continue
        size = options[position + 1]
        if kind == 2:
            words.append(f"mss={struct.unpack_from('>H', options, position + 2)[0]}")
        elif kind == 3:
            words.append(f"ws={options[position + 2]}")
        elif kind == 4:
            words.append("sack")
        position += size
    return words


def line(time, frame, local):
    ip = frame[14:]
    total, ident = struct.unpack_from(">HH", ip, 2)
    header = (ip[0] & 15) * 4
    source, destination = (str(ipaddress.ip_address(ip[at:at + 4])) for at in (12, 16))
    tcp = ip[header:total]
    from_port, to_port, seq, ack, offset, flags, window = struct.unpack_from(">HHIIBBH", tcp)
    size = (offset >> 4) * 4
    payload = tcp[size:]
    names = "+".join(name for bit, name in FLAGS if flags & bit)
    words = [f"{time / 10**6:.6f}", "c0", "4.8" if source == local else "0.0",
             "out" if source == local else "in", f"{source}:{from_port}", ">",
             f"{destination}:{to_port}", "tcp", names, f"seq={seq}", f"ack={ack}", f"win={window}",
             f"id={ident}", f"ttl={ip[8]}"]
    words += syn_options(tcp[20:size]) if flags & 2 else []
    written = payload.rstrip(b"\0")
    if len(payload) - len(written) < 16:
        written = payload
    if written:
        words.append("data=hex:" + written.hex())
    if len(payload) > len(written):
        words.append(f"zeros={len(payload) - len(written)}")
    return " ".join(words + ["owner=none", "why=no-events"])


def main():
    data, local, title = pathlib.Path(sys.argv[1]).read_bytes(), *sys.argv[2:4]
    packets = [(time, frame) for time, frame in frames(data) if frame[12:14] == b"\x08\x00"]
    start = packets[0][0] - 1000
    hosts = {}
    for _, frame in packets:
        hosts[str(ipaddress.ip_address(frame[26:30]))] = frame[6:12].hex("-").upper()
    print(HEAD.format(title=title))
    for address in sorted(hosts):
        print(f"host {address} {hosts[address]}")
    print()
    last = 0
    for time, frame in packets:
        last = time - start
        print(line(last, frame, local))
    print(f"\n{last / 10**6 + 0.001:.6f} c0 4.8 interface index=11 alias=Ethernet "
          f"description=\"Example Adapter\" mac={hosts[local]}")


main()

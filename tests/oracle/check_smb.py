#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb.py PROGRAM REAL_TRACES SAMPLES PRINT_SMB: message by message, what the packets of a trace
say in SMB is what tshark finds in the converted trace.

PRINT_SMB prints the messages that our reader finds. Of tshark's fields those are compared that
stand on the wire; what it worked out itself (a share's name beside a tree's number) is left alone.
"""
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import oracle

PRINT_SMB = pathlib.Path(sys.argv[4])
EPOCH = 116444736000000000  # 1970-01-01 as 100 ns since 1601
RESPONSE, RELATED, SIGNED = 0x80, 0x400, 0x800
NEGOTIATE, TREE_CONNECT, CREATE, READ, WRITE, IOCTL, SET_INFO = 0, 3, 5, 8, 9, 11, 17
# What a command of SMB1 is in SMB2, as far as the samples have it; the others are 19.
SMB1_COMMANDS = {0x04: 6, 0x2B: 13, 0x2E: READ, 0x2F: WRITE, 0x71: 4, 0x72: NEGOTIATE, 0x73: 1,
                 0x74: 2, 0x75: TREE_CONNECT, 0xA2: CREATE}
TRANSACTIONS = {1: 14, 2: 14, 3: 16, 4: 17, 5: 16, 6: 17, 7: 16, 8: 17}
NO_NAME = 19
RENAME = 10
SMB2_LENGTHS = {(READ, False): "smb2.read_length", (READ, True): "smb2.olb.length",
                (WRITE, False): "smb2.write_length", (WRITE, True): "smb2.write.count",
                (IOCTL, False): "smb2.olb.length", (14, True): "smb2.olb.length",
                (15, False): "smb2.output_buffer_len", (15, True): "smb2.olb.length",
                (16, True): "smb2.olb.length", (SET_INFO, False): "smb2.setinfo_size"}


# ---- what we say ----

def our_messages(trace):
    lines = oracle.run(PRINT_SMB, trace).decode().splitlines()
    rows = [dict(part.split("=", 1) for part in line.split("\t")) for line in lines]
    summary = {name: int(value) for name, value in rows.pop().items()}
    text = ("kind", "share", "file", "new_name")
    return [{name: value if name in text else int(value) for name, value in row.items()}
            for row in rows], summary


# ---- what tshark says ----

class Message:
    """One PDU of a frame, as PDML has it."""

    def __init__(self, proto, nbss, frame, first_frame):
        self.fields = list(proto.iter("field"))
        self.frame, self.first_frame = frame, first_frame
        self.size = int(one(nbss, "nbss.length").get("show"))
        self.is_smb1 = proto.get("name") == "smb"

    def wire(self, name):
        """The bytes of the first field of this name; None: it does not stand on the wire."""
        for field in self.fields:
            if field.get("name") == name and field.get("value"):
                return bytes.fromhex(field.get("value"))
        return None

    def number(self, name):
        value = self.wire(name)
        return None if value is None else int.from_bytes(value, "little")

    def shown(self, name):
        """What tshark shows, worked out or not."""
        return next((int(f.get("show"), 0) for f in self.fields if f.get("name") == name), None)

    def text(self, *names):
        """The first text of these names that stands on the wire as tshark shows it."""
        for field in self.fields:
            if field.get("name") in names and field.get("value"):
                raw = bytes.fromhex(field.get("value"))
                text = raw[:len(raw) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
                if text == field.get("show"):
                    return text
        return None


def one(element, name):
    return next(field for field in element.iter("field") if field.get("name") == name)


def tshark_messages(path):
    done = subprocess.run(["tshark", "-n", "-r", str(path), "-Y", "tcp && (smb || smb2)", "-T",
                           "pdml"], capture_output=True, check=False)
    times, messages = {}, []
    for packet in xml.etree.ElementTree.fromstring(done.stdout).iter("packet"):
        if any(proto.get("name") == "_ws.malformed" for proto in packet.iter("proto")):
            oracle.fail(f"{path.name}: frame {one(packet, 'num').get('show')} is malformed")
        frame = int(one(packet, "num").get("show"))
        segments = [int(field.get("show")) for field in packet.iter("field")
                    if field.get("name") == "tcp.segment"]
        nbss = None
        for proto in packet.findall("proto"):
            if proto.get("name") == "nbss":
                nbss = proto
            elif proto.get("name") in ("smb", "smb2"):
                messages.append(Message(proto, nbss, frame, segments[0] if segments else frame))
                segments = []
            elif proto.get("name") == "lanman":  # is in the message before it
                messages[-1].fields += proto.iter("field")
    if not messages:
        return messages, times
    lines = subprocess.run(["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.number",
                            "-e", "frame.time_epoch"], capture_output=True, text=True, check=False)
    for line in lines.stdout.splitlines():
        frame, epoch = line.split("\t")
        seconds, rest = epoch.split(".")
        times[int(frame)] = EPOCH + int(seconds) * 10**7 + int(rest[:7])
    return messages, times


# ---- expected members; None: the message has no such member ----

def expect_smb2(theirs):
    command, flags = theirs.number("smb2.cmd"), theirs.number("smb2.flags")
    is_response = flags & 1 != 0
    status = theirs.number("smb2.nt_status") if is_response else None
    is_failed = is_response and (status >= 0xC0000000 or status == 0x103)
    number = theirs.number
    credits = number("smb2.credits.granted") if is_response else number("smb2.credits.requested")
    row = {"kind": "2", "command": command, "number": command, "id": number("smb2.msg_id"),
           "status": status, "session": number("smb2.sesid") or None,
           "tree": number("smb2.tid") or None, "async": number("smb2.aid"),
           "charge": number("smb2.credit.charge"), "credits": credits,
           "share": None, "file": None, "new_name": None, "length": None, "offset": None,
           "code": None, "dialect": None, "file.persistent": None, "file.volatile": None}
    handle = theirs.wire("smb2.fid")
    if handle and not is_failed and handle != b"\xff" * 16:
        row["file.persistent"] = int.from_bytes(handle[:8], "little")
        row["file.volatile"] = int.from_bytes(handle[8:], "little")
    if not is_failed:
        row["dialect"] = number("smb2.dialect") if command == NEGOTIATE and is_response else None
        row["code"] = number("smb2.ioctl.function") if command == IOCTL else None
        name = SMB2_LENGTHS.get((command, is_response))
        is_warning = is_response and status >= 0x80000000  # an answer without a body of its own
        row["length"] = (number(name) or 0 if is_warning else number(name)) if name else "any"
    if not is_response:
        row["offset"] = number("smb2.file_offset") if command in (READ, WRITE) else None
        row["share"] = theirs.text("smb2.tree") if command == TREE_CONNECT else None
        row["file"] = (theirs.text("smb2.filename") or None) if command == CREATE else None
        is_rename = command == SET_INFO and number("smb2.file_info.infolevel") == RENAME
        row["new_name"] = theirs.text("smb2.filename") if is_rename else None
    row["has"] = RESPONSE * is_response | SIGNED * (flags >> 3 & 1)
    return row


def expect_encrypted(theirs):
    return {"kind": "encrypted", "command": NO_NAME, "session": theirs.number("smb2.sesid"),
            "file": None, "share": None, "status": None}


def both(theirs, low, high):
    value = theirs.number(low)
    return None if value is None else value | (theirs.number(high) or 0) << 16


def smb1_status(theirs):
    status = theirs.number("smb.nt_status")
    if status is None:  # an error of DOS
        status = theirs.number("smb.error_class") | theirs.number("smb.error_code") << 16
    return status


def expect_smb1(theirs):
    number = theirs.number
    wire_command = number("smb.cmd")
    is_response = bool(theirs.shown("smb.flags.response"))
    command = SMB1_COMMANDS.get(wire_command, NO_NAME)
    if wire_command == 0x32 and not is_response:
        command = TRANSACTIONS.get(theirs.shown("smb.trans2.cmd"), NO_NAME)
    row = {"kind": "1", "command": command, "number": wire_command, "id": number("smb.mid"),
           "status": smb1_status(theirs) if is_response else None,
           "call": number("lanman.function_code") if not is_response else None,
           "session": number("smb.uid") or None, "tree": number("smb.tid") or None,
           "file.volatile": number("smb.fid"), "share": None, "file": None, "new_name": None,
           "length": None, "offset": None}
    if row["tree"] == 0xFFFF:  # says that there is none
        row["tree"] = None
    lengths = {(0x2E, False): ("smb.maxcount_low", "smb.maxcount_high"),
               (0x2E, True): ("smb.data_len_low", "smb.data_len_high"),
               (0x2F, False): ("smb.data_len_low", "smb.data_len_high"),
               (0x2F, True): ("smb.count_low", "smb.count_high")}
    if (wire_command, is_response) in lengths:
        row["length"] = both(theirs, *lengths[wire_command, is_response])
    if not is_response:
        row["offset"] = number("smb.offset") if wire_command in (0x2E, 0x2F) else None
        row["share"] = theirs.text("smb.path") if wire_command == 0x75 else None
        row["file"] = theirs.text("smb.old_file") or theirs.text("smb.file", "smb.search_pattern")
        if wire_command == 0x32 and command == NO_NAME:  # where a share is, which is no file
            row["file"] = None
        if wire_command == 0x25:
            row["file"] = theirs.text("smb.trans_name")
        row["new_name"] = theirs.text("smb.file") if wire_command == 0x07 else None
    row["has"] = RESPONSE * is_response | SIGNED * bool(theirs.shown("smb.flags2.sec_sig"))
    return row


def expect(theirs):
    if theirs.is_smb1:
        return expect_smb1(theirs)
    is_encrypted = theirs.wire("smb2.protocol_id") == b"\xfdSMB"
    return expect_encrypted(theirs) if is_encrypted else expect_smb2(theirs)


def compare(trace, place, theirs, times, ours):
    expected = expect(theirs)
    expected.update(size=theirs.size, frame=theirs.first_frame, last_frame=theirs.frame,
                    time=times[theirs.first_frame], last_time=times[theirs.frame])
    bits = expected.pop("has", None)
    if bits is not None:
        oracle.equal(f"{trace.name}: {place}: response, signed", ours["has"] & (RESPONSE | SIGNED),
                     bits)
    for name, value in expected.items():
        if value != "any":
            oracle.equal(f"{trace.name}: {place}: {name}", ours.get(name), value)


def check(trace):
    with oracle.Converted(trace) as path:
        if not path.exists():
            return 0
        theirs, times = tshark_messages(path)
    # In a frame with several messages tshark has the reassembled one first; so have we.
    ours, summary = our_messages(trace)
    ours.sort(key=lambda row: row["last_frame"])
    oracle.equal(f"{trace.name}: messages", len(ours), len(theirs))
    for their, our in zip(theirs, ours):
        compare(trace, f"frame {their.frame}", their, times, our)
    if theirs:
        oracle.equal(f"{trace.name}: skipped bytes", summary["skipped"], 0)
        oracle.equal(f"{trace.name}: missing bytes", summary["missing"], 0)
    return len(ours)


def main():
    oracle.need_tool("tshark")
    counts = {trace.name: check(trace) for trace in oracle.sample_traces()}
    for name in ("smb-samba.etl", "smb-samba-encrypted.etl", "smb-samba-nt1.etl",
                 "smb1-browser.etl", "smb1-stall.etl"):
        if not counts.get(name):
            oracle.fail(f"{name}: has no messages")
    oracle.finish(f"{sum(counts.values())} messages in {sum(map(bool, counts.values()))} traces")


main()

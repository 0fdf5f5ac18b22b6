#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_smb_messages.py PROGRAM REAL SAMPLES: what `convert --smb-messages` makes of events is, field
by field, what tshark reads of the same messages on the wire: in the clear, or decrypted from the
packets with the user's password. Their addresses are those of the packets."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import oracle  # noqa: E402  (reads the arguments)

PASSWORD = "example"  # of samples/record_smb.sh
HEADER = ("smb2.cmd", "smb2.flags", "smb2.msg_id", "smb2.nt_status", "smb2.sesid", "smb2.tid",
          "smb2.credit.charge", "smb2.credits.granted", "smb2.credits.requested", "smb2.chain_offset",
          "smb2.signature")
BODY = ("smb2.fid", "smb2.write_length", "smb2.write.count", "smb2.file_offset", "smb2.olb.length",
        "smb2.create.disposition", "smb2.eof", "smb2.allocation_size",
        "smb2.error.byte_count", "smb2.dialect", "smb2.server_guid",
        "smb2.max_trans_size", "smb2.create.action", "smb2.close.flags")
ENDS = ("ip.src", "ip.dst", "srcport", "dstport")
# What smb-messages lacks on purpose: (message id, is response).
WITHOUT_BEGINNING, CUT, WITHOUT_ADDRESS = (273, True), (272, True), (532, True)
OF_SERVER = 2  # messages over IPv6, which no packet has


def convert(folder, trace, name, *options):
    oracle.etwtrail("convert", oracle.SAMPLES / trace, *options, "-o", folder / name)
    return folder / name


def rows(path, wanted, ports):
    """The fields of each message by its id and whether it is a response."""
    names = [*HEADER, *BODY, "ip.src", "ip.dst", *ports]
    output = oracle.run("tshark", "-n", "-r", path, "-o", f"ntlmssp.nt_password:{PASSWORD}",
                        "-Y", wanted, "-T", "fields", "-E", "occurrence=l",
                        *[part for name in names for part in ("-e", name)]).decode()
    keys, found = (*HEADER, *BODY, *ENDS), {}
    for line in output.splitlines():
        row = dict(zip(keys, line.split("\t"), strict=True))
        found[int(row["smb2.msg_id"]), int(row["smb2.flags"], 16) & 1 != 0] = row
    return found


def on_the_wire(path):
    return rows(path, "tcp && smb2.cmd", ("tcp.srcport", "tcp.dstport"))


def from_events(path, wanted="smb2.cmd"):
    return rows(path, wanted, ("exported_pdu.src_port", "exported_pdu.dst_port"))


def compare(trace, wire, events, keys):
    compared = 0
    for key in sorted(keys):
        for name, value in wire[key].items():
            compared += value != ""
            oracle.equal(f"{trace}: {name} of {key}", events[key][name], value)
    return compared


def check_encrypted(folder):
    wire = on_the_wire(convert(folder, "smb-messages.etl", "wire.pcapng"))
    convert(folder, "smb-messages.etl", "all.pcapng", "--smb-messages", "--split")
    events = from_events(folder / "all-smb.pcapng", "smb2.cmd && !ipv6.addr")
    oracle.equal("messages on the wire", len(wire) > 45, True)
    oracle.equal("messages that no event has", set(wire) - set(events), {WITHOUT_BEGINNING})
    oracle.equal("messages that no packet has", set(events) - set(wire), set())
    both = set(wire) & set(events)
    for name in HEADER:
        for key in (CUT, WITHOUT_ADDRESS):
            oracle.equal(f"{name} of the cut {key}", events[key][name], wire[key][name])
    oracle.equal("addresses of a fragment without any", events[WITHOUT_ADDRESS]["ip.src"], "")
    server = oracle.run("tshark", "-n", "-r", folder / "all-smb.pcapng", "-Y", "smb2 && ipv6.addr")
    oracle.equal("messages of the server", len(server.splitlines()), OF_SERVER)
    return compare("smb-messages", wire, events, both - {CUT, WITHOUT_ADDRESS})


def check_clear(folder, trace):
    path = convert(folder, trace, "clear.pcapng", "--smb-messages", "--force")
    wire, events = on_the_wire(path), from_events(path, "exported_pdu && smb2.cmd")
    request = {key: row for key, row in events.items() if not key[1]}
    oracle.equal(f"{trace}: messages", len(events), 2)
    return compare(trace, wire, events, request)


def main():
    oracle.need_tool("tshark")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compared = check_encrypted(folder)
        compared += check_clear(folder, "smb-server.etl")
    oracle.equal("fields that were there to compare", compared > 400, True)
    oracle.finish(f"{compared} fields of SMB messages from events are those of the packets")


main()

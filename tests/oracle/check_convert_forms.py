#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_convert_forms.py PROGRAM REAL SAMPLES MAKER: --split, gzip, PKTAP headers, --snaplen and
--interface change the form of what `convert` writes, never the packets and their numbers; gzip,
tcpdump and tshark read it."""
import gzip
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import oracle  # noqa: E402  (reads the arguments)

MAKER = sys.argv[4]
KINDS = {"ethernet": 1, "wifi": 105, "ip": 101}
PKTAP, PKTAP_SIZE = 258, 108
NO_PROCESS = 2**32 - 1  # -1; Wireshark shows it without sign
HAS_TSHARK = shutil.which("tshark") is not None
HAS_TCPDUMP = shutil.which("tcpdump") is not None


def convert(folder, trace, name, *options):
    oracle.etwtrail("convert", trace, *options, "-o", folder / name, expected=(0, 3))
    return folder / name


def plain(packet, *left_out):
    return {key: value for key, value in packet.items()
            if key not in ("interface_number", *left_out)}


def count_by_tcpdump(path):
    if not HAS_TCPDUMP:
        return None
    return len(oracle.run("tcpdump", "-nr", path).splitlines())


def tshark_fields(path, *fields):
    arguments = [part for field in fields for part in ("-e", field)]
    output = oracle.run("tshark", "-r", path, "-T", "fields", *arguments).decode()
    return [line.split("\t") for line in output.splitlines()]


def check_split(folder, trace, whole):
    convert(folder, trace, "split.pcapng", "--split")
    found = []
    for path in sorted(folder.glob("split*")):
        kind = path.stem.partition("-")[2]
        packets = list(oracle.pcapng_packets(path))
        oracle.equal(f"{trace.name}: links in {path.name}", {p["link"] for p in packets},
                     {KINDS.get(kind)})
        if HAS_TCPDUMP:
            oracle.equal(f"{trace.name}: tcpdump of {path.name}", count_by_tcpdump(path),
                         len(packets))
        found += packets
    found.sort(key=lambda packet: packet["packet_id"])
    oracle.equal(f"{trace.name}: split", [plain(p) for p in found], [plain(p) for p in whole])


def check_gzip(folder, trace):
    packed = convert(folder, trace, "form.pcapng.gz")
    again = convert(folder, trace, "again.pcapng.GZ")
    oracle.run("gzip", "-t", packed)
    oracle.equal(f"{trace.name}: unpacked", gzip.decompress(packed.read_bytes()),
                 (folder / "whole.pcapng").read_bytes())
    oracle.equal(f"{trace.name}: packed again", again.read_bytes(), packed.read_bytes())
    oracle.equal(f"{trace.name}: gzip names nothing", packed.read_bytes()[3:9], b"\0" * 6)
    if HAS_TSHARK:
        oracle.equal(f"{trace.name}: tshark reads gzip",
                     tshark_fields(packed, "frame.time_epoch", "frame.packet_id"),
                     tshark_fields(folder / "whole.pcapng", "frame.time_epoch", "frame.packet_id"))


def check_pktap(folder, trace, whole):
    path = convert(folder, trace, "pktap.pcapng", "--process-blocks", "pktap")
    packets = list(oracle.pcapng_packets(path))
    oracle.equal(f"{trace.name}: PKTAP links", {p["link"] for p in packets} - {PKTAP}, set())
    for packet in packets:
        packet["data"] = packet["data"][PKTAP_SIZE:]
        packet["captured"] -= PKTAP_SIZE
        packet["original"] -= PKTAP_SIZE
    oracle.equal(f"{trace.name}: behind PKTAP", [plain(p, "link") for p in packets],
                 [plain(p, "link") for p in whole])
    if HAS_TCPDUMP:
        oracle.equal(f"{trace.name}: tcpdump of PKTAP", count_by_tcpdump(path), len(packets))
    if HAS_TSHARK:
        rows = oracle.packet_rows(trace)
        owners = [(row["owner"] or {}) for row in rows]
        shown = tshark_fields(path, "pktap.pid", "pktap.cmdname")
        oracle.equal(f"{trace.name}: PKTAP owners", shown,
                     [[str(owner.get("pid", NO_PROCESS)), owner.get("process", "")[:19]]
                      for owner in owners])


def check_snaplen(folder, trace, whole):
    for length in (1, 60):
        path = convert(folder, trace, f"snap-{length}.pcapng", "--snaplen", length)
        for cut, full in zip(oracle.pcapng_packets(path), whole, strict=True):
            place = f"{trace.name}: --snaplen {length}: frame {full['packet_id']}"
            oracle.equal(f"{place}: rest", plain(cut, "data", "captured"),
                         plain(full, "data", "captured"))
            oracle.equal(f"{place}: captured", cut["captured"], min(full["captured"], length))
            # One bit of decrypted Wi-Fi frames is only changed where its byte is there.
            if length > 1 or full["link"] != KINDS["wifi"]:
                oracle.equal(f"{place}: bytes", cut["data"], full["data"][:length])
        if HAS_TSHARK:
            shown = tshark_fields(path, "frame.cap_len", "frame.len")
            oracle.equal(f"{trace.name}: tshark of --snaplen {length}", shown,
                         [[str(min(p["captured"], length)), str(p["original"])] for p in whole])


def check_interfaces(trace, whole):
    rows = oracle.packet_rows(trace)
    interfaces = oracle.info(trace)["interfaces"]
    by_number, by_name = [], {}
    for interface in interfaces:
        number, name = interface["number"], interface["name"]
        chosen = oracle.packet_rows(trace, "--interface", str(number))
        oracle.equal(f"{trace.name}: --interface {number}", len(chosen), interface["packets"])
        oracle.equal(f"{trace.name}: its names", {row["interface"] for row in chosen}, {name})
        by_number += chosen
        by_name[name] = oracle.packet_rows(trace, "--interface", name.upper())
    key = lambda row: row["frame"]  # noqa: E731
    oracle.equal(f"{trace.name}: by number", sorted(by_number, key=key), rows)
    together = [row for chosen in by_name.values() for row in chosen]
    oracle.equal(f"{trace.name}: by name", sorted(together, key=key), rows)
    if interfaces:
        last = str(interfaces[-1]["number"])
        with oracle.Converted(trace, "--interface", last) as path:
            wanted = {row["frame"] for row in oracle.packet_rows(trace, "--interface", last)}
            oracle.equal(f"{trace.name}: converted", [plain(p) for p in oracle.pcapng_packets(path)],
                         [plain(p) for p in whole if p["packet_id"] in wanted])


def check(trace):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        whole = list(oracle.pcapng_packets(convert(folder, trace, "whole.pcapng")))
        check_split(folder, trace, whole)
        check_gzip(folder, trace)
        check_pktap(folder, trace, whole)
        check_snaplen(folder, trace, whole)
        check_interfaces(trace, whole)
    return len(whole)


def main():
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for name in ("mixed-links", "wifi", "raw-ip"):
            made.append(pathlib.Path(folder) / f"{name}.etl")
            subprocess.run([MAKER, "variant", name, made[-1]], check=True, capture_output=True)
        samples = [oracle.SAMPLES / name for name in ("tcpserver.etl", "pktmon-drop.etl")]
        real = [oracle.REAL / name for name in ("pktmon-win10-19042.etl", "netsh-win10-19044.etl")]
        traces = [*made, *samples, *(trace for trace in real if trace.is_file())]
        packets = sum(check(trace) for trace in traces)
    oracle.finish(f"{packets} packets of {len(traces)} traces are the same in every form")


main()

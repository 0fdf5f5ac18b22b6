#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tshark takes each kind of packet apart down to the layer that was meant, and sees what the writer
of the samples put there: channel, rate and signal of Wi-Fi frames, ports of virtual switches, PPP."""
import shutil
import subprocess

import oracle

EMPTY = ""
# One row per packet: what tshark must say of these fields.
EXPECTED = {
    "wifi-radiotap.etl": (
        ("frame.interface_name", "radiotap.channel.freq", "radiotap.datarate",
         "radiotap.dbm_antsignal", "radiotap.mactime", "wlan.fc.type_subtype", "udp.length"),
        [("Wi-Fi", "5180", "6", "-48", "1234567999", "0x0008", EMPTY),
         ("Wi-Fi", EMPTY, EMPTY, EMPTY, EMPTY, "0x0020", "12"),
         ("Wi-Fi", "5180", "54", "-51", EMPTY, "0x0020", "28"),
         ("wifi:8", "2437", "5.5", "-74", EMPTY, "0x0020", "29"),
         ("Wi-Fi", EMPTY, EMPTY, EMPTY, EMPTY, "0x0020", "16"),
         ("Wi-Fi", "5180", "36", "-60", EMPTY, "0x0020", "20"),
         ("Wi-Fi", "5180", EMPTY, "-88", EMPTY, "0x0008", EMPTY)]),
    "vmswitch.etl": (
        ("frame.interface_name", "eth.type", "arp.opcode", "tcp.flags", "udp.length"),
        [("web-01 (port 3)", "0x0806", "1", EMPTY, EMPTY),
         ("web-01 (port 3)", "0x0800", EMPTY, "0x0002", EMPTY),
         ("db-01 (port 4)", "0x0800", EMPTY, "0x0012", EMPTY),
         ("web-01 (port 3)", "0x0800", EMPTY, EMPTY, "45"),
         ("db-01 (port 4)", "0x0800", EMPTY, EMPTY, "45"),
         ("Ethernet", "0x0800", EMPTY, EMPTY, "20"),
         ("Ethernet (port 1)", "0x0800", EMPTY, EMPTY, "20")]),
    "ras-ppp.etl": (
        ("frame.interface_name", "frame.protocols", "ppp.protocol", "udp.length"),
        [("ras:EXAMPLE\\bob", "ppp:lcp", "0xc021", EMPTY),
         ("ras:EXAMPLE\\bob", "ppp:ipcp", "0x8021", EMPTY),
         ("ras:EXAMPLE\\bob", "ppp:ip:udp:data", "0x0021", "18"),
         ("ras:EXAMPLE\\alice", "eth:ethertype:ip:udp:data", EMPTY, "36"),
         ("ras:EXAMPLE\\alice", "eth:ethertype:ipv6:udp:data", EMPTY, "22"),
         ("ras", "raw:ip:udp:data", EMPTY, "16")]),
    "mixed-kinds.etl": (
        ("frame.interface_name", "frame.protocols", "radiotap.channel.freq"),
        [("web-01 (port 3)", "eth:ethertype:arp", EMPTY),
         ("ras:EXAMPLE\\bob", "ppp:lcp", EMPTY),
         ("Wi-Fi", "radiotap:wlan_radio:wlan:llc:ip:udp:data", "5955"),
         ("ras:EXAMPLE\\bob", "ppp:ipcp", EMPTY),
         ("ras:EXAMPLE\\bob", "ppp:ip:udp:data", EMPTY),
         ("component:9", "eth:ethertype:ip:udp:data", EMPTY),
         ("wwan:9", "raw:ip:udp:data", EMPTY),
         ("Ethernet", "eth:ethertype:ip:udp:data", EMPTY),
         ("Ethernet (port 1)", "eth:ethertype:ip:udp:data", EMPTY)]),
}
# What the comments say, by packet; the keys of owners are checked elsewhere.
COMMENTS = {
    "vmswitch.etl": {
        1: {"port": "3", "nic": "web-01", "to": "1;2;4",
            "to_nics": "Ethernet;vEthernet (Lab);db-01", "vlan": "20"},
        5: {"port": "4", "nic": "db-01", "to": "3", "to_nics": "web-01"},
        6: {}},
    "ras-ppp.etl": {
        1: {"user": "EXAMPLE\\bob", "routing_domain": "{00000000-0000-0000-0000-000000000000}"},
        6: {"routing_domain": "{00000000-0000-0000-0000-000000000000}"}},
}
ROUTE_KEYS = ("port", "nic", "to", "to_nics", "vlan", "user", "routing_domain")


def fields_of(path, fields):
    wanted = [argument for field in fields for argument in ("-e", field)]
    done = subprocess.run(["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=f",
                           "-E", "separator=/t", *wanted],
                          capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as")]
    if done.returncode or complaints:
        oracle.fail(f"{path.name}: tshark says {done.returncode} {complaints[:3]}")
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def check_fields(name):
    fields, expected = EXPECTED[name]
    trace = oracle.SAMPLES / name
    with oracle.Converted(trace) as path:
        # The backslash is tshark's own way to write one.
        rows = [tuple(value.replace("\\\\", "\\") for value in row)
                for row in fields_of(path, fields)]
        oracle.equal(f"{name}: packets", len(rows), len(expected))
        for number, (row, wanted) in enumerate(zip(rows, expected), 1):
            for field, found, value in zip(fields, row, wanted):
                oracle.equal(f"{name}: frame {number}: {field}", found, value)
        packets = list(oracle.pcapng_packets(path))
        for number, keys in COMMENTS.get(name, {}).items():
            found = {key: value for key, value in packets[number - 1]["comment"].items()
                     if key in ROUTE_KEYS}
            oracle.equal(f"{name}: frame {number}: comment", found, keys)
    return len(expected)


def check_protected():
    """Decrypted frames lose their Protected bit behind the radiotap header, and keep it on request."""
    trace = oracle.SAMPLES / "wifi-radiotap.etl"
    for options, expected in (((), "0"), (("--keep-protected",), "1")):
        with oracle.Converted(trace, *options) as path:
            found = fields_of(path, ("wlan.fc.protected", "llc.type"))
            oracle.equal(f"wifi-radiotap.etl {options}: Protected of frame 2",
                         found[1][0] in ("1", "True"), expected == "1")


def check_one_link_type():
    """What was sent and what was received have one link type: libpcap's tools read the file."""
    trace = oracle.SAMPLES / "wifi-radiotap.etl"
    with oracle.Converted(trace) as path:
        oracle.equal("wifi-radiotap.etl: link types",
                     {packet["link"] for packet in oracle.pcapng_packets(path)}, {127})
        if shutil.which("tcpdump"):
            printed = oracle.run("tcpdump", "-n", "-r", path).decode("utf-8", "replace")
            oracle.equal("wifi-radiotap.etl: signals in tcpdump", printed.count("dBm signal"), 5)


def main():
    oracle.need_tool("tshark")
    count = sum(check_fields(name) for name in EXPECTED)
    check_protected()
    check_one_link_type()
    oracle.finish(f"{len(EXPECTED)} traces, {count} packets")


main()

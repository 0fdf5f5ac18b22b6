#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_event_layouts.py GUIDS NAMES WIN7 TABLE...: the writer's layout table from tables of facts.

GUIDS has lines `guid name`; NAMES the numbers of keywords, tasks and opcodes; WIN7 the level and
the keywords that events had on Windows 7; every TABLE is one provider, named as the provider, with
one line for every layout of an event, and with PROVIDER.maps.txt beside it: names of values. All
are separated by tabs. The manifests that the reader is
built from are not read here: what writes and what reads must not share a mistake.

    python3 make_event_layouts.py GUIDS NAMES WIN7 TABLE... >event_layouts_table.c
"""
import csv
import pathlib
import re
import sys

FIELD = re.compile(r"^(?P<name>[^:]+):(?P<type>\w+)(?P<rest>.*)$")
TYPES = {"UInt8": "U8", "UInt16": "U16", "UInt32": "U32", "UInt64": "U64", "Int8": "I8",
         "Int16": "I16", "Int32": "I32", "Int64": "I64", "Float": "FLOAT", "Double": "DOUBLE",
         "Boolean": "BOOLEAN", "UnicodeString": "UNICODE", "AnsiString": "ANSI", "GUID": "GUID",
         "Pointer": "POINTER", "SizeT": "SIZE_T", "FILETIME": "FILETIME",
         "SYSTEMTIME": "SYSTEMTIME", "SID": "SID", "HexInt32": "HEX32", "HexInt64": "HEX64",
         "Binary": "BINARY", "CountedUtf16String": "COUNTED"}
LEVELS = {"": 0, "LogAlways": 0, "Always": 0, "Critical": 1, "Error": 2, "Warning": 3, "Informational": 4,
          "Verbose": 5}
# Not in the list of GUIDS.
OWN_GUIDS = {"Microsoft-Quic": "ff15e657-4f26-570e-88ab-0796b258d11c"}
# Opcodes of which the tables give the name and not the number: those all providers share, and
# the socket states of the Winsock driver.
OPCODES = {"": 0, "Info": 0, "Start": 1, "Stop": 2, "Open": 10, "Connected": 12,
           "Disconnected": 13, "Aborted": 14, "Closed": 15, "Freed": 16, "Modified": 17}
# Addresses of the oldest socket events have no length of their own.
OLD_ADDRESSES = {3, 5, 16, 22, 27, 34, 36, 39}
# The tables say once which map a field has; these are its other uses: (field, events or None).
STATES = "TCP_CONNECTION_STATE_ValueMap"
MAP_USES = {
    "Microsoft-Windows-TCPIP": {
        STATES: (("NewState", {1002, 1015, 1030, 1051, *range(1182, 1188), 1364, 1365}),
                 ("OldState", {1051}), ("TcbState", {1099}), ("TcpState", None),
                 ("State", {1300, *range(1305, 1311), 1555, 1603})),
        "TCP_TIMER_TYPE_ValueMap": (("TimerType", {1064, 1065, 1066}),),
        "TCPIP_TRANSPORT_PACKET_DROP_REASON_ValueMap": (("Reason", {1214}),),
        "TCPIP_NETWORK_PACKET_DROP_REASON_ValueMap": (("Reason", {1215}),),
        "TCPIP_SLOW_PATH_REASON_ValueMap": (("Reason", {1205, 1206}),),
        "TCPIP_Transport_Protocol_ValueMap": (("IPTransportProtocol", None),),
        "TCPIP_ADDRESS_FAMILY_TYPE_ValueMap": (("AddressFamily", None),),
        "TCPIP_IP_DAD_STATE_ValueMap": (("DadState", None),)},
    "Microsoft-Windows-SMBServer": {"ConnectionTypeMap": (("ConnectionType", None),)},
}
# Maps that are older than the first build the tables name.
MAP_BUILDS = {("TCP_TIMER_TYPE_ValueMap", 17134): 15063}
# An event whose addresses are those of IPv6, without saying so.
IPV6_TUPLE = 60102


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_guids(path):
    lines = (line.split("\t") for line in pathlib.Path(path).read_text("utf-8").splitlines())
    return {**OWN_GUIDS, **{parts[1]: parts[0].strip("{}") for parts in lines if len(parts) > 1}}


class Numbers:
    """Numbers of names; those of Windows 7 apart, because keywords moved after it."""

    def __init__(self, path):
        self.all, self.windows7 = {}, {}
        for row in rows_of(path):
            key = (row["provider"], row["kind"], row["task"], row["name"])
            dumps = row["dumps"].split()
            if "win7-7600" in dumps:
                self.windows7[key] = int(row["value"], 0)
            if dumps != ["win7-7600"]:
                self.all[key] = int(row["value"], 0)

    def find(self, key, is_windows7=False):
        first, second = ((self.windows7, self.all) if is_windows7 else (self.all, self.windows7))
        return first.get(key, second.get(key))

    def keywords(self, provider, names, is_windows7):
        mask = 0
        for name in names.split():
            bare = re.match(r"^keyword_([0-9a-f]+)$", name)
            value = int(bare[1], 16) if bare else self.find((provider, "keyword", "", name),
                                                            is_windows7)
            mask |= value or 0
        return mask


def map_of(provider, event_id, name, rest):
    named = re.search(r"<(?:ut:)?(\w+)>", rest)
    if named:
        return named[1]
    for name_of_map, uses in MAP_USES.get(provider, {}).items():
        if any(of == name and (events is None or event_id in events) for of, events in uses):
            return name_of_map
    return None


def read_field(text, provider, event_id, names):
    match = FIELD.match(text)
    name, kind, rest = match["name"], match["type"], match["rest"]
    map_name = map_of(provider, event_id, name, rest)
    length, link = "OWN", 0
    bracket = re.search(r"\[\??(\w+)\]", rest)
    count = re.search(r"[*x×](\w+)", re.sub(r"<[^>]*>|\[[^]]*\]", "", rest))
    if bracket and bracket[1].isdigit():
        length, link = "FIXED", int(bracket[1])
    elif bracket:
        length, link = "FIELD", names.index(bracket[1])
    elif count and not count[1].isdigit():
        # On Windows 7 the lists of groups have a number of their own and no length.
        counted = count[1] if count[1] in names else count[1].replace("Length", "Count")
        length, link = "COUNT", names.index(counted)
    elif count:
        length, link = "REPEATED", int(count[1])
    elif kind == "Binary" and ("IPv6" in name or event_id == IPV6_TUPLE or
                               (name == "Address" and event_id in OLD_ADDRESSES)):
        length, link = "FIXED", 16
    elif kind == "Binary" and "MacAddress" in name:
        length, link = "FIXED", 6
    elif kind == "Binary" and name == "EndCertHash":
        length, link = "FIXED", 20
    is_ipv4 = "outType:IPv4" in rest
    # Kernel-Network logs a pointer where its manifest says u32 [measured: 64-bit traces].
    kind = "Pointer" if name == "connid" else kind
    quoted = f'"{map_name}"' if map_name else "NULL"
    return (f'{{"{name}", FIELD_{TYPES[kind]}, LENGTH_{length}, {link}, {int(is_ipv4)}, '
            f"{quoted}}}"), map_name


def read_fields(text, provider, event_id):
    """The fields as rows of the table, and the maps they have."""
    parts = [part for part in text.split(", ") if part]
    # Of an array of structures the table has a number; nobody knows what it is of.
    unknown = [i for i, part in enumerate(parts) if re.search(r":\d+$", part)]
    parts = parts[:unknown[0]] if unknown else parts
    names = [part.split(":")[0] for part in parts]
    rows = [read_field(part, provider, event_id, names[:i]) for i, part in enumerate(parts)]
    return tuple(row for row, _ in rows), {name for _, name in rows if name}


def read_maps(path):
    """(name, first build, is bitmap, ((value, text), ...)) of every variant."""
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        name, kind, since, values = (line + "\t").split("\t")[:4]
        name, first = name.removeprefix("ut:"), build(since)
        entries = tuple((int(value, 16), text.strip()) for value, text in
                        re.findall(r"(0x[0-9a-f]+)=(.*?)(?:; (?=0x[0-9a-f]+=)|$)", values))
        yield name, MAP_BUILDS.get((name, first), first), kind == "bitMap", entries


def build(text):
    found = re.search(r"-(\d{4,5})$", text)
    return int(found[1]) if found else 14393  # the one dump named without its build


def print_guid(text):
    first, second, third, *rest = text.split("-")
    tail = "".join(rest)
    bytes_ = ", ".join("0x" + tail[i:i + 2].upper() for i in range(0, 16, 2))
    return f"{{0x{first.upper()}, 0x{second.upper()}, 0x{third.upper()}, {{{bytes_}}}}}"


class Table:
    def __init__(self, guids, names, windows7):
        self.guids, self.numbers = read_guids(guids), Numbers(names)
        self.windows7 = {(row[0], row[1], row[2]): row for row in
                         (line.split("\t") for line in
                          pathlib.Path(windows7).read_text("utf-8").splitlines())}
        self.providers, self.starts, self.fields, self.rows = [], {}, [], []
        self.maps, self.entries = [], []

    def place(self, fields):
        if fields not in self.starts:
            self.starts[fields] = len(self.fields)
            self.fields += fields
        return self.starts[fields]

    def add_provider(self, path):
        provider = pathlib.Path(path).stem
        index = len(self.providers)
        self.providers.append(provider)
        used = set()
        for row in rows_of(path):
            event_id, version = int(row["id"]), int(row["version"])
            fields, names = read_fields(row["fields"], provider, event_id)
            used |= names
            level, keywords = row["level"], row["keywords"]
            old = self.windows7.get((provider, row["id"], row["version"]))
            opcode = self.numbers.find((provider, "opcode", row["task"], row["opcode"]))
            if opcode is None:
                opcode = OPCODES.get(row["opcode"], 0)
            self.rows.append((
                index, event_id, version, build(row["first_os"]), row["task"],
                self.numbers.find((provider, "task", "", row["task"])) or 0, opcode,
                LEVELS[level], LEVELS[old[3]] if old else LEVELS[level],
                self.numbers.keywords(provider, keywords, False),
                self.numbers.keywords(provider, old[4] if old and len(old) > 4 else keywords, True),
                self.place(fields), len(fields)))
        for name, first, is_bitmap, entries in read_maps(pathlib.Path(path).with_suffix(".maps.txt")):
            if name in used:
                self.maps.append((index, name, first, is_bitmap, len(self.entries), len(entries)))
                self.entries += entries

    def print(self):
        print("/* Made by: python3 make_event_layouts.py GUIDS NAMES WIN7 TABLE... */")
        print("/* SPDX-License-Identifier: MIT */")
        print('#include "event_layouts_table.h"\n')
        print("/* clang-format off */")
        print("const struct event_provider event_providers[] = {")
        for name in self.providers:
            print(f'    {{"{name}", {print_guid(self.guids[name])}}},')
        print("};")
        print(f"const size_t event_provider_count = {len(self.providers)};\n")
        print("/* Layouts that are alike share their fields. */")
        print("const struct event_field event_fields[] = {")
        for field in self.fields:
            print(f"    {field},")
        print("};\n")
        print("/* provider, id, version, first build, name, task, opcode, level, level and keyword "
              "on\n * Windows 7 beside the later ones, first field, fields */")
        print("const struct event_layout event_layouts[] = {")
        for row in sorted(self.rows, key=lambda row: row[:4]):
            index, event_id, version, first, name, task, opcode, level, level7, mask, mask7, at, n = row
            print(f'    {{{index}, {event_id}, {version}, {first}, "{name}", {task}, {opcode}, '
                  f"{level}, {level7}, 0x{mask:X}, 0x{mask7:X}, {at}, {n}}},")
        print("};")
        print(f"const size_t event_layout_count = {len(self.rows)};\n")
        print("const struct event_map_entry event_map_entries[] = {")
        for value, text in self.entries:
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            print(f'    {{0x{value:X}, "{quoted}"}},')
        print("};\n")
        print("/* provider, name, first build, is bitmap, first entry, entries */")
        print("const struct event_map event_maps[] = {")
        for index, name, first, is_bitmap, at, n in sorted(self.maps):
            print(f'    {{{index}, "{name}", {first}, {int(is_bitmap)}, {at}, {n}}},')
        print("};")
        print(f"const size_t event_map_count = {len(self.maps)};")
        print("/* clang-format on */")


def main():
    table = Table(*sys.argv[1:4])
    for path in sys.argv[4:]:
        table.add_provider(path)
    table.print()


if __name__ == "__main__":
    main()

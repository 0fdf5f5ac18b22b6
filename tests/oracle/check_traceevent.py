#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`events` gives the same events, as often, with the same fields, as Microsoft's TraceEvent.

Its texts have sample events (EVENT time: type name=value; ...) and then how often each type
occurred (COUNT type:number). Values are cut after 20 characters, numbers have thousands
separators, 32 and 64 bit numbers are signed.
"""
import collections
import json
import re

import oracle

# TraceEvent's class -> ours.
CLASSES = {
    "Windows Kernel/EventTrace": "EventTrace",
    "Windows Kernel/SystemConfig": "SystemConfig",
    "MSNT_SystemTrace/SystemConfig": "SystemConfig",
    "Windows Kernel/SysConfig": "SystemConfigEx",
    "Windows Kernel/Process": "Process",
    "Windows Kernel/Thread": "Thread",
    "Windows Kernel/Image": "Image",
    "MSNT_SystemTrace/Image": "Image",
    "Windows Kernel/TcpIp": "TcpIp",
    "Windows Kernel/UdpIp": "UdpIp",
    "Windows Kernel/DiskIO": "DiskIo",
    "Windows Kernel/Memory": "PageFault",
    "Windows Kernel/PerfInfo": "PerfInfo",
    "KernelTraceControl/ImageID": "ImageID",
    "KernelTraceControl/MetaData": "EventMetadata",
}
# Ours by class, whatever a provider table calls it.
GUIDS = {
    "68fdd900-4a3e-11d1-84f4-0000f80464e3": "EventTrace",
    "01853a65-418f-4f36-aefc-dc0f1d2fd235": "SystemConfig",
    "9b79ee91-b5fd-41c0-a243-4248e266e9d0": "SystemConfigEx",
    "3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c": "Process",
    "3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c": "Thread",
    "2cb15d1d-5fc1-11d2-abe1-00a0c911f518": "Image",
    "9a280ac0-c8e0-11d1-84e2-00c04fb998a2": "TcpIp",
    "bf3a50c5-a9c9-4988-a005-2df0b7c80f80": "UdpIp",
    "3d6fa8d4-fe05-11d0-9dda-00c04fd7ba7c": "DiskIo",
    "3d6fa8d3-fe05-11d0-9dda-00c04fd7ba7c": "PageFault",
    "b3e675d7-2554-4f18-830b-2762732560de": "ImageID",
    "bbccf6c1-6cd1-48c4-80ff-839482e37671": "EventMetadata",
    "ce1dbfb4-137e-4da6-87b0-3f59aa102cbc": "PerfInfo",
}
# Types that have another name or none there.
NAMES = {
    "EventTrace": "EventTrace/Header",
    "ImageID": "ImageID/Info",
    "SystemConfigEx/Opcode(37)": "SystemConfigEx/OSVersion",
}
# Manifest events are counted by provider.
PROVIDER = re.compile(r"([A-Za-z_.]+(?:-[A-Za-z]+)*)/.*")
# Microsoft's own reader of these has later fields, other names and numbers for names of
# values; only what both have in common is compared.
RUNTIME = "Microsoft-Windows-DotNETRuntime"

# TraceEvent leaves these out, or counts fewer than the trace has.
NOT_COUNTED = {
    "PerfInfo/Sample", f"{RUNTIME}/*", f"{RUNTIME}Private/*", f"{RUNTIME}Rundown/*",
    "Thread/DCStart", "Thread/DCStop", "Image/HypercallPage", "EventTrace/PartitionInfo",
    "SystemConfig/OpticalMedia", "SystemConfig/DPI",
}
# Names that TraceEvent made up, by ours.
RENAMED = {
    "pagedirectorybase": "directorytablebase",
    "memorycount": "pagefaultcount",
    "startaddr": "affinity",
    "irpptr": "irp",
    "fileattributes": "createattributes",
    "sessionname": "sessionnamestring",
    "logfilename": "logfilenamestring",
}
# Of other events, or computed by TraceEvent.
HEAD = {"PID", "TID", "PName", "ProceNum", "DataLen"}
NOT_IN_PAYLOAD = {
    "BuildTime", "UtcOffsetMinutes", "ParentThreadID", "ParentProcessID", "ElapsedTimeMSec",
    "DiskServiceTimeMSec", "FileKey", "Priority", "PayloadLength",
}
# Where TraceEvent shows something else than the bytes that the name belongs to.
NOT_COMPARED = {
    "UdpIp": {"context", "dsize"},  # names of version 0: PID and size as one pointer
    "ImageID/Info": {"ProcessID"},  # the upper half of ImageSize
    "DiskIo": {"IrpFlags", "FileName"},  # names for some of the bits; of another event
    "PageFault": {"FileName"},
    "PerfInfo/Sample": {"ProcessorNumber", "ExecutingDPC", "ExecutingISR", "Rank"},  # derived
    "PerfInfo/CollectionStart": {"SampleSource"},
    "PerfInfo/CollectionEnd": {"SampleSource"},
    "SystemConfig/Services": {"ProcessName"},  # as it names the process itself
    # The numbers of NtCreateFile taken apart and given names.
    "Microsoft-Windows-Kernel-File": {"CreateOptions", "CreateDisposition", "ShareAccess"},
}
SERVICE_STATES = {"Stopped": 1, "StartPending": 2, "StopPending": 3, "Running": 4,
                  "ContinuePending": 5, "PausePending": 6, "Paused": 7}


def their_type(name):
    """Our Class/Event of a TraceEvent type, or Provider/... of a manifest event; None: neither."""
    class_name, _, event = name.rpartition("/")
    for type_class, type_event in ((name, ""), (class_name, event)):
        if type_class in CLASSES:
            ours = "/".join(filter(None, (CLASSES[type_class], type_event)))
            return NAMES.get(ours, ours)
    match = PROVIDER.match(name)
    return match.group(1) + "/*" if match else None


def our_type(row):
    class_name = GUIDS.get(row.get("provider_guid"))
    if class_name:
        return f"{class_name}/{row.get('name')}"
    return row["provider"] + "/*" if "id" in row and "provider" in row else None


def ticks(time):
    """100 ns since midnight; the trace is shorter than a day."""
    hour, minute, second, fraction = re.search(r"T(\d+):(\d+):(\d+)\.(\d{7})", time).groups()
    return ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 10**7 + int(fraction)


def read_text(path):
    events, counts = [], collections.Counter()
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if line.startswith("COUNT "):
            name, _, number = line[6:].rpartition(":")
            kind = their_type(name)
            if kind and kind not in NOT_COUNTED:
                counts[kind] += int(number)
        match = re.match(r"EVENT ([\d,.]+): (.*?) PID=(.*)", line)
        if match:
            pairs = re.findall(r"([\w.]+)=(.*?); (?=[\w.]+=|$)", "PID=" + match.group(3))
            time = round(float(match.group(1).replace(",", "")) * 10000)
            events.append((time, match.group(2), dict(pairs)))
    return events, counts


def flatten(fields):
    return {name.lower(): value for name, value in fields.items()}


def number_of(value):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and len(value) == 1:
        return ord(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"0x[0-9a-fA-F]+", value):
        return int(value, 16)
    return SERVICE_STATES.get(value)


def text_forms(value):
    """What a value of ours looks like in their text."""
    if isinstance(value, bool):
        return [str(value)]
    text = str(value)
    forms = [text, text.replace("\u0000", ""), text.replace("|", ", ")]
    match = re.fullmatch(r"\d\d(\d\d)-(\d\d)-(\d\d)T([\d:.]+)Z", text)
    if match:
        year, month, day, clock = match.groups()
        forms.append(f"{year}/{month}/{day} {clock}")
    return forms


def values_agree(name, theirs, ours):
    number = None if theirs == ours else number_of(ours)
    if name == "PhysicalAddr":
        number = int.from_bytes(bytes.fromhex(ours), "little", signed=True)
        ours = f"{number:,}"
    elif name == "system_time_type":  # TraceEvent has other milliseconds than the FILETIME beside
        theirs = theirs.partition(".")[0] + "..."
    if re.fullmatch(r"-?[\d,]+", theirs) and number is not None:
        wanted = int(theirs.replace(",", ""))
        if wanted >= 0 and number >= 0:
            return wanted == number
        return any((wanted - number) % 2**bits == 0 for bits in (32, 64))
    if re.fullmatch(r"0x[0-9a-fA-F]+", theirs) and number is not None:
        return int(theirs, 16) == number
    if theirs == "None":
        return number == 0
    if theirs.endswith("..."):
        return any(form.startswith(theirs[:-3]) for form in text_forms(ours))
    return theirs in text_forms(ours)


def to_drive(path, volumes):
    for nt_path, dos_path in volumes:
        if path.startswith(nt_path):
            return dos_path + path[len(nt_path):]
    return "C:" + path if path.startswith("\\Windows\\") else path


def differences(kind, theirs, row, volumes):
    """Fields that do not agree, and how many did."""
    ours = flatten(row.get("fields", {}))
    skipped = HEAD | NOT_IN_PAYLOAD | NOT_COMPARED.get(kind, set()) | \
        NOT_COMPARED.get(kind.split("/")[0], set())
    wrong, right = [], 0
    for name, value in theirs.items():
        if name in skipped:
            continue
        key = name.lower()
        renamed = RENAMED.get(key)
        if renamed in ours:
            key = renamed
        if key not in ours and (value == "" or kind.startswith(RUNTIME)):
            continue
        found = ours.get(key)
        if key == "filename" and found is not None:
            found = to_drive(found, volumes)
        if kind.startswith(RUNTIME) and value.isdigit() and number_of(found) is None:
            continue
        if key not in ours or not values_agree(name, value, found):
            wrong.append(f"{name}={value} but {found!r}")
        else:
            right += 1
    return wrong, right


def check_event(event, rows, volumes, tally):
    time, name, fields = event
    kind = their_type(name)
    if not kind:
        tally["left out"] += 1
        return
    processor = int(fields["ProceNum"])
    candidates = [row for row in rows[kind] if row["cpu"] == processor and
                  abs(row["ticks"] - time) <= 10]
    if not candidates:
        oracle.fail(f"{name} at {time}: no such event")
        return
    if all("undecoded" in row for row in candidates):
        tally["left out"] += 1
        return
    results = [differences(kind, fields, row, volumes) for row in candidates]
    wrong, right = min(results, key=lambda result: len(result[0]))
    for text in wrong:
        oracle.fail(f"{name} at {time}: {text}")
    tally["events"] += 1
    tally["fields"] += right


def check(name):
    events, counts = read_text(oracle.need_real(f"{name}.traceevent.txt"))
    lines = oracle.etwtrail("events", "--format", "ndjson",
                            oracle.need_real(f"{name}.etl")).decode().splitlines()
    rows = collections.defaultdict(list)
    start = None
    for line in lines:
        row = json.loads(line)
        start = ticks(row["time"]) if start is None else start
        row["ticks"] = ticks(row["time"]) - start
        rows[our_type(row)].append(row)

    for kind in filter(None, counts.keys() | rows.keys() - NOT_COUNTED):
        oracle.equal(f"{name}: number of {kind}", len(rows[kind]), counts[kind])
        oracle.equal(f"{name}: {kind} that were not decoded",
                     sum("undecoded" in row for row in rows[kind]), 0)

    volumes = sorted(((row["fields"]["NtPath"], row["fields"]["DosPath"])
                      for row in rows["SystemConfigEx/VolumeMapping"]),
                     key=lambda mapping: -len(mapping[0]))
    tally = collections.Counter()
    for event in events:
        check_event(event, rows, volumes, tally)
    return (f"{name}: {len(counts)} types occur as often ({sum(counts.values())} events), "
            f"{tally['events']} sample events agree in {tally['fields']} fields "
            f"({tally['left out']} not compared)")


def main():
    oracle.finish("\n".join(check(name) for name in
                            ("kernel-logger-win8-wow64", "tracelogging-types")))


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes provider_names_table.c from a list of providers.

    ./make_provider_names.py GUIDS.tsv > provider_names_table.c

GUIDS.tsv: a heading line, then one "GUID<tab>name" per line. The classes of classic
events below come on top, under the names of their WMI classes.
"""
import sys
import uuid

CLASSIC = {
    "45d8cccd-539f-4b72-a8b7-5c683142609a": "ALPC",
    "7687a439-f752-45b8-b741-321aec0f8df9": "Cc",
    "3ac66736-cc59-4cff-8115-8df50e39816b": "CritSec",
    "13976d09-a327-438c-950b-7f03192815c7": "DbgPrint",
    "3d6fa8d4-fe05-11d0-9dda-00c04fd7ba7c": "DiskIo",
    "b2d14872-7c5b-463d-8419-ee9bf7d23e04": "Dpc",
    "bbccf6c1-6cd1-48c4-80ff-839482e37671": "EventMetadata",
    "68fdd900-4a3e-11d1-84f4-0000f80464e3": "EventTrace",
    "90cbdc39-4a3e-11d1-84f4-0000f80464e3": "FileIo",
    "222962ab-6180-4b88-a825-346b75f2a24a": "Heap",
    "7f2a405c-69b5-4bf9-a1f5-30e8f1afab5e": "Hypervisor",
    "2ce9a149-effe-42f0-a635-a1d39e26c8f2": "HypervisorX",
    "2cb15d1d-5fc1-11d2-abe1-00a0c911f518": "Image",
    "b3e675d7-2554-4f18-830b-2762732560de": "ImageID",
    "3282fc76-feed-498e-8aa7-e70f459d430e": "Job",
    "6a399ae0-4bc6-4de9-870b-3657f8947e7e": "LostEvent",
    "a9152f00-3f58-4bee-92a1-70c7d079d5dd": "ModBound",
    "89497f50-effe-4440-8cf2-ce6b1cdcaca7": "Object",
    "3d6fa8d3-fe05-11d0-9dda-00c04fd7ba7c": "PageFault",
    "ce1dbfb4-137e-4da6-87b0-3f59aa102cbc": "PerfInfo",
    "0268a8b6-74fd-4302-9dd0-6e8f1795c0cf": "Pool",
    "e43445e0-0903-48c3-b878-ff0fccebdd04": "Power",
    "3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c": "Process",
    "ae53722e-c863-11d2-8659-00c04fa321a1": "Registry",
    "99134383-5248-43fc-834b-529454e75df3": "Spare",
    "d837ca92-12b9-44a5-ad6a-3a65b3578aa8": "SplitIo",
    "def2fe46-7bd6-4b80-bd94-f57fe20d0ce3": "StackWalk",
    "01853a65-418f-4f36-aefc-dc0f1d2fd235": "SystemConfig",
    "9b79ee91-b5fd-41c0-a243-4248e266e9d0": "SystemConfigEx",
    "9a280ac0-c8e0-11d1-84e2-00c04fb998a2": "TcpIp",
    "3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c": "Thread",
    "c861d0e2-a2c1-4d36-9f9c-970bab943a12": "ThreadPool",
    "bf3a50c5-a9c9-4988-a005-2df0b7c80f80": "UdpIp",
    "9aec974b-5b8e-4118-9b92-3186d8002ce5": "UMS",
    "9e814aad-3204-11d2-9a82-006008a86939": "Windows Kernel Trace",
    "ed54dff8-c409-4cf6-bf83-05e1e61a09c4": "WinSAT",
    "42695762-ea50-497a-9068-5cbbb35e0b95": "Wnf",
}

HEAD = """\
/* Generated: ./make_provider_names.py GUIDS.tsv > provider_names_table.c */
/* SPDX-License-Identifier: MIT */
#include "etw/providers/provider_names_table.h"

/* clang-format off */
const struct provider_name_row provider_names_table[] = {
"""

TAIL = """\
};
const size_t provider_names_count = sizeof(provider_names_table) / sizeof(provider_names_table[0]);
/* clang-format on */
"""


def read_names(path):
    names = {}
    with open(path, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            guid, name = line.rstrip("\n").split("\t")
            names[uuid.UUID(guid)] = name.strip()
    return names


def format_row(guid, name):
    a, b, c = guid.fields[:3]
    rest = ", ".join(f"0x{byte:02x}" for byte in guid.bytes[8:])
    text = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'    {{GUID_OF(0x{a:08x}, 0x{b:04x}, 0x{c:04x}, {rest}), "{text}"}},'


def main():
    names = read_names(sys.argv[1])
    names.update({uuid.UUID(guid): name for guid, name in CLASSIC.items()})
    print(HEAD, end="")
    for guid in sorted(names, key=lambda guid: guid.bytes_le):
        print(format_row(guid, names[guid]))
    print(TAIL, end="")


if __name__ == "__main__":
    main()

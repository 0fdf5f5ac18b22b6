#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes pktmon_names_table.c from two lists.

    ./make_pktmon_names.py LISTS.md > pktmon_names_table.c

LISTS.md: a heading with the word DropReason, then "number name" pairs separated by
commas, and a heading with the word DropLocation, then "hexadecimal name" pairs:
the low 16 bits of a location, above which 0xE000 stands.
"""
import re
import sys

HEAD = """\
/* Generated: ./make_pktmon_names.py LISTS.md > pktmon_names_table.c */
/* SPDX-License-Identifier: MIT */
#include "etw/providers/pktmon_names.h"

/* clang-format off */
"""


def read_pairs(text, heading, base):
    section = re.search(rf"^#[^\n]*{heading}[^\n]*\n(.*?)(?=^#|\Z)", text, re.S | re.M).group(1)
    start = re.search(r"^[0-9A-F]+ \w+,", section, re.M).start()
    pairs = re.findall(r"\b([0-9A-F]+)\s+(\w+)\s*(?:,|\Z)", section[start:].strip())
    return sorted((int(number, base), name) for number, name in pairs)


def print_table(name, pairs, form):
    print(f"const struct pktmon_name {name}[] = {{")
    for number, text in pairs:
        print(f'    {{{form.format(number)}, "{text}"}},')
    print("};")
    print(f"const size_t {name[:-1]}_count = "
          f"sizeof({name}) / sizeof({name}[0]);")


def main():
    with open(sys.argv[1], encoding="utf-8") as lists:
        text = lists.read()
    print(HEAD, end="")
    print_table("pktmon_drop_reasons", read_pairs(text, "DropReason", 10), "{}")
    print()
    locations = [(0xE0000000 | low, name) for low, name in read_pairs(text, "DropLocation", 16)]
    print_table("pktmon_drop_locations", locations, "0x{:08X}")
    print("/* clang-format on */")


if __name__ == "__main__":
    main()

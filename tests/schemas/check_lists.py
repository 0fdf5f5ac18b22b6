#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_lists.py ROOT: closed lists of the info schema equal the tables of the code."""
import json
import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    schema = json.loads((root / "docs/schemas/info.schema.json").read_text(encoding="utf-8"))
    table = (root / "etw/findings.c").read_text(encoding="utf-8")
    members = schema["properties"]
    listed = members["findings"]["items"]["properties"]["name"]["enum"]
    reasons = members["records"]["properties"]["skipped"]["items"]["properties"]["reason"]["enum"]
    failed = False
    for name in sorted(set(re.findall(r'\{"([a-z0-9-]+)"', table)) ^ set(listed)):
        print(f"{name} is only in one of schema and code")
        failed = True
    for reason in reasons:
        if reason not in listed:
            print(f"skipped: {reason} is no finding")
            failed = True
    print(f"{len(listed)} findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

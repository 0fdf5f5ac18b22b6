#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_lists.py ROOT: closed lists of the schemas equal the tables of the code."""
import json
import pathlib
import re
import sys


def check_steps(root):
    """Layers and kinds of the rows of timelines; their number, 0 when they differ."""
    schema = json.loads((root / "docs/schemas/timeline.schema.json").read_text(encoding="utf-8"))
    members = schema["$defs"]["row"]["properties"]
    table = (root / "correlate/step_names.c").read_text(encoding="utf-8")
    for member in ("layer", "what"):
        names = re.search(member + r"_names\[[A-Z_]*\] = \{(.*?)\};", table, re.DOTALL).group(1)
        if re.findall(r'"([a-z]+)"', names) != members[member]["enum"]:
            print(f"the words of {member} are others in schema and code")
            return 0
    return len(members["what"]["enum"])


def check_conditions(root, common):
    table = (root / "correlate/smb_conditions.c").read_text(encoding="utf-8")
    is_same = re.findall(r'= "([a-z-]+)"', table) == common["$defs"]["smb_condition"]["enum"]
    if not is_same:
        print("the conditions of SMB are others in schema and code")
    return is_same


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
    common = json.loads((root / "docs/schemas/common.schema.json").read_text(encoding="utf-8"))
    rules = common["$defs"]["judgements"]["items"]["properties"]["rule"]["enum"]
    table = (root / "correlate/judge_rules.c").read_text(encoding="utf-8")
    if re.findall(r'ROW\(CORR_JUDGE_\w+, \w+, "([a-z-]+)"', table) != rules:
        print("the rules of judgements are others in schema and code")
        failed = True
    table = (root / "cli/diagnosis_rules.c").read_text(encoding="utf-8")
    missing = re.findall(r'^    \{"([a-z]+)", \w+,', table, re.MULTILINE)
    if list(dict.fromkeys(missing)) != members["missing"]["items"]["properties"]["what"]["enum"]:
        print("what can be missing is something else in schema and code")
        failed = True
    steps = check_steps(root)
    failed = failed or not steps or not check_conditions(root, common)
    print(f"{len(listed)} findings, {len(rules)} rules, {steps} kinds of steps")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

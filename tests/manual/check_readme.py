#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_readme.py PROGRAM ROOT: what the README shows behind "$ etwtrail ..." is what is printed, and
its commands for Windows are those of `info`."""
import os
import pathlib
import re
import subprocess
import sys


def main():
    program, root = sys.argv[1:]
    text = (pathlib.Path(root) / "README.md").read_text(encoding="utf-8")
    # Code is indented by four; an empty line in it stays empty.
    examples = re.findall(r"^    \$ etwtrail (.*)\n((?:(?:    .*)?\n)*)", text, re.MULTILINE)
    failed = not examples
    for arguments, shown in examples:
        wanted = "\n".join(line[4:] for line in shown.rstrip("\n").split("\n")) + "\n"
        environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
        done = subprocess.run([program, *arguments.split()], cwd=root, env=environment,
                              capture_output=True, text=True, check=False)
        if done.returncode or done.stdout != wanted:
            failed = True
            print(f"etwtrail {arguments}: the README shows\n{wanted}\nbut it prints\n{done.stdout}")
    printed = "".join(path.read_text(encoding="utf-8")
                      for path in (pathlib.Path(root) / "tests/golden/expected").glob("doctor-*.txt"))
    commands = re.findall(r"^    ((?:netsh|pktmon) .* start .*|pktmon start .*)$", text, re.MULTILINE)
    for command in commands:
        if f"    {command}\n" not in printed:
            failed = True
            print(f"info prints no such command: {command}")
    print(f"{len(examples)} examples, {len(commands)} commands")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

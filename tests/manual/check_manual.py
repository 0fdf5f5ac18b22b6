#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_manual.py PROGRAM DOCS: the manual page and the program know the same options and verbs."""
import pathlib
import re
import subprocess
import sys


def help_of(program, *verb):
    done = subprocess.run([program, *verb, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def main():
    program, docs = sys.argv[1:]
    page = (pathlib.Path(docs) / "etwtrail.1").read_text(encoding="utf-8")
    overview = help_of(program)
    verbs = set(re.findall(r"^  ([a-z]+)  +\S", overview.split("Verbs:")[1], re.MULTILINE))
    options = set()
    for text in [overview] + [help_of(program, verb) for verb in verbs]:
        options |= set(re.findall(r"^  (?:-\w, )?--([a-z-]+)", text, re.MULTILINE))
    documented = set(re.findall(r"\bFl -([a-z-]+)", page))
    documented_verbs = set(re.findall(r"^\.It Cm ([a-z]+)$", page, re.MULTILINE))
    failed = False
    for what, missing in (("option only in the program", options - documented),
                          ("option only in the manual", documented - options),
                          ("verb only in the program", verbs - documented_verbs),
                          ("verb only in the manual", documented_verbs - verbs)):
        for name in sorted(missing):
            print(f"{what}: {name}")
            failed = True
    print(f"{len(options)} options, {len(verbs)} verbs")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

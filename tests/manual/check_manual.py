#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_manual.py PROGRAM DOCS: the manual page is what make_manual.py makes of it, tells of every
verb, refers to sections that exist, and is sound for the programs that show manual pages."""
import difflib
import pathlib
import re
import shutil
import subprocess
import sys

PROGRAM, DOCS = sys.argv[1:]
sys.path.insert(0, DOCS)
from make_manual import make  # noqa: E402  pylint: disable=wrong-import-position
from program_help import verbs_of  # noqa: E402  pylint: disable=wrong-import-position

PATH = pathlib.Path(DOCS) / "etwtrail.1"
# (what must be there, what says what is wrong with the page)
LINTERS = (("mandoc", ["mandoc", "-T", "lint", "-W", "warning", str(PATH)]),
           ("groff", ["groff", "-ww", "-mdoc", "-T", "utf8", "-z", str(PATH)]))


def faults_of(page):
    try:
        made = make(page, PROGRAM)
    except ValueError as error:
        return [str(error)]
    faults = list(difflib.unified_diff(page.splitlines(), made.splitlines(), "the page",
                                       "as it should be (target update-manual)", lineterm=""))
    verbs = [verb.name for verb in verbs_of(PROGRAM)]
    documented = re.findall(r"^\.It Cm ([a-z]+)$", page, re.MULTILINE)
    if documented != verbs:
        faults.append(f"verbs of the program: {verbs}, of the page: {documented}")
    sections = set(re.findall(r"^\.S[hs] (.*)$", page, re.MULTILINE))
    faults += [f"there is no section {name}"
               for name in re.findall(r"^\.Sx (.*?)(?: [.,;:)]+)?$", page, re.MULTILINE)
               if name not in sections]
    return faults


def main():
    faults = faults_of(PATH.read_text(encoding="utf-8"))
    for tool, command in LINTERS:
        if shutil.which(tool):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            faults += (done.stdout + done.stderr).splitlines()
        else:
            print(f"without {tool}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_documents.py ROOT: the documents name only files and functions that exist.

Looks at everything between backquotes: what has a slash or a known ending must be a file, what is
spelled like a function of ours must be in the sources. Links must lead somewhere.
"""
import pathlib
import re
import sys

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/README.md",
             "etw/FORMAT.md", "samples/README.md")
# Places where a name without its folder may be meant.
FOLDERS = ("", "etw", "etw/providers", "etw/container", "etw/schema", "correlate", "pcapout", "cli",
           "docs", "tests", "tests/golden", "samples", "samples/writer")
NOT_OURS = re.compile(r"^(\.\./|/|~|bin/|build/|OUT|TRACE|FILE)|^#|[A-Z]{3,}|[*<>{ ]")


def is_file(root, name):
    return any((root / folder / name.rstrip("/")).exists() for folder in FOLDERS)


def main():
    root = pathlib.Path(sys.argv[1])
    sources = "".join(path.read_text(encoding="utf-8")
                      for folder in ("etw", "correlate", "pcapout", "cli", "samples")
                      for path in sorted((root / folder).rglob("*.[ch]")))
    known = set(re.findall(r"\b[a-z][a-z0-9_]*_[a-z0-9_]+\b", sources))
    failed = 0
    checked = 0
    for document in DOCUMENTS:
        text = (root / document).read_text(encoding="utf-8")
        for name in re.findall(r"`([^`\n]+)`", text):
            word = re.split(r"[(,= ]", name)[0]
            if re.fullmatch(r"[a-z]+[a-z0-9]*(_[a-z0-9]+)+", word):
                wrong = word not in known and not is_file(root, word)
            elif re.search(r"/|\.(h|c|md|cmake|txt|py)$", word) and not NOT_OURS.search(name):
                wrong = not is_file(root, word)
            else:
                continue
            checked += 1
            if wrong:
                print(f"{document}: {name} does not exist")
                failed += 1
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            checked += 1
            if not (root / document).parent.joinpath(target).exists():
                print(f"{document}: the link to {target} leads nowhere")
                failed += 1
    print(f"{checked} names checked")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_examples.py DOCS: every example fits its schema, and every small change makes it unfit.

Changes tried: each required member removed, each member renamed, one member added, at every depth.
"""
import copy
import json
import pathlib
import sys

from schema_tools import Schemas, complaints

# Objects whose member names are data (kinds of records, fields of an event).
OPEN_OBJECTS = {"fields", "by_kind"}


def objects_of(value, path=()):
    """Paths of all objects inside `value`."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            if key not in OPEN_OBJECTS:
                yield from objects_of(inner, path + (key,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from objects_of(inner, path + (index,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def changed_documents(document):
    """(what was changed, changed document): each must be refused."""
    for path in objects_of(document):
        for key in at(document, path):
            renamed = copy.deepcopy(document)
            target = at(renamed, path)
            target[key + "_"] = target.pop(key)
            yield f"{path}: {key} renamed", renamed
        extended = copy.deepcopy(document)
        at(extended, path)["unexpected"] = 1
        yield f"{path}: member added", extended
    for member in document:
        shorter = copy.deepcopy(document)
        del shorter[member]
        yield f"(): {member} removed", shorter
    for member, rows in document.items():
        if isinstance(rows, list) and member not in ("interfaces", "findings", "missing"):
            for key in ("time", "owner", "frame", "id", "guid", "what", "version"):
                if rows and key in rows[0] and key in REQUIRED_OF_ROW.get(member, ()):
                    shorter = copy.deepcopy(document)
                    del shorter[member][0][key]
                    yield f"{member}/0: {key} removed", shorter


REQUIRED_OF_ROW = {
    "packets": ("frame", "time", "owner"),
    "connections": ("id", "owner"),
    "timeline": ("time", "what", "owner"),
    "sockets": ("id", "owner"),
    "events": ("time", "version"),
    "statistics": ("version",),
    "owners": ("owner",),
    "providers": ("guid",),
}


def main():
    docs = pathlib.Path(sys.argv[1])
    schemas = Schemas(docs)
    failures = 0
    changes = 0
    names = [name for name in schemas.by_name if name != "common"]
    for name in names:
        validator = schemas.document(name)
        document = json.loads((docs / "examples" / f"{name}.json").read_text(encoding="utf-8"))
        for complaint in complaints(validator, document):
            print(f"{name}.json: {complaint}")
            failures += 1
        for what, changed in changed_documents(document):
            changes += 1
            if not complaints(validator, changed, limit=1):
                print(f"{name}.json: {what}, and the schema does not notice")
                failures += 1
    print(f"{len(names)} examples fit; {changes} spoiled ones were tried")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

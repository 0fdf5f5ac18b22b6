# SPDX-License-Identifier: MIT
"""Loads the schemas of docs/schemas; skips the test where jsonschema is missing."""
import json
import pathlib
import sys
import warnings

try:
    import jsonschema
except ImportError:
    print("SKIP: python3-jsonschema is missing, so no schema is checked")
    sys.exit(77)


class Schemas:
    """All schemas of a folder; validators for a whole document or for one row of it."""

    def __init__(self, docs):
        folder = pathlib.Path(docs) / "schemas"
        self.by_name = {}
        store = {}
        for path in sorted(folder.glob("*.schema.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator.check_schema(schema)
            self.by_name[path.name.split(".")[0]] = schema
            store[schema["$id"]] = schema
        self.store = store

    def _validator(self, schema, base):
        with warnings.catch_warnings():
            # Old jsonschema versions know only this resolver, new ones still accept it.
            warnings.simplefilter("ignore", DeprecationWarning)
            resolver = jsonschema.RefResolver(base["$id"], base, store=self.store)
            return jsonschema.Draft202012Validator(schema, resolver=resolver)

    def document(self, name):
        schema = self.by_name[name]
        return self._validator(schema, schema)

    def row(self, name):
        return self.part(name, "row")

    def part(self, name, part):
        """One of the $defs of a schema."""
        schema = self.by_name[name]
        return self._validator({"$ref": schema["$id"] + "#/$defs/" + part}, schema)


def complaints(validator, value, limit=5):
    """The first errors as text, empty when `value` fits."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for error in validator.iter_errors(value):
            place = "/".join(str(part) for part in error.absolute_path)
            found.append(f"{place or '(top)'}: {error.message[:300]}")
            if len(found) == limit:
                break
    return found

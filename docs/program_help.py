# SPDX-License-Identifier: MIT
"""The tables of verbs and options, as `etwtrail --help` and `etwtrail VERB --help` print them."""
import re
import subprocess
from typing import NamedTuple


# Where the right sides begin.
VERB_COLUMN = 12
OPTION_COLUMN = 26


class Verb(NamedTuple):
    name: str
    synopsis: str
    help: str


class Option(NamedTuple):
    name: str  # with its hyphens
    letter: str  # likewise; empty: none
    value: str  # as --help writes it; empty: it has none
    group: str
    help: str
    is_attached: bool  # the value may be left out, else it is attached with =

    @property
    def names(self):
        return [self.letter, self.name] if self.letter else [self.name]

    @property
    def choices(self):
        """What can be chosen is spelled as it is typed, other values in capitals."""
        return self.value.split("|") if re.fullmatch(r"[a-z0-9|-]+", self.value) else []


def help_of(program, *verb):
    done = subprocess.run([program, *verb, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def entries(section, column):
    """[left, right] of a list whose right side begins at a column, or on a line of its own."""
    found = []
    for line in section.splitlines():
        if not line.startswith("   "):
            is_whole = line[column - 1:column].strip() != ""
            found.append([line.strip(), ""] if is_whole else [line[:column].strip(), line[column:]])
        else:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return found


def verbs_of(program):
    overview = help_of(program)
    section = re.search(r"^Verbs:\n((?:  .*\n)+)", overview, re.MULTILINE)[1]
    verbs = []
    for name, line in entries(section, VERB_COLUMN):
        usage = help_of(program, name).splitlines()[0]
        verbs.append(Verb(name, usage.partition(f" {name} ")[2], line))
    return verbs


def options_of(program, *verb):
    """In the order of --help."""
    options = []
    text = help_of(program, *verb)
    for heading, section in re.findall(r"^([A-Z].*):\n((?:  .*\n)+)", text, re.MULTILINE):
        for left, right in entries(section, OPTION_COLUMN):
            found = re.fullmatch(r"(?:(-\w), )?(--[a-z-]+)(?: (.+)|\[=(.+)\])?", left)
            if found:  # none: the section is no list of options
                letter, name, value, attached = found.groups()
                options.append(Option(name, letter or "", value or attached or "",
                                      heading.partition(" (")[0], right, bool(attached)))
    return options

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_manual.py PROGRAM etwtrail.1: brings the manual page up to date with the program's options.

Made are the SYNOPSIS and, under OPTIONS, which options there are, their values and the verbs that have
them. What is said of an option is written in the page and stays, as does the order; a new option gets
its words from --help.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program_help import options_of, verbs_of  # noqa: E402  pylint: disable=wrong-import-position

INTRODUCTION = r'.\" Made by make_manual.py but for the sentences about options; they are written here.'


def value_of(option):
    """A value as mdoc wants it: ADDR[/LEN] has an optional part, a|b is a choice."""
    if not option.value:
        return ""
    if option.choices:
        words = f"Cm {' | '.join(option.choices)}"
        return f" Ns Oo = Ns {words} Oc" if option.is_attached else f" {words}"
    parts = re.fullmatch(r"(\w+)\[(\W)(\w+)\]", option.value)
    if parts:
        return " Ar {} Ns Oo {} Ns Ar {} Oc".format(*parts.groups())
    return f" Ar {option.value.replace('|', ' | ')}"


def synopsis_of(verbs, options_of_verb, general):
    lines = []
    for verb in verbs:
        lines += [".Nm", f".Cm {verb.name}", ".Ar TRACE.etl ..."]
        if "[FILTER]" in verb.synopsis:
            lines.append(".Op Ar filter")
        lines += [f".Op Fl {option.names[0][1:]}{value_of(option)}"
                  for option in options_of_verb[verb.name] if option.group == "Output"]
    lines.append(".Nm")
    lines += [f".Op Fl {option.names[0][1:]}{value_of(option)}" for option in general]
    return lines


def whole_option(variants):
    """One option with the values of all verbs that have it, in the order of the longest list."""
    longest = max(variants, key=lambda option: len(option.value))
    for option in variants:
        if not set(option.choices) <= set(longest.choices):
            raise ValueError(f"{option.name}: {option.value} is no part of {longest.value}")
    return longest


def in_order(known, lists):
    """The names of all options by group: known ones as the page has them, a new one behind the one that
    is before it in --help."""
    names = list(known)
    groups = {}
    for options in lists:
        at = 0
        for option in options:
            groups.setdefault(option.group, []).append(option.name)
            if option.name not in names:
                names.insert(at, option.name)
            at = names.index(option.name) + 1
    return [name for group in groups.values() for name in names if name in group]


def having_text(having, verbs):
    """The verbs that have an option; nothing where all of them do."""
    missing = [verb for verb in verbs if verb not in having]
    if not missing:
        return ""
    if not having:
        return " Pq without a verb"
    if len(missing) == 1:
        return f" Pq all but Cm {missing[0]}"
    return f" Pq Cm {' , '.join(having)}"


def sentences_in(section):
    """{option: lines about it} of the section as it stands."""
    found = {}
    for block in re.split(r"^\.It ", section, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        body = re.split(r"^\.(?:El|Ss .*)$", body, maxsplit=1, flags=re.MULTILINE)[0]
        found[re.search(r"Fl (-[a-z-]+)", head)[1].replace("-", "--", 1)] = body.rstrip("\n").split("\n")
    return found


def options_section(section, verbs, options_of_verb, general):
    sentences = sentences_in(section)
    names = in_order(sentences, [*options_of_verb.values(), general])
    gone = sorted(set(sentences) - set(names))
    if gone:
        raise ValueError(f"the page has options that the program has not: {', '.join(gone)}")
    lines = [INTRODUCTION]
    group = ""
    filtered = [verb.name for verb in verbs if "[FILTER]" in verb.synopsis]
    for name in names:
        having = [verb.name for verb in verbs
                  if name in (option.name for option in options_of_verb[verb.name])]
        variants = [option for options in [*options_of_verb.values(), general] for option in options
                    if option.name == name]
        option = whole_option(variants)
        if option.group != group:
            lines += [".El"] if group else []
            group = option.group
            lines.append(f".Ss {group}")
            if group == "Filter":
                lines += ["The same option repeated: any of them.", "Different options: all of them."]
                if len(filtered) < len(verbs):
                    others = " , ".join(verb.name for verb in verbs if verb.name not in filtered)
                    lines += [f".Cm {others}", "has no filter."]
            lines.append(".Bl -tag -width Ds")
        letter = f"{option.letter[1:]} , Fl " if option.letter else ""
        of_all = filtered if group == "Filter" else [verb.name for verb in verbs]
        lines.append(f".It Fl {letter}{name[1:]}{value_of(option)}{having_text(having, of_all)}")
        lines += sentences.get(name, [f"{option.help[0].upper()}{option.help[1:]}."])
    return lines + [".El"]


def make(page, program):
    """The page as it should be."""
    verbs = verbs_of(program)
    general = options_of(program)
    options_of_verb = {verb.name: options_of(program, verb.name) for verb in verbs}
    parts = re.fullmatch(r"(.*^\.Sh SYNOPSIS\n).*?(^\.Sh .*^\.Sh OPTIONS\n)(.*?)(^\.Sh .*)", page,
                         re.MULTILINE | re.DOTALL)
    synopsis = synopsis_of(verbs, options_of_verb, general)
    options = options_section(parts[3], verbs, options_of_verb, general)
    return "".join((parts[1], "\n".join(synopsis), "\n", parts[2], "\n".join(options), "\n", parts[4]))


def main():
    program, name = sys.argv[1:]
    path = pathlib.Path(name)
    page = path.read_text(encoding="utf-8")
    try:
        made = make(page, program)
    except ValueError as error:
        sys.exit(f"{path}: {error}")
    if made != page:
        path.write_text(made, encoding="utf-8")
        print(f"{path} is changed")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_completion_bash.py PROGRAM DOCS: what bash offers for a command line is what the program has.

The script is sourced by a bash without other completions and asked for every verb, every option and
every value that --help names; then keys are typed into an interactive bash.
"""
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile

PROGRAM, DOCS = sys.argv[1:]
sys.path.insert(0, DOCS)
from program_help import options_of, verbs_of  # noqa: E402  pylint: disable=wrong-import-position

failures = []

# A line is the words of a command line; what is offered for the last one is printed.
ASK = r"""
set -u
source ./script
while IFS= read -r line; do
    IFS=$'\x1f' read -r -a COMP_WORDS <<<"$line"
    [[ $line != *$'\x1f' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _etwtrail
    for offered in "${COMPREPLY[@]+"${COMPREPLY[@]}"}"; do
        printf '%s\x1f' "$offered"
    done
    echo
done
"""


def ask(folder, lines):
    """What is offered for the last word of each line."""
    typed = "".join("\x1f".join(["etwtrail", *words]) + "\n" for words in lines)
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", ASK], cwd=folder, input=typed,
                          capture_output=True, text=True, check=True)
    if done.stderr:
        failures.append(f"bash says: {done.stderr}")
    return [line.split("\x1f")[:-1] for line in done.stdout.splitlines()]


def names_of(options):
    names = []
    for option in options:
        names += option.names
        if option.is_attached:
            names += [f"{option.name}={choice}" for choice in option.choices]
    return names


def expected_of_values(verb, options, files):
    """(words, what is to be offered) for the value of every option, in every way to begin it."""
    for option in options:
        offered = option.choices or (files if option.value == "FILE" else [])
        if not option.value:
            continue
        yield [*verb, option.name, "=", ""], offered
        # Bash splits at the equals sign, unless it was told not to.
        yield [*verb, option.name, "="], offered
        yield [*verb, f"{option.name}="], [f"{option.name}={value}" for value in offered]
        if not option.is_attached:
            yield [*verb, option.name, ""], offered
        for choice in option.choices:
            yield ([*verb, option.name, "=", choice[:2]],
                   [other for other in option.choices if other.startswith(choice[:2])])


def check_table(folder, files, traces):
    verbs = verbs_of(PROGRAM)
    general = options_of(PROGRAM)
    asked = [([""], [verb.name for verb in verbs]), (["s"], ["sockets", "smb"]),
             (["-"], names_of(general)), (["nonsense", "-"], []), (["nonsense", ""], []),
             (["info", "-"], names_of(options_of(PROGRAM, "info"))),
             *expected_of_values([], general, files)]
    for verb in verbs:
        options = options_of(PROGRAM, verb.name)
        words = [verb.name, "one.etl"]
        asked.append((words + ["-"], names_of(options)))
        asked.append((words + ["--f"], [name for name in names_of(options) if name.startswith("--f")]))
        asked.append((words + [""], traces))
        asked.append((words + ["--", "-"], []))
        asked += expected_of_values(words, options, files)
    # What was given is not offered again, unless it may be repeated.
    left = [name for name in names_of(options_of(PROGRAM, "convert"))
            if name not in ("-o", "--output", "--split")]
    asked.append((["convert", "--host", "::1", "-o", "x", "--split", "one.etl", "-"], left))
    # A value may look like an option, a forgotten one is not taken for the next.
    asked.append((["convert", "-o", "-", "--comments", "a"], ["all"]))
    asked.append((["convert", "-o", "--comments", "a"], ["all"]))
    asked.append((["convert", "--", "--comments", "one"], ["one.etl"]))
    asked.append((["convert", "no"], ["notes.txt"]))
    for (words, wanted), offered in zip(asked, ask(folder, [words for words, _ in asked])):
        if sorted(set(offered)) != sorted(set(wanted)):
            failures.append(f"{words}: offers {offered}, not {wanted}")
    return len(asked)


def typed(folder, *lines):
    """What the program would be given for keys that are typed into a terminal."""
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "> ", "HOME": str(folder),
                   "INPUTRC": "/dev/null"}
    master, slave = pty.openpty()
    with subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], cwd=folder, env=environment,
                          stdin=slave, stdout=slave, stderr=slave, start_new_session=True) as shell:
        os.close(slave)
        keys = ("source ./script; etwtrail() { printf '<%s>' \"$@\" >>given; echo >>given; }\n" +
                "".join(f"etwtrail {line}\n" for line in lines) + "exit\n")
        os.write(master, keys.encode())
        try:
            while os.read(master, 65536):
                pass
        except OSError:  # the other side is closed
            pass
        shell.wait(timeout=60)
    os.close(master)
    return (folder / "given").read_text(encoding="utf-8").splitlines()


def check_typing(folder):
    cases = (("conv\t", "<convert>"), ("info on\t", "<info><one.etl>"),
             ("info tw\t", "<info><two words.etl>"), ('info "tw\t', "<info><two words.etl>"),
             ("info fold\tth\t", "<info><folder/three.ETL>"),
             ("info ~/on\t", f"<info><{folder}/one.etl>"),
             ("packets --form\tnd\t", "<packets><--format><ndjson>"),
             ("packets --format=nd\t", "<packets><--format=ndjson>"),
             ("convert --events=\tal\t", "<convert><--events=all>"),
             ("convert -o no\t", "<convert><-o><notes.txt>"),
             ("events --manifest=no\t", "<events><--manifest=notes.txt>"))
    for (keys, wanted), given in zip(cases, typed(folder, *(keys for keys, _ in cases))):
        if given != wanted:
            failures.append(f"typed {keys!r}: {given}, not {wanted}")
    return len(cases)


def main():
    if not shutil.which("bash"):
        print("SKIP: bash is missing")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "folder").mkdir()
        for file in ("one.etl", "two words.etl", "folder/three.ETL", "notes.txt"):
            (folder / file).touch()
        done = subprocess.run([PROGRAM, "--completion", "bash"], capture_output=True, check=True)
        (folder / "script").write_bytes(done.stdout)
        files = sorted(path.name for path in folder.iterdir())
        checked = check_table(folder, files, ["folder", "one.etl", "two words.etl"])
        checked += check_typing(folder)
        if shutil.which("shellcheck"):
            found = subprocess.run(["shellcheck", str(folder / "script")], capture_output=True,
                                   text=True, check=False)
            if found.returncode:
                failures.append(found.stdout)
    for failure in failures:
        print(failure)
    print(f"{checked} command lines, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

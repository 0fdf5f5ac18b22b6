#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_completion_zsh.py PROGRAM DOCS: what zsh lists for a command line is what the program has.

Keys are typed into a zsh without anybody's settings; the lists of every verb, its options and their
values, descriptions included, are compared with --help.
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

PROGRAM, DOCS = sys.argv[1:]
sys.path.insert(0, DOCS)
from program_help import options_of, verbs_of  # noqa: E402  pylint: disable=wrong-import-position

# What is offered stands alone on its line, with its description; no question whether to show it.
SETTINGS = r"""
PS1= PS2= RPS1= LISTMAX=100000
unsetopt prompt_cr prompt_sp zle_bracketed_paste beep list_ambiguous
unset zle_bracketed_paste
fpath=($PWD/functions $fpath)
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' verbose yes
zstyle ':completion:*' list-separator '##'
zstyle ':completion:*' list-grouped no
zstyle ':completion:*' format 'HEADING %d'
bindkey -e
bindkey '^D' list-choices
zle-line-init() { printf READY }
zle -N zle-line-init
etwtrail() { printf '<%s>' "$@" >>given; echo >>given }
"""
KILL_LINE = "\x15"
failures = []


class Shell:
    """A zsh on a wide terminal of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = 0
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, 500, 0, 0))
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "LC_ALL": "C"}
        self.process = subprocess.Popen(["zsh", "-f", "-i"], cwd=folder, env=environment, stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.say(". ./settings\n")

    def say(self, keys):
        """What is on the screen after the keys, and before the answer to a question behind them."""
        self.asked += 1
        os.write(self.master, f"{keys}{KILL_LINE}print ANS''WER {self.asked}.\n".encode())
        shown = b""
        # Keys that come before zsh listens again would be obeyed by the terminal itself.
        while not re.search(rb"ANSWER %d\.\s.*READY" % self.asked, shown, re.DOTALL):
            if not select.select([self.master], [], [], 30)[0]:
                self.process.kill()
                raise TimeoutError(f"zsh does not answer to {keys!r}; it shows {shown!r}")
            shown += os.read(self.master, 65536)
        return shown.decode("utf-8", "replace").replace("\r", "")

    def listed(self, line):
        """({what is offered: its description}, heading of the list) for a command line."""
        offered = {}
        heading = ""
        for shown in self.say(f"{line}\x04").splitlines()[1:]:
            if "ANS''WER" in shown:
                break
            if shown.startswith("HEADING "):
                heading = shown.partition(" ")[2].strip()
                continue
            name, _, description = shown.partition(" ## ")
            for one in [name.strip()] if description else name.split():
                offered[one.rstrip("=")] = description.strip()
        return offered, heading

    def close(self):
        os.write(self.master, b"exit\n")
        self.process.wait(timeout=60)
        os.close(self.master)


def compare(shell, line, wanted, heading=None):
    offered, shown_heading = shell.listed(line)
    if heading not in (None, shown_heading):
        failures.append(f"{line!r}: is headed {shown_heading!r}, not {heading!r}")
    if offered != wanted:
        lacking = {key: wanted[key] for key in wanted if offered.get(key) != wanted[key]}
        beyond = {key: offered[key] for key in offered if wanted.get(key) != offered[key]}
        failures.append(f"{line!r}: lacks {lacking}, has {beyond}")


def check_options(shell, line, options):
    wanted = {name: option.help for option in options for name in option.names}
    compare(shell, f"{line} -", wanted)
    checked = 1
    for option in options:
        ways = ["="] if option.is_attached else ["=", " "] if option.value else []
        if option.choices:
            wanted = {choice: "" for choice in option.choices}
        elif option.value == "FILE":
            wanted = {name: "" for name in ("folder/", "functions/", "notes.txt", "one.etl", "settings")}
        else:
            wanted = {}
        for way in ways:
            compare(shell, f"{line} {option.name}{way}", wanted,
                    option.name[2:] if option.choices else option.value)
            checked += 1
    return checked


def check_typing(shell):
    cases = (("conv\t", "<convert>"), ("info on\t", "<info><one.etl>"),
             ("info fold\tth\t", "<info><folder/three.ETL>"),
             ("packets one.etl --form\tnd\t", "<packets><one.etl><--format=ndjson>"),
             ("convert --eve\t", "<convert><--events>"),
             ("convert --events=al\t", "<convert><--events=all>"),
             ("convert -o no\t", "<convert><-o><notes.txt>"),
             ("convert --split --spl\t", "<convert><--split><--spl>"))
    for keys, wanted in cases:
        (shell.folder / "given").unlink(missing_ok=True)
        shell.say(f"etwtrail {keys}\n")
        given = (shell.folder / "given").read_text(encoding="utf-8").strip()
        if given != wanted:
            failures.append(f"typed {keys!r}: {given}, not {wanted}")
    return len(cases)


def main():
    if not shutil.which("zsh"):
        print("SKIP: zsh is missing")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "folder").mkdir()
        (folder / "functions").mkdir()
        for file in ("one.etl", "folder/three.ETL", "notes.txt"):
            (folder / file).touch()
        (folder / "settings").write_text(SETTINGS, encoding="utf-8")
        done = subprocess.run([PROGRAM, "--completion", "zsh"], capture_output=True, check=True)
        (folder / "functions/_etwtrail").write_bytes(done.stdout)
        shell = Shell(folder)
        verbs = verbs_of(PROGRAM)
        compare(shell, "etwtrail ", {verb.name: verb.help for verb in verbs})
        checked = 1 + check_options(shell, "etwtrail", options_of(PROGRAM))
        for verb in verbs:
            compare(shell, f"etwtrail {verb.name} ", {"folder/": "", "functions/": "", "one.etl": ""})
            checked += 1 + check_options(shell, f"etwtrail {verb.name} one.etl",
                                         options_of(PROGRAM, verb.name))
        checked += check_typing(shell)
        # The other way to load it.
        shell.say("compdef -d etwtrail; unfunction _etwtrail; source functions/_etwtrail\n")
        compare(shell, "etwtrail ", {verb.name: verb.help for verb in verbs})
        shell.close()
    for failure in failures:
        print(failure)
    print(f"{checked + 1} command lines, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Pages for the tests: made by the program, and taken apart again.

The tests are called with PROGRAM MAKER SAMPLES.
"""
import json
import os
import subprocess
import sys

PROGRAM, MAKER, SAMPLES = sys.argv[1:4]
# What somebody could call a program to get out of the data and into the page.
HOSTILE = "</script><script>document.title=1</script><!--<img src=x onerror=alert(1)>&amp;"


class Checks:
    """Counts what is wrong; every complaint is one line."""

    def __init__(self):
        self.failed = 0

    def that(self, is_right, what):
        if not is_right:
            self.failed += 1
            print("FAILED: " + what)

    def equal(self, found, expected, what):
        self.that(found == expected, "%s: %r, expected %r" % (what, found, expected))


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit("%s: exit status %d: %s" % (" ".join(command), done.returncode,
                                             done.stderr.decode(errors="replace")))
    return done.stdout


def sample(name):
    return os.path.join(SAMPLES, name + ".etl")


def make_page(trace, folder, *options):
    page = os.path.join(folder, os.path.basename(trace)[:-4] + ".html")
    run(PROGRAM, "timeline", trace, "--format", "html", "-o", page, "--force", *options)
    return page


def rows_of(trace, *options):
    text = run(PROGRAM, "timeline", trace, "--format", "ndjson", *options)
    return [json.loads(line) for line in text.splitlines()]


def make_world(folder, packets):
    trace = os.path.join(folder, "world%d.etl" % packets)
    run(MAKER, "world", trace, "--truth", trace + ".truth", "--packets", str(packets),
        "--connections", str(packets // 20), "--processes", "40")
    return trace


def make_hostile(folder):
    """A sample in which one program has a name that is HTML."""
    with open(os.path.join(SAMPLES, "scenarios", "upload.txt"), encoding="utf-8") as file:
        text = file.read()
    assert "\\chat.exe'" in text
    scenario = os.path.join(folder, "hostile.txt")
    with open(scenario, "w", encoding="utf-8") as file:
        file.write(text.replace("\\chat.exe'", "\\" + HOSTILE + "'"))
    trace = os.path.join(folder, "hostile.etl")
    run(MAKER, "scenario", scenario, trace)
    return trace


def text_of(page):
    with open(page, encoding="utf-8", newline="") as file:
        return file.read()


def element_of(text, start):
    """What stands between an opening tag that is unique and the next end of a script."""
    assert text.count(start) == 1, start
    return text.split(start)[1].split("</script>")[0]


def data_tag(name):
    return '<script type="application/json" id="data-%s">' % name


def data_of(text):
    return {name: json.loads(element_of(text, data_tag(name))) for name in ("trace", "rows", "end")}


def with_data(text, name, value):
    """The page with other data in one of its elements."""
    start = data_tag(name)
    data = json.dumps(value)
    for character in "<>&":
        data = data.replace(character, "\\u%04x" % ord(character))
    return text.replace(start + element_of(text, start), start + data)

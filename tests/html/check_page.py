#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_page.py PROGRAM MAKER SAMPLES: the pages of `timeline --format html`, read as text.

A page is whole and well formed, holds exactly the rows that ndjson has, loads nothing, runs nothing
but its own script, and no name of the trace gets out of the data. Its colours can be read.
"""
import base64
import hashlib
import html.parser
import re
import sys
import tempfile

import pages
from pages import Checks, data_of, make_page, rows_of, text_of

VOID = {"meta", "input", "link", "br", "img", "hr"}
# The page makes text of data with textContent only, and asks nobody for anything.
NOT_IN_SCRIPT = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "Function(", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import(",
                 "Worker(", "http:", "https:", "localStorage")
NOT_IN_STYLE = ("@import", "url(", "http:", "https:", "expression(")
LEAST_CONTRAST = 4.5
PAGE_ROWS = 50000


class Reader(html.parser.HTMLParser):
    """Tags in balance, attributes, and the texts of scripts and styles."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.complaints, self.attributes, self.texts = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in VOID:
            self.open.append(tag)
            self.texts.append((tag, dict(attributes), []))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.complaints.append("</%s> in line %d" % (tag, self.getpos()[0]))

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.texts[-1][2].append(data)

    def elements(self, tag):
        return [(attributes, "".join(parts)) for name, attributes, parts in self.texts
                if name == tag]


def policy_hash(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check_form(checks, name, text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    checks.that(text.startswith("<!DOCTYPE html>\n") and text.endswith("</html>\n"),
                name + ": whole")
    checks.equal(reader.complaints + reader.open, [], name + ": tags in balance")
    ids = [value for _, attribute, value in reader.attributes if attribute == "id"]
    checks.equal(len(ids), len(set(ids)), name + ": ids are unique")
    for tag, attribute, value in reader.attributes:
        checks.that(not attribute.startswith("on") and
                    attribute not in ("style", "src", "href", "srcset", "action", "background"),
                    "%s: <%s %s=%r>" % (name, tag, attribute, value))
    scripts = [text for attributes, text in reader.elements("script")
               if attributes.get("type") != "application/json"]
    styles = [text for _, text in reader.elements("style")]
    checks.equal((len(scripts), len(styles), len(reader.elements("script"))), (1, 1, 4),
                 name + ": scripts, styles, elements of script")
    policy = next(value for tag, attribute, value in reader.attributes
                  if tag == "meta" and attribute == "content" and "default-src" in value)
    checks.equal(policy, "default-src 'none'; script-src %s; style-src %s; base-uri 'none'; "
                 "form-action 'none'" % (policy_hash(scripts[0]), policy_hash(styles[0])),
                 name + ": content security policy")
    for words, where in ((NOT_IN_SCRIPT, scripts[0]), (NOT_IN_STYLE, styles[0])):
        for word in words:
            checks.that(word not in where, "%s: %s" % (name, word))
    for used in re.findall(r'\bget\("([a-z-]+)"\)', scripts[0]):
        checks.that(used in ids or used in ("text", "process", "trouble", "layer", "row",
                                            "connection"), "%s: no element %s" % (name, used))
    return styles[0]


def check_data(checks, name, text, rows):
    data = data_of(text)
    checks.equal(len(data["rows"]), min(len(rows), PAGE_ROWS), name + ": rows in the page")
    checks.that(data["rows"] == rows[:PAGE_ROWS], name + ": rows are those of ndjson")
    checks.equal(data["end"]["rows"], len(rows), name + ": all rows")
    checks.equal(data["end"]["rows_left_out"], max(0, len(rows) - PAGE_ROWS),
                 name + ": rows left out")
    known = {socket["id"] for socket in data["end"]["sockets"]}
    named = {row["connection"] for row in data["rows"] if "connection" in row}
    checks.that(named <= known, name + ": every connection of a row is listed")
    checks.equal(data["trace"]["title"], data["trace"]["trace"]["file"], name + ": title")


def check_hostile(checks, text):
    for name in ("trace", "rows", "end"):
        element = pages.element_of(text, 'id="data-%s">' % name)
        checks.that(not re.search("[<>&\u2028\u2029]", element), "data-%s is escaped" % name)
    names = {(row.get("owner") or {}).get("path", "") for row in data_of(text)["rows"]}
    checks.that(any(name.endswith(pages.HOSTILE) for name in names), "the hostile name is there")


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colours(checks, style):
    themes = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))
              for block in re.findall(r":root[^{]*\{([^}]*)\}", style)]
    checks.equal(len(themes), 2, "themes")
    light, dark = themes[0], {**themes[0], **themes[1]}
    for name, theme in (("light", light), ("dark", dark)):
        for text in ("text", "muted", "accent", "trouble", "app", "stack", "wire", "smb",
                     "process"):
            for back in ("panel", "back", "active", "hover"):
                value = contrast(theme[text], theme[back])
                checks.that(value >= LEAST_CONTRAST,
                            "%s: %s on %s has contrast %.2f" % (name, text, back, value))
    for state in re.findall(r"\.state-([a-z0-9]+) ", style):
        value = contrast(light[state], "#ffffff")
        checks.that(value >= LEAST_CONTRAST, "white on %s has contrast %.2f" % (state, value))


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        traces = [pages.sample(name) for name in ("tcpserver", "edge-syn-timeout", "pid-reuse")]
        traces += [pages.make_world(folder, 3000), pages.make_hostile(folder)]
        for trace in traces:
            page = make_page(trace, folder)
            text = text_of(page)
            style = check_form(checks, page, text)
            check_data(checks, page, text, rows_of(trace))
        check_hostile(checks, text)
        check_colours(checks, style)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

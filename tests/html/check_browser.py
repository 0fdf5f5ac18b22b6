#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_browser.py PROGRAM MAKER SAMPLES: the pages of `timeline --format html`, used in Chromium.

Clicks, types and zooms as a person would, and fails when the page shows something else than the
rows say, when the console has a complaint, when anything is asked of a network, or when the
largest page takes three seconds to open. SCREENSHOTS=FOLDER keeps pictures.
"""
import os
import sys
import tempfile

import pages
from browser import Browser, find_chromium
from pages import Checks, data_of, make_page, rows_of, text_of, with_data

CONTROL, SHIFT = 2, 8
SECONDS_TO_OPEN = 3
PAGE_ROWS = 50000


def picture(browser, name):
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        browser.screenshot(os.path.join(folder, name + ".png"))


def count(browser):
    """Rows that the page says the table has."""
    return int(browser.text("#count").split()[0].replace(",", ""))


def hash_of(browser):
    return browser.value("decodeURIComponent(location.hash)")


def clear(browser):
    browser.click("#clear")


def zoom(browser):
    return browser.value("page.state.to - page.state.from")


def check_rows(checks, browser, rows):
    """A click shows the details; the keyboard moves; the lanes follow."""
    checks.equal(count(browser), len(rows), "rows")
    checks.equal(browser.value("document.querySelectorAll('#rows .item').length") > 0, True,
                 "there are rows in the table")
    number = next(i for i, row in enumerate(rows) if "STATUS_IO_TIMEOUT" in row.get("status", ""))
    row = rows[number]
    browser.click("#rows-%d .text" % number)
    details = browser.text("#details-body")
    event = row["event"]
    for part in (row["text"], row["status"], event["provider"], "{:,}".format(event["offset"]),
                 "version %d" % event["version"], row["owner"]["process"],
                 "process %d, thread %d" % (event["header_pid"], event["header_tid"])):
        checks.that(part in details, "details lack %r" % part)
    checks.equal(hash_of(browser), "#row=%d" % (number + 1), "address of a chosen row")
    checks.equal(browser.value("document.querySelector('#rows .active').dataset.index"),
                 str(number), "active row")
    browser.click("#head .text")
    browser.value("document.getElementById('table').focus()")
    browser.key("ArrowDown")
    checks.equal(hash_of(browser), "#row=%d" % (number + 2), "row below")
    browser.key("Home")
    checks.equal(hash_of(browser), "#row=1", "first row")
    browser.key("End")
    checks.equal(hash_of(browser), "#row=%d" % len(rows), "last row")
    browser.key("Enter")
    checks.equal(browser.value("document.activeElement.id"), "details-body", "focus of Enter")
    browser.key("Escape")
    checks.equal(browser.value("document.getElementById('details').hidden"), True,
                 "Escape closes the details")


def lane_place(browser, number):
    """Where a row stands in the lanes."""
    _, _, left, top = browser.place("#lanes")
    x, y = browser.value("(() => { const row = pageData.rows[%d]; return ["
                         "page.lanes.projection.x(row.place),"
                         "page.lanes.top(row.layer) + LANE_HEIGHT - 13]; })()" % number)
    return left + x, top + y


def check_lanes(checks, browser, rows):
    """A click on a mark chooses its row; the wheel, dragging and keys zoom and move."""
    number = next(i for i, row in enumerate(rows) if row["what"] == "syn")
    browser.mouse("mouseMoved", *lane_place(browser, number))
    browser.settle()
    checks.that(rows[number]["text"] in browser.text("#tip"), "a mark says what it is")
    browser.click_at(*lane_place(browser, number))
    checks.equal(hash_of(browser), "#row=%d" % (number + 1), "a mark chooses its row")
    checks.equal(browser.value("document.querySelector('#rows .active').dataset.index"),
                 str(number), "the table follows the lanes")
    whole = zoom(browser)
    place = lane_place(browser, number)
    browser.wheel(*place, -400)
    checks.that(zoom(browser) < whole / 1.5, "the wheel zooms in")
    checks.that(abs(lane_place(browser, number)[0] - place[0]) < 1, "around the mouse")
    before = browser.value("page.state.from")
    browser.drag((700, place[1]), (600, place[1]))
    checks.that(browser.value("page.state.from") > before, "dragging moves")
    size = zoom(browser)
    browser.drag((600, place[1]), (800, place[1]), SHIFT)
    checks.that(zoom(browser) < size / 2, "dragging with Shift zooms into the range")
    browser.click("#zoom-all")
    checks.that(abs(zoom(browser) - whole) < 1e-9 * whole, "the button shows all again")
    browser.value("document.getElementById('lanes').focus()")
    browser.key("+")
    checks.that(abs(zoom(browser) - whole / 2) < 1e-6 * whole, "+ zooms in")
    before = browser.value("page.state.from")
    browser.key("ArrowRight")
    checks.that(browser.value("page.state.from") > before, "Right moves")
    browser.key("-")
    browser.key("0")
    checks.that(abs(zoom(browser) - whole) < 1e-9 * whole, "0 shows all")
    browser.click("#zoom-in")
    browser.click("#follow")
    checks.that(0 < count(browser) < len(rows), "the table follows the zoom")
    browser.click("#follow")
    browser.click("#zoom-all")
    browser.click("#compress")
    syns = [i for i, row in enumerate(rows) if row["layer"] == "wire"]
    x = [lane_place(browser, i)[0] for i in syns]
    # Three SYNs 3 and 6 seconds apart.
    checks.that(abs((x[2] - x[1]) / (x[1] - x[0]) - 2) < 0.02, "true scale")
    browser.click("#compress")
    browser.key("Escape")


def check_filters(checks, browser, page, rows):
    def expect(what, matches, address):
        checks.equal(count(browser), sum(map(matches, rows)), what)
        checks.equal(hash_of(browser), address, "address of " + what)

    browser.open(page)
    ids = browser.value("page.connections.sockets.map((socket) => socket.id)")
    chosen = ids[1]
    browser.click("#list-1")
    expect("one connection", lambda row: row.get("connection") == chosen,
           "#connection=%d" % chosen)
    checks.equal(browser.value("document.querySelector('#list-1').getAttribute('aria-selected')"),
                 "true", "the list shows what is chosen")
    browser.click("#list-0", CONTROL)
    expect("two connections", lambda row: row.get("connection") in ids[:2],
           "#connection=%d,%d" % (chosen, ids[0]))
    browser.key("Escape")
    expect("Escape", lambda row: True, "")
    browser.key("/")
    browser.type("SYN 55908")
    expect("two words", lambda row: "syn" in row["text"].lower() + row["what"] +
           str(row.get("to", "")).lower() + str(row.get("from", "")).lower() and
           row.get("connection") == 2, "#text=SYN+55908")
    clear(browser)
    expect("Clear", lambda row: True, "")
    browser.click("#layers input[value=wire]")
    expect("all layers but one", lambda row: row["layer"] != "wire",
           "#layer=app,stack,smb,process")
    checks.that(browser.value("page.state.shown.every((row) => row.layer !== 'wire')"),
                "the lanes show the rows of the table")
    clear(browser)
    name = "tcpserver.exe (2704)"
    browser.choose("#process", name)
    expect("a process", lambda row: row["owner"] and row["owner"]["pid"] == 2704,
           "#process=tcpserver.exe+(2704)")
    browser.open(page, "#connection=2&layer=wire")
    expect("an address", lambda row: row.get("connection") == 2 and row["layer"] == "wire",
           "#connection=2&layer=wire")
    browser.value("location.hash = '#connection=1'")
    browser.settle()
    expect("another address", lambda row: row.get("connection") == 1, "#connection=1")
    browser.value("location.hash = '#row=99999&connection=-3,x&layer=none&process=%00'")
    browser.settle()
    checks.equal(count(browser), 0, "an address that makes no sense")
    clear(browser)
    _, _, left, top = browser.place("#bars-canvas")
    browser.click_at(left + 400, top + 9)
    checks.equal(hash_of(browser), "#connection=2", "a state bar chooses its connection")
    browser.click("#time-mode")
    checks.equal(browser.text("#rows-0 .time"), "%.7f" % browser.value(
        "(pageData.sockets.get(2).rows[0].start - pageData.rows[0].start) / 1e7"),
        "time since the first row")


def check_smb(checks, browser, folder):
    """What went wrong is marked, each condition under its own word, and its row names for whom a
    request was."""
    trace = pages.sample("smb-failing")
    rows = rows_of(trace)
    browser.open(make_page(trace, folder))
    words = {row["smb"]["condition"] for row in rows if row["what"] == "condition"}
    marked = set(browser.value("pageData.rows.filter((row) => row.what === 'condition' && "
                               "row.trouble).map((row) => row.word)"))
    calm = {"session-established", "session-recovered", "tree-established", "credits-used-up",
            "credits-waited", "reconnecting"}
    checks.equal(marked, words - calm, "conditions that are trouble")
    troubled = browser.value("pageData.rows.filter((row) => row.what === 'response' && "
                             "row.trouble).map((row) => row.status)")
    checks.equal(troubled, ["0xC000006D STATUS_LOGON_FAILURE",
                            "0xC00000CC STATUS_BAD_NETWORK_NAME"], "responses that are trouble")
    number = next(i for i, row in enumerate(rows) if "on_behalf_of" in row)
    browser.open(make_page(trace, folder), "#row=%d" % (number + 1))
    checks.that("mapper.exe (6604) ?" in browser.text("#details-body"), "for whom a request was")
    browser.open(make_page(trace, folder), "#text=session-refused")
    checks.equal(count(browser), 1, "conditions are found by their word")


def check_looks(checks, browser, page, name):
    """The theme of the system counts until the button is used; nothing runs over the edge."""
    for width, height in ((1280, 800), (1920, 1080), (640, 900)):
        browser.resize(width, height)
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            browser.open(page, "#row=5")
            checks.equal(browser.value("document.documentElement.dataset.theme"), scheme, "theme")
            checks.equal(browser.value("document.documentElement.scrollWidth"), width,
                         "width of the page in a window of %d" % width)
            picture(browser, "%s-%d-%s" % (name, width, scheme))
    browser.resize(1280, 800)
    browser.click("#theme")
    checks.equal(browser.value("document.documentElement.dataset.theme"), "light", "other theme")
    browser.click("#help")
    checks.equal(browser.value("document.getElementById('keys').open"), True, "keys are shown")
    browser.click("#keys button")
    checks.equal(browser.value("document.getElementById('keys').open"), False, "and not any more")
    browser.scheme("light")


def check_severity(checks, browser, page):
    """What failed comes before what was slow, and that before what was sent again."""
    text = text_of(page)
    end = data_of(text)["end"]
    first, last = end["sockets"][0], end["sockets"][-1]
    for worse, better in (("failed", "slow"), ("slow", "repeated")):
        for socket, severity in ((first, better), (last, worse)):
            socket["judgements"] = [{"rule": "silence", "text": severity, "trouble": True,
                                     "severity": severity}]
        with open(page + ".severity.html", "w", encoding="utf-8", newline="") as file:
            file.write(with_data(text, "end", end))
        browser.open(page + ".severity.html")
        checks.equal(browser.text("#list-0 .number"), str(last["id"]), worse + " comes first")


def check_trouble(checks, browser, page, rows):
    """What is judged of connections is shown, whatever it is; trouble comes first."""
    text = text_of(page)
    end = data_of(text)["end"]
    for socket in end["sockets"]:
        socket.pop("judgements", None)
    end["sockets"][-1]["judgements"] = [
        {"rule": "clean-close", "text": "closed by both sides", "trouble": False},
        {"rule": "retransmissions", "text": "slow " + pages.HOSTILE, "trouble": True,
         "severity": "repeated", "frame": 2}]
    troubled = end["sockets"][-1]["id"]
    with open(page + ".judged.html", "w", encoding="utf-8", newline="") as file:
        file.write(with_data(text, "end", end))
    browser.open(page + ".judged.html")
    checks.equal(browser.text("#list-0 .number"), str(troubled), "trouble comes first")
    checks.that("slow " + pages.HOSTILE in browser.text("#list-0 .verdict"), "the judgement")
    checks.equal(browser.text("#connection-count"), "2 \u00b7 \u26a0 1", "connections in trouble")
    browser.choose("#order", "id")
    checks.equal(browser.text("#list-0 .number"), str(min(each["id"] for each in end["sockets"])),
                 "order of ids")
    browser.choose("#trouble", "connections")
    checks.equal(count(browser), sum(row.get("connection") == troubled for row in rows),
                 "rows of connections in trouble")
    browser.choose("#trouble", "rows")
    checks.that(browser.value("page.state.shown.some((row) => row.frame === 2)"),
                "the frame of a judgement is a row of trouble")
    clear(browser)
    browser.value("document.getElementById('table').focus()")
    browser.key("n")
    checks.equal(browser.value("page.state.selected.trouble"), True, "n goes to trouble")
    checks.that("slow " + pages.HOSTILE in browser.text("#details-body"), "judgement in details")


def check_hostile(checks, browser, folder):
    page = make_page(pages.make_hostile(folder), folder)
    browser.open(page)
    checks.that(browser.text("#list").count("onerror=alert(1)") > 0, "the name is shown as text")
    checks.equal(browser.value("document.title"), "hostile.etl - timeline", "title")
    checks.equal(browser.value("document.querySelectorAll('img').length"), 0, "images")
    browser.click("#rows-3")
    checks.that(pages.HOSTILE in browser.text("#details-body"), "the path is shown as text")


def check_empty(checks, browser, folder):
    """A page of nothing says so and does not stumble."""
    browser.open(make_page(pages.sample("tcpserver"), folder, "--port", "9"))
    checks.equal(count(browser), 0, "rows of an empty page")
    checks.that("Nothing in the trace" in browser.text("#empty"), "an empty page says so")
    for key in ("n", "+", "ArrowDown", "Enter", "0", "Escape"):
        browser.key(key)
    browser.click("#compress")
    browser.click("#time-mode")
    _, _, left, top = browser.place("#lanes")
    browser.click_at(left + 400, top + 60)
    # Packets without sockets.
    browser.open(make_page(pages.sample("tcp-session"), folder))
    checks.that(count(browser) > 0, "rows of packets alone")
    checks.that(browser.value("!document.getElementById('no-connections').hidden"),
                "no connections: said")


def check_strangers(checks, browser, folder):
    """What is judged of packets that no socket had, and the packet that shows it."""
    browser.open(make_page(pages.sample("rdp-no-listener"), folder))
    checks.that("nobody listens on port 3389" in browser.text("#strangers"), "its verdict")
    browser.click("#strangers li button")
    checks.equal(browser.value("page.state.selected.frame"), 2, "the packet of the verdict")
    browser.open(make_page(pages.sample("tcpserver"), folder))
    checks.that(browser.value("document.getElementById('strangers').hidden"),
                "no strangers: nothing is said")


def check_large(checks, browser, folder):
    """More rows than a page holds: it opens in time, and only rows in view are elements."""
    trace = pages.make_world(folder, PAGE_ROWS // 2)
    page = make_page(trace, folder)
    data = data_of(text_of(page))
    end = data["end"]
    checks.that(end["rows_left_out"] > 0, "the world is larger than a page")
    times = [browser.open(page) for _ in range(3)]
    print("%d rows of %d, %.1f MB: opened in %s s" % (
        PAGE_ROWS, end["rows"], os.path.getsize(page) / 1e6,
        ", ".join("%.2f" % seconds for seconds in times)))
    checks.that(min(times) < SECONDS_TO_OPEN, "opens in %.2f s" % min(times))
    checks.equal(count(browser), PAGE_ROWS, "rows of the large page")
    checks.that("{:,} later rows".format(end["rows_left_out"]) in browser.text("#left-out"),
                "what is left out is said")
    for selector in ("#rows .item", "#list .item"):
        items = browser.value("document.querySelectorAll('%s').length" % selector)
        checks.that(0 < items < 100, "%s: %d elements" % (selector, items))
    picture(browser, "large")
    absent = next(each["id"] for each in reversed(end["sockets"]) if each["id"] not in
                  {row.get("connection") for row in data["rows"]})
    browser.value("location.hash = '#connection=%d'" % absent)
    browser.settle()
    checks.that("timeline %s --connection %d " % (os.path.basename(trace), absent) in
                browser.text("#empty"), "how to see a connection without rows")
    checks.that(browser.value("document.querySelector('#list .chosen') !== null"),
                "the list shows a connection chosen by the address")
    clear(browser)
    browser.value("document.getElementById('table').focus()")
    browser.key("End")
    checks.equal(browser.value("document.querySelector('#rows .active').dataset.index"),
                 str(PAGE_ROWS - 1), "the last row")
    last = browser.value("pageData.rows[%d].text" % (PAGE_ROWS - 1))
    checks.that(last in browser.text("#rows .active"), "the last row is shown")
    milliseconds = browser.value(
        "(() => { const start = performance.now(); page.state.text = '198.51.100';"
        "page.state.filter(); return performance.now() - start; })()")
    checks.that(milliseconds < 1000, "a search takes %.0f ms" % milliseconds)
    clear(browser)


def use_pages(checks, browser, folder):
    timeout = pages.sample("edge-syn-timeout")
    page, rows = make_page(timeout, folder), rows_of(timeout)
    browser.scheme("light")
    browser.open(page)
    check_rows(checks, browser, rows)
    check_lanes(checks, browser, rows)
    check_looks(checks, browser, page, "timeout")
    server = pages.sample("tcpserver")
    page, rows = make_page(server, folder), rows_of(server)
    check_filters(checks, browser, page, rows)
    check_smb(checks, browser, folder)
    check_trouble(checks, browser, page, rows)
    check_severity(checks, browser, page)
    check_hostile(checks, browser, folder)
    check_empty(checks, browser, folder)
    check_strangers(checks, browser, folder)
    check_large(checks, browser, folder)


def main():
    if not find_chromium():
        print("SKIP: no chromium (Debian: chromium), so no page is opened")
        return 77
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, Browser(folder) as browser:
        try:
            use_pages(checks, browser, folder)
        finally:
            checks.equal(browser.complaints, [], "complaints of the browser")
        asked = {url for url in browser.requests if not url.startswith("file:")}
        checks.that(asked <= {"about:blank"}, "requests: %s" % asked)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

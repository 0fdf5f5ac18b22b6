# SPDX-License-Identifier: MIT
"""A Chromium without a window, driven by the DevTools protocol over two pipes.

    with Browser(folder) as browser:
        browser.open("/tmp/page.html")
        browser.value("document.title")
        browser.click("#clear")

What the page logs as warning or error, and every request it makes, is collected in
`browser.complaints` and `browser.requests`.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEY_CODES = {"ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39, "Enter": 13,
             "Escape": 27, "End": 35, "Home": 36, "PageDown": 34, " ": 32}


def find_chromium():
    return next((path for path in map(shutil.which, NAMES) if path), None)


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self, folder, width=1280, height=800):
        self.folder = os.path.join(folder, "profile")
        self.size = (width, height)
        self.complaints = []
        self.requests = []

    def __enter__(self):
        to_read, self.output = os.pipe()
        self.input, to_write = os.pipe()

        def give_pipes():
            # Out of the way first: the pipes may have these very numbers.
            pair = os.dup(to_read), os.dup(to_write)
            os.dup2(pair[0], 3)
            os.dup2(pair[1], 4)

        self.process = subprocess.Popen(
            [find_chromium(), "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--disable-default-apps", "--no-first-run",
             "--hide-scrollbars", "--window-size=%d,%d" % self.size,
             "--user-data-dir=" + self.folder, "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(3, 4), preexec_fn=give_pipes, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.waiting = b""
        self.number = 0
        self.session = None
        targets = self.ask("Target.getTargets")["targetInfos"]
        target = next(each for each in targets if each["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"],
                                flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")
        self.resize(*self.size)
        return self

    def __exit__(self, *_):
        os.close(self.output)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.input)

    # ---- the protocol ----

    def receive(self, deadline):
        while b"\0" not in self.waiting:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                raise BrowserError("the browser does not answer")
            part = os.read(self.input, 1 << 20)
            if not part:
                raise BrowserError("the browser has ended")
            self.waiting += part
        message, self.waiting = self.waiting.split(b"\0", 1)
        message = json.loads(message)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, values):
        if method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or
                                   details["text"])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning",
                                                                        "assert"):
            self.complaints.append(" ".join(str(each.get("value", each.get("description")))
                                            for each in values["args"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.complaints.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])

    def ask(self, method, seconds=60, **values):
        self.number += 1
        message = {"id": self.number, "method": method, "params": values}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        deadline = time.monotonic() + seconds
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]

    # ---- the page ----

    def open(self, path, fragment=""):
        """Returns the seconds until the page is complete and painted."""
        # Another fragment alone would not load the page again.
        self.ask("Page.navigate", url="about:blank")
        start = time.monotonic()
        self.ask("Page.navigate", url="file://" + os.path.abspath(path) + fragment)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        self.settle()
        return time.monotonic() - start

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError("%s: %s" % (expression, answer["exceptionDetails"]["text"]))
        return answer["result"].get("value")

    def settle(self):
        """Until what was asked for is drawn."""
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
                   "() => setTimeout(done, 0))))")

    def wait(self, expression, seconds=30):
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise BrowserError("waited in vain for " + expression)
            time.sleep(0.02)

    def text(self, selector):
        return self.value("document.querySelector(%s).textContent" % json.dumps(selector))

    def place(self, selector):
        """The middle of an element, after scrolling it into view."""
        place = self.value(
            "(() => { const e = document.querySelector(%s); if (!e) return null;"
            "const b = e.getBoundingClientRect();"
            "return [b.left + b.width / 2, b.top + b.height / 2, b.left, b.top]; })()"
            % json.dumps(selector))
        if not place:
            raise BrowserError("no element " + selector)
        return place

    def mouse(self, kind, x, y, modifiers=0, **values):
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, modifiers=modifiers, **values)

    def click_at(self, x, y, modifiers=0):
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, modifiers, button="left", clickCount=1)
        self.settle()

    def click(self, selector, modifiers=0):
        x, y, _, _ = self.place(selector)
        self.click_at(x, y, modifiers)

    def drag(self, start, end, modifiers=0):
        self.mouse("mousePressed", *start, modifiers, button="left", clickCount=1)
        for part in (0.25, 0.5, 1):
            self.mouse("mouseMoved", start[0] + (end[0] - start[0]) * part,
                       start[1] + (end[1] - start[1]) * part, modifiers, button="left", buttons=1)
        self.mouse("mouseReleased", *end, modifiers, button="left", clickCount=1)
        self.settle()

    def wheel(self, x, y, amount):
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=amount)
        self.settle()

    def key(self, key):
        values = {"key": key}
        if key in KEY_CODES:
            values["windowsVirtualKeyCode"] = KEY_CODES[key]
        else:
            values["text"] = key
        self.ask("Input.dispatchKeyEvent", type="keyDown", **values)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)
        self.settle()

    def type(self, text):
        self.ask("Input.insertText", text=text)
        time.sleep(0.2)  # the page waits for the next letter
        self.settle()

    def choose(self, selector, value):
        self.value("(() => { const e = document.querySelector(%s); e.value = %s;"
                   "e.dispatchEvent(new Event('change', {bubbles: true})); })()"
                   % (json.dumps(selector), json.dumps(value)))
        self.settle()

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": name}])
        self.settle()

    def screenshot(self, path):
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

"""A browser that tests drive: chromium's DevTools protocol over a pipe, so that no port and no package is needed.

What a page complained of, and what it asked the network for, is kept.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from browser.picture import browser

ANSWER_S = 60
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip


class BrowserError(Exception):
    """The browser, or a script in it, said no."""


class Tab:
    """One page. Places are in CSS pixels of the viewport; a script's value comes back as JSON."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe
        self.complaints: list[str] = []
        """What the console showed as a warning or an error, and what was thrown."""
        self.requests: list[str] = []
        """Every address that was asked for."""
        target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        pipe.listeners[self._session] = self._heard
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol."""
        return self._pipe.call(method, self._session, **parameters)

    def open(self, path: Path) -> None:
        """Load a file and wait until its scripts have run."""
        self.requests.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete'")

    def show(self, *, scheme: str = "light", media: str = "", width: int = 1000, height: int = 900) -> None:
        """What the reader's screen is like."""
        self.call(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def run(self, script: str) -> Any:
        """The value of an expression; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            told = found["exceptionDetails"]
            raise BrowserError(told.get("exception", {}).get("description") or told["text"])
        return found["result"].get("value")

    def wait(self, condition: str, *, longest_s: float = 20) -> None:
        """Until an expression is true."""
        end = time.monotonic() + longest_s
        while not self.run(condition):
            if time.monotonic() > end:
                raise BrowserError(f"never true: {condition}; {self.complaints}")
            time.sleep(0.02)

    def point(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def drag(self, from_x: float, to_x: float, y: float) -> None:
        """Press the mouse, move it sideways, and let go."""
        self.point(from_x, y)
        self.call(
            "Input.dispatchMouseEvent", type="mousePressed", x=from_x, y=y, button="left", buttons=1, clickCount=1
        )
        for step in range(1, 6):
            x = from_x + (to_x - from_x) * step / 5
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, button="left", buttons=1)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=to_x, y=y, button="left", clickCount=1)

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element."""
        x, y = self.run(
            f"(() => {{const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key, by its name in the DOM."""
        codes = {"Enter": 13, " ": 32, "Tab": 9, "Home": 36, "End": 35, "ArrowLeft": 37, "ArrowRight": 39, "Escape": 27}
        text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else "")
        code = {" ": "Space"}.get(key, key)
        common = {"key": key, "code": code, "windowsVirtualKeyCode": codes.get(key, ord(key[0]))}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self, target: Path, *, whole: bool = True) -> None:
        """What is seen, as a PNG."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        target.write_bytes(base64.b64decode(data))

    def pdf(self, target: Path) -> None:
        """What a printer would get, as a PDF."""
        target.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"]))

    def _heard(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Runtime.exceptionThrown":
                details = told["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                self.complaints.append(" ".join(str(part.get("value", part)) for part in told["args"]))
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(told["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])


class _Pipe:
    """Commands and events, each a JSON text that ends with a NUL."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._left = b""
        self._number = 0
        self.listeners: dict[str, Any] = {}

    def call(self, method: str, session: str | None = None, /, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        message = json.dumps(asked if session is None else {**asked, "sessionId": session}).encode() + b"\0"
        while message:
            message = message[os.write(self._to, message) :]
        while True:
            answer = self._next(method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])
            if listener := self.listeners.get(answer.get("sessionId", "")):
                listener(answer["method"], answer["params"])

    def _next(self, method: str) -> dict[str, Any]:
        while b"\0" not in self._left:
            if not select.select([self._from], [], [], ANSWER_S)[0]:
                raise BrowserError(f"{method}: no answer in {ANSWER_S} s")
            part = os.read(self._from, 1 << 20)
            if not part:
                raise BrowserError(f"{method}: the browser is gone")
            self._left += part
        text, _, self._left = self._left.partition(b"\0")
        return dict(json.loads(text))


@contextmanager
def tab(**screen: Any) -> Iterator[Tab]:
    """A browser of its own with one page, both gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        words = f'exec 3<&{to_read} 4>&{from_write}; exec "$@"'
        options = [*OPTIONS, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            ["bash", "-c", words, "bash", browser() or "chromium", *options],
            pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        pipe = _Pipe(to_write, from_read)
        try:
            page = Tab(pipe)
            page.show(**screen)
            yield page
        finally:
            with suppress(BrowserError, OSError):
                pipe.call("Browser.close")
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(to_write)
            os.close(from_read)

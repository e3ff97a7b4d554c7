"""A headless Chromium, driven over the Chrome DevTools Protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.sync.connection import Connection

SECONDS = 20
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "--window-size=1280,800",
)


class Page:
    """A page, what its scripts complained of, and the URLs that it asked for."""

    def __init__(self, socket: Connection) -> None:
        self._socket = socket
        self._id = 0
        self.complaints: list[str] = []
        self.urls: list[str] = []
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, url: str, width: int = 1280, height: int = 800, *, dark: bool = False) -> None:
        """Go to a URL in a window of that size."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Return what an expression gives; promises are awaited."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, (script, answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + SECONDS
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < deadline, f"{condition}: {self.text()} {self.complaints}"
            time.sleep(0.02)

    def wait_for_text(self, text: str, selector: str = "body") -> None:
        """Wait until an element says something."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{element}?.innerText.includes({json.dumps(text)})")

    def text(self, selector: str = "body") -> str:
        """Return what an element says, nothing if there is none."""
        found = self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")
        assert isinstance(found, str)
        return found

    def click(self, selector: str) -> None:
        """Click an element as soon as it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(element)
        self.run(f"{element}.click()")

    def fill(self, selector: str, value: str) -> None:
        """Write into a field as soon as it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(element)
        self.run(
            f"(e => {{ e.focus(); e.value = {json.dumps(value)};"
            f" e.dispatchEvent(new Event('input', {{bubbles: true}})); }})({element})"
        )

    def press(self, key: str) -> None:
        """Press a key and let it go: ``j``, ``Enter``, ``Escape``."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Escape": 27}.get(key, ord(key[0].upper()))
        for kind in ("keyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "",
            )

    def screenshot(self, path: Path) -> None:
        """Write what is seen to a file."""
        data = self._call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def _call(self, method: str, **parameters: object) -> Any:
        self._id += 1
        message: dict[str, object] = {"id": self._id, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=SECONDS))
            if answer.get("id") == self._id:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self._note(answer.get("method"), answer.get("params", {}))

    def _note(self, event: str | None, said: Any) -> None:
        match event:
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(said["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if said["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(said["args"]))
            case "Log.entryAdded" if said["entry"]["level"] in ("error", "warning"):
                self.complaints.append(json.dumps(said["entry"]))
            case "Network.requestWillBeSent":
                self.urls.append(said["request"]["url"])
            case "Network.webSocketCreated":
                self.urls.append(said["url"])


@contextmanager
def chromium(folder: Path) -> Iterator[Page]:
    """Run Chromium with a profile in a folder until the block ends; skip where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium: `apt-get install chromium`")
    process = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with connect(_address(folder, process), max_size=None, proxy=None) as socket:
            yield Page(socket)
    finally:
        process.kill()
        process.wait(SECONDS)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Return where the browser listens, which it writes into its profile."""
    deadline = time.monotonic() + SECONDS
    file = folder / "DevToolsActivePort"
    while not file.exists() or file.read_text().count("\n") < 1:
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        assert time.monotonic() < deadline, "Chromium does not listen"
        time.sleep(0.02)
    port, _, path = file.read_text().partition("\n")
    return f"ws://127.0.0.1:{port}{path.strip()}"

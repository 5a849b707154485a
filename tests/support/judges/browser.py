# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium without a window, led through its debugging pipe, and axe-core as the judge of a page."""

from __future__ import annotations

__all__ = ["Browser", "Shown"]

import base64
import contextlib
import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from ..foreign.node_packages import node_packages

_AXE = Path(__file__).with_name("axe")
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe")
_READ, _WRITE = 3, 4
"""Descriptors at which Chromium expects the two ends of the pipe."""


@dataclass
class Shown:
    """One page as the browser showed it.

    violations: rules of axe-core that the page breaks, with the first element of each
    passes: number of rules that it meets
    requests: addresses that it loaded, besides its own
    messages: of the console, and of policies that stopped something
    overflow: pixels by which it is wider than the window
    """

    violations: list[str] = field(default_factory=list)
    passes: int = 0
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    overflow: int = 0


class Browser:
    """Use as a context manager."""

    def __enter__(self) -> Browser:
        self._stack = contextlib.ExitStack()
        profile = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True))
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        # High numbers, so that the two ends are not overwritten while they are put into their places.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands, answers)]
        self._process = subprocess.Popen(
            ["chromium", *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(_READ, _WRITE),
            preexec_fn=lambda: (os.dup2(ends[0], _READ), os.dup2(ends[1], _WRITE)),
        )
        for end in (commands, answers, *ends):
            os.close(end)
        self._stack.callback(self._process.wait)
        self._stack.callback(self._process.kill)
        self._buffer, self._number, self._events = b"", 0, list[dict[str, Any]]()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._commands)
        os.close(self._answers)
        self._stack.close()

    def show(
        self, address: str, *, width: int, dark: bool = False, picture: Path | None = None, height: str = ""
    ) -> Shown:
        """Open a page in a window of this width, judge it and close it.

        picture: file for a picture of it
        height: expression for the height of the picture; empty for the whole page
        """
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._events.clear()
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable", session)
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", session, **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", session, features=[scheme])
        self._call("Page.navigate", session, url=address)
        self._wait("Page.loadEventFired")
        shown = self._judged(session, address)
        if picture:
            self._save(session, picture, height or "document.documentElement.scrollHeight")
        self._call("Target.closeTarget", targetId=target)
        return shown

    def _judged(self, session: str, address: str) -> Shown:
        script = (node_packages(_AXE) / "node_modules/axe-core/axe.min.js").read_text()
        self._evaluate(session, script + "; 0")
        found = self._evaluate(session, "axe.run(document).then(result => JSON.stringify(result))")
        result = json.loads(found)
        overflow = self._evaluate(session, "document.documentElement.scrollWidth - innerWidth")
        requests = [each["request"]["url"] for each in self._seen("Network.requestWillBeSent")]
        return Shown(
            [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in result["violations"]],
            len(result["passes"]),
            [url for url in requests if url != address],
            [*self._messages()],
            max(0, int(overflow)),
        )

    def _messages(self) -> Iterator[str]:
        yield from (each["entry"]["text"] for each in self._seen("Log.entryAdded"))
        yield from (str(each["args"]) for each in self._seen("Runtime.consoleAPICalled"))
        yield from (str(each["exceptionDetails"]) for each in self._seen("Runtime.exceptionThrown"))

    def evaluate(self, address: str, expression: str, *, media: str = "screen") -> Any:
        """Open a page, on the screen or for print, and return the value of an expression."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable", session)
        self._call("Emulation.setEmulatedMedia", session, media=media)
        self._events.clear()
        self._call("Page.navigate", session, url=address)
        self._wait("Page.loadEventFired")
        value = self._evaluate(session, expression)
        self._call("Target.closeTarget", targetId=target)
        return value

    def _evaluate(self, session: str, expression: str) -> Any:
        answer = self._call("Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def _save(self, session: str, picture: Path, height: str) -> None:
        size = self._evaluate(session, f"[document.documentElement.clientWidth, Math.ceil({height})]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        data = self._call("Page.captureScreenshot", session, captureBeyondViewport=True, clip=clip)["data"]
        picture.write_bytes(base64.b64decode(data))

    def _seen(self, method: str) -> Iterator[dict[str, Any]]:
        return (each["params"] for each in self._events if each["method"] == method)

    def _wait(self, method: str) -> None:
        while not any(True for _each in self._seen(method)):
            self._take(self._next())

    def _call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            message = self._next()
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return dict(message["result"])
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self._events.append(message)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._answers, 1 << 16)
            if not data:
                raise AssertionError("chromium has ended")
            self._buffer += data
        message, _zero, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

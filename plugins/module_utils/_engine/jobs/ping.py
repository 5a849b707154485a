# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ping a monitoring service at the start and the end of a job, by the protocol of healthchecks.io: URL/start, URL,
URL/fail, URL/log.

Everyone who has the URL can report a success, so it is a secret: only TLS carries it, and no error shows it. No
failure here fails a job.

Of a run that left no error of its own, its last lines in the journal are sent.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import urllib.error
import urllib.request
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

from .ending import LOCKED_OUT, OK

SECONDS = 10.0
LONGEST = 10_000
NOT_HTTPS = "is not a URL of https"
_RUN = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\Z", re.ASCII)
_ENDS = {OK: "", LOCKED_OUT: "/log"}
"""Ending of the URL, by result; /log leaves the state of the check as it is."""
_ID = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)
_LINES = 20
_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another host must not learn the URL."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def is_https(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def ping_start(url: str, run: str, *, seconds: float = SECONDS) -> Optional[str]:
    """Report the start of a run; return a fact without the URL if that failed. run: its id, else ""."""
    return _sent(url, "/start", run, b"", seconds)


def ping(url: str, record: Mapping[str, Any], *, log: str = "", seconds: float = SECONDS) -> Optional[str]:
    """Report the end of a run; return a fact without the URL if that failed.

    record: result, error and id of the run
    log: its last lines, for a failure
    """
    return _sent(url, _ENDS.get(record["result"], "/fail"), str(record["run"]), _text(record, log), seconds)


def _sent(url: str, end: str, run: str, text: bytes, seconds: float) -> Optional[str]:
    if not is_https(url):
        return NOT_HTTPS
    try:
        address = _address(url, end, run)
        request = urllib.request.Request(address, data=text, method="POST")  # noqa: S310 - checked above
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds):
            return None
    except urllib.error.HTTPError as error:
        return f"the server answered with status {error.code}"
    except urllib.error.URLError as error:
        return _words(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return _words(error)


def _words(cause: object) -> str:
    """Return a fact in which no URL can be: the system's text, else the kind of the error."""
    return getattr(cause, "strerror", None) or type(cause).__name__


def _address(url: str, end: str, run: str) -> str:
    found = _RUN.match(run)
    return url.rstrip("/") + end + ("?rid=" + "-".join(found.groups()) if found else "")


def _text(record: Mapping[str, Any], log: str) -> bytes:
    error = record["error"] or {}
    parts = [record["result"], error.get("code"), error.get("message"), error.get("cure"), log]
    return "\n".join(filter(None, parts)).encode("utf-8", "replace")[:LONGEST]


def last_lines(run: str) -> str:
    """Return the lines of the run's processes and of systemd about it; "" if there are none or no journal."""
    if not _ID.match(run):
        return ""
    command = ["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={_LINES}"]
    command += ["_SYSTEMD_INVOCATION_ID=" + run, "+", "INVOCATION_ID=" + run]
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        ended = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout.decode("utf-8", "replace").strip()

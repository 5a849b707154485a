# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of this host that a role decides by: system, files, programs, a service. Nothing is changed."""

from __future__ import annotations

import base64
import glob
import os
import shlex
import stat
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from .program import ask_program

_RELEASE_FILES = ("/etc/os-release", "/usr/lib/os-release")
_SHOW = ("systemctl", "show", "--timestamp=unix")
_PROPERTIES = ("ActiveState", "ActiveEnterTimestamp", "UnitFileState")


class System(NamedTuple):
    """The system as os-release(5) has it: its identifier, and the systems that it derives from."""

    id: str
    like: Sequence[str]


class Service(NamedTuple):
    """A unit of systemd. since: the time of its start, in seconds since 1970, 0 if it never started"""

    active: bool
    enabled: bool
    since: int


class Question(NamedTuple):
    """The request.

    files, contents: paths of files, whose links are followed
    programs: paths, or patterns as in a shell
    service: the name of a unit, empty for none
    """

    files: Sequence[str] = ()
    contents: Sequence[str] = ()
    programs: Sequence[str] = ()
    service: str = ""


class HostState(NamedTuple):
    """The answer.

    files: path -> seconds since 1970 of its last change; None if there is no file
    contents: path -> content in base64; None if there is no regular file
    programs: pattern -> whether there is such a file
    """

    system: System
    files: Mapping[str, Optional[int]]
    contents: Mapping[str, Optional[str]]
    programs: Mapping[str, bool]
    service: Optional[Service]


def look(asked: Question) -> HostState:
    """Answer the question. Raises OperationFailed if systemctl does not answer."""
    return HostState(
        _system(),
        {path: _modified(path) for path in asked.files},
        {path: _content(path) for path in asked.contents},
        {pattern: bool(glob.glob(pattern)) for pattern in asked.programs},
        _service(asked.service) if asked.service else None,
    )


def _system() -> System:
    for path in _RELEASE_FILES:
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as stream:
                fields = _assignments(stream.read())
            return System(fields.get("ID", "linux"), fields.get("ID_LIKE", "").split())
    return System("unknown", ())


def _assignments(text: str) -> Dict[str, str]:
    """Return NAME=value lines, without the quotes of a shell."""
    pairs = [line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return {name.strip(): " ".join(_words(value)) for name, _equals, value in pairs}


def _words(value: str) -> List[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return []


def _modified(path: str) -> Optional[int]:
    try:
        return int(os.stat(path).st_mtime)
    except OSError:
        return None


def _content(path: str) -> Optional[str]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as stream:
            return base64.b64encode(stream.read()).decode()
    except OSError:
        return None


def _service(unit: str) -> Service:
    words = ["--property=" + ",".join(_PROPERTIES), unit]
    try:
        completed = ask_program(*_SHOW, *words)
    except FileNotFoundError:
        return Service(active=False, enabled=False, since=0)
    found = dict(line.split("=", 1) for line in completed.out.splitlines() if "=" in line)
    since = found.get("ActiveEnterTimestamp", "").lstrip("@")
    return Service(
        active=found.get("ActiveState") == "active",
        enabled=found.get("UnitFileState") == "enabled",
        since=int(since) if since.isdigit() else 0,
    )

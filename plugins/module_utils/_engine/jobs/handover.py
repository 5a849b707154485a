# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a run, left for the recorder in a directory that lasts as long as the unit (RuntimeDirectory=).

The recorder runs as root after the job, however the job ended. The job's own account wrote this file: of it, only plain
values of the right kind are taken, and only from the run that ended.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..system.durable_files import put
from .strict_json import parse

NAME = "result.json"
_DIRECTORY, _RUN = "RUNTIME_DIRECTORY", "INVOCATION_ID"
_LARGEST = 4 << 20
_MOST = 1 << 62
_LONGEST = 500
_MOST_NAMES = 100
_COUNTED = ("totals", "stats", "proofs")
_ERROR = ("code", "path", "message", "cure")


def run_id(environment: Mapping[str, str]) -> str:
    """Return the id that systemd gave to this run, or ""."""
    return environment.get(_RUN, "")


def leave(result: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Write the state of the run, if the unit has a directory for it. A run does not fail for its sake."""
    directory = environment.get(_DIRECTORY)
    if directory:
        with suppress(OSError):
            put(os.path.join(directory, NAME), json.dumps(result).encode(), 0o600)


def taken(environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return the values that the run left, as `values` does; none if it left none."""
    directory = environment.get(_DIRECTORY)
    left = left_at(directory) if directory else None
    return left if left and left.get("run") == run_id(environment) else {}


def values(result: Any) -> Dict[str, Any]:
    """Return the values of a result that are part of a record, each of the right kind, the others left out."""
    if not isinstance(result, dict):
        return {}
    found: Dict[str, Any] = {name: _numbers(result.get(name)) for name in _COUNTED}
    found["peer"] = _words(result.get("peer"))
    found["check"] = result.get("check") is True
    found["run"] = _text(result.get("run"))
    found["began"] = _number(result.get("began"))
    error = result.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        found["error"] = {name: _text(error.get(name)) for name in _ERROR}
    return found


def left_at(directory: str) -> Optional[Dict[str, Any]]:
    """Return the values that some run left in a directory, as `values` does; None if there are none."""
    return _content(os.path.join(directory, NAME))


def _content(path: str) -> Optional[Dict[str, Any]]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            return values(parse(file.read(_LARGEST))) if regular else None
    except (OSError, ValueError):
        return None


def _numbers(given: Any) -> Dict[str, float]:
    return {name: value for name, value in _few(given) if _number(value) is not None}


def _words(given: Any) -> Optional[Dict[str, Any]]:
    if not isinstance(given, dict):
        return None
    return {
        name: value if isinstance(value, bool) else _text(value)
        for name, value in _few(given)
        if isinstance(value, (str, bool))
    }


def _few(given: Any) -> List[Tuple[str, Any]]:
    pairs = list(given.items()) if isinstance(given, dict) else []
    return [(name[:_LONGEST], value) for name, value in pairs[:_MOST_NAMES]]


def _number(value: Any) -> Optional[float]:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if plain and 0 <= value < _MOST else None


def _text(value: Any) -> Optional[str]:
    return value[:_LONGEST] if isinstance(value, str) else None

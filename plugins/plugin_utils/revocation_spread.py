# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread of a list of revoked keys: the version that each server confirmed, and since when a server lacks the list.

A server that gets a new list is named as not finished until the run has set up the check of the list there too. So a
server that is lost in between, and a run that is killed, are found by the next run.

The record of a spread on the controller is read and written as a whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from ..module_utils._engine.errors import InvalidRequest, OperationFailed
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.model.utc import utc
from ..module_utils._engine.system.durable_files import put
from ..module_utils._engine.system.run_lock import locked_file

_UNFINISHED = "not finished"


class Spread(NamedTuple):
    """One server. version: that it confirmed. since: time when it was first missed; "" if nothing is left to do."""

    version: int
    since: str = ""
    reason: str = ""


def parse_spread(text: str) -> dict[str, Spread]:
    """Return the record; empty for an empty text. Raises InvalidRequest."""
    try:
        found = json.loads(text or "{}")
        return {str(name): Spread(int(each["version"]), each["since"], each["reason"]) for name, each in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequest(
            f"path: is not a record of a spread: {error}", cure="Remove it, then run the role on all servers."
        ) from None


def format_spread(spread: Mapping[str, Spread]) -> str:
    return json.dumps({name: each._asdict() for name, each in spread.items()}, indent=2, sort_keys=True) + "\n"


def spread_after(
    before: Mapping[str, Spread],
    version: int,
    results: Iterable[tuple[str, Any]],
    now: float,
    servers: Iterable[str] = (),
    *,
    finished: bool = True,
) -> dict[str, Spread]:
    """Return the record after a run. results: each server of the run, with its result. servers: all that must have it.
    finished: whether nothing is left to do on the servers with the list.

    A server that was not in the run keeps its version, and lacks the list if that is older. A host that claims a newer
    version than any that it was sent has the newest that it was sent.
    """
    after = {**dict.fromkeys(servers, Spread(0)), **before}
    for name, result in results:
        known = before.get(name, Spread(0))
        judged = _judged(known, result)
        # Another run may have brought a newer list meanwhile.
        judged = judged._replace(version=min(judged.version, max(version, known.version)))
        is_new = judged.version >= version and not judged.reason and not _is_done(known, version)
        after[name] = judged._replace(reason=_UNFINISHED) if is_new and not finished else judged
    return {
        name: each._replace(since="", reason="")
        if each.version >= version and each.reason != _UNFINISHED
        else each._replace(since=each.since or utc(now), reason=each.reason or "not in the run")
        for name, each in after.items()
    }


def _is_done(known: Spread, version: int) -> bool:
    return known.version >= version and not known.since


def _judged(before: Spread, result: Any) -> Spread:
    """Return a server after its result; None for a server that failed before.

    A server that could not be reached keeps the version that it confirmed. A failure takes the version back: the list
    that was there may be damaged or gone.
    """
    unfinished = before.reason == _UNFINISHED
    if not isinstance(result, Mapping):
        return before if unfinished else before._replace(version=0, reason="failed")
    if result.get("skipped"):
        return before
    if result.get("unreachable"):
        return before if unfinished else before._replace(reason="unreachable")
    installed = result.get("list")
    if result.get("failed") or not isinstance(installed, Mapping) or not isinstance(installed.get("version"), int):
        error = result.get("error")
        code = error.get("code") if isinstance(error, Mapping) else None
        silent = "no answer in time" if result.get("timedout") else "failed"
        return before._replace(version=0, reason=str(code or silent)[:80])
    return before._replace(version=installed["version"], reason="")


@contextmanager
def only_run(path: str, *, check_mode: bool = False) -> Iterator[None]:
    """Hold the lock of a record while it is read and written; not in check mode. Raises Locked, OperationFailed."""
    with ExitStack() as stack:
        try:
            if not check_mode:
                stack.enter_context(locked_file(path, "this record"))
        except OSError as error:
            raise _failed(path, error) from None
        yield


def read_record(path: str) -> str:
    """Return the text of the record; empty if there is none yet. Raises OperationFailed."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None


def write_record(path: str, text: str) -> None:
    """Replace the record by one rename. Raises OperationFailed."""
    try:
        put(os.path.abspath(path), text.encode(), 0o644)
    except OSError as error:
        raise _failed(path, error) from None


def _failed(path: str, error: OSError | ValueError) -> OperationFailed:
    reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
    return OperationFailed(f"path: {plain(path)}: {reason}", cure="Set path to a file that you can write.")

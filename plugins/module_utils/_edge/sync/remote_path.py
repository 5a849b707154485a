# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module remote_path: directories made, files moved, and entries removed at a server."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.endpoint import FTPS
from ..._engine.model.human import counted
from ..._engine.model.relpath import RelPath
from ..._engine.model.tree import DIRECTORY, FILE, Entry
from ..._engine.sync.remote_path import ABSENT, STATES, PathChange, PathPlan, PathReport, change_path
from .. import argspec, login_words, paths, quantities
from ..contract import Params, Result, Task
from ..words import failure, path_words
from .reading import request_at
from .results import peer_result

MOST_SHOWN = 100
"""Paths of one kind in a diff."""
_MODE = re.compile(r"0[0-7]{3}\Z", re.ASCII)


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            **argspec.endpoint(),
            **argspec.trust(),
            **argspec.tls(),
            "path": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": FILE},
            "src": {"type": "str"},
            "mode": {"type": "str"},
            "create_parents": {"type": "bool", "default": False},
            "max_delete": {"type": "int", "default": 0},
        },
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> PathChange:
    given = task.params
    login_words.require_fitting(given)
    root, path = place("path", given)
    if not path:
        raise InvalidRequest(f"path: {given['path']!r} names no entry", cure="Set path to an entry below it.")
    return PathChange(
        request=request_at(given, root, check_mode=task.check_mode),
        path=path,
        state=given["state"],
        source=_source(given, root, path),
        mode=_mode(given),
        create_parents=given["create_parents"],
        max_delete=quantities.count("max_delete", given["max_delete"]),
    )


def place(option: str, given: Params) -> Tuple[bytes, RelPath]:
    """Return the start of a path, the login directory or "/", and the path below it. Raises InvalidRequest."""
    root, path = paths.from_login(option, given[option])
    if given["protocol"] == FTPS:
        paths.sendable(option, path)
    return root, path


def _source(given: Params, root: bytes, path: RelPath) -> Optional[RelPath]:
    if given["src"] is None:
        return None
    if given["state"] != FILE:
        raise InvalidRequest(f"src: has no meaning with state: {given['state']}", cure="Remove src.")
    start, source = place("src", given)
    if start != root:
        raise InvalidRequest("src: must begin at the same directory as path", cure='Begin both with "/", or neither.')
    if source in (b"", path):
        raise InvalidRequest(f"src: {given['src']!r} is no other file", cure="Set src to the present path of the file.")
    return source


def _mode(given: Params) -> Optional[int]:
    text = given["mode"]
    if text is None:
        return None
    if given["state"] == ABSENT:
        raise InvalidRequest("mode: has no meaning with state: absent", cure="Remove mode.")
    if not _MODE.match(text):
        raise InvalidRequest(
            f"mode: {text!r} is not four octal digits that begin with 0", cure="Write it in quotes, like '0750'."
        )
    return int(text, 8)


def run(task: Task) -> Result:
    return result(change_path(request(task)), task)


def result(report: PathReport, task: Task) -> Result:
    files, directories = report.removed
    result = {
        **blank(),
        "changed": report.changed,
        "removed": {"files": files, "directories": directories},
        "msg": _summary(report, task),
        "diff": _diff(report.plan, task.params),
        **outcome(report),
    }
    if report.error is not None:
        return {**result, **failure(report.error)}
    return {**result, "state": ABSENT if report.entry is None else report.entry.kind, "mode": octal(report.entry)}


def outcome(report: PathReport) -> Result:
    """Return the parts that do not depend on the question."""
    result: Result = {"notes": [plain(note) for note in report.notes]}
    if report.peer is not None:
        result["peer"] = peer_result(report.peer)
    return result


def octal(entry: Optional[Entry]) -> Optional[str]:
    return None if entry is None else f"{entry.mode:04o}"


def blank() -> Result:
    return {"changed": False, "state": None, "mode": None, "removed": {"files": 0, "directories": 0}, "notes": []}


def _summary(report: PathReport, task: Task) -> str:
    plan = report.plan
    parts = []
    if plan.make:
        parts.append(f"make {counted(len(plan.make), 'directory', 'directories')}")
    if plan.source is not None:
        parts.append(f"move {task.params['src']}")
    if plan.modes:
        parts.append(f"set mode {task.params['mode']}")
    if plan.remove:
        files, directories = report.removed
        parts.append(f"remove {counted(files, 'file')} and {counted(directories, 'directory', 'directories')}")
    if not parts:
        parts.append("nothing to do")
    return plain(f"{task.params['path']}: {'would ' if task.check_mode and plan.changes else ''}{', '.join(parts)}")


def _diff(plan: PathPlan, given: Params) -> Result:
    """Return the state before and after."""
    present, path = plan.present, plain(given["path"])
    before: Result = {"path": path, "state": ABSENT if present is None else present.kind, "mode": octal(present)}
    after: Result = dict(before)
    if plan.changes:
        after.update(state=given["state"], mode=given["mode"] or before["mode"])
    if plan.source is not None:
        before["src"], after["src"] = FILE, ABSENT
    if plan.make:
        after["directories"] = _shown(plan.make, given)
    if plan.remove:
        after["mode"] = None
        before["files"] = _shown([name for name, entry in plan.remove.items() if entry.kind != DIRECTORY], given)
        before["directories"] = _shown([name for name, entry in plan.remove.items() if entry.kind == DIRECTORY], given)
    return {"before": before, "after": after}


def _shown(found: Sequence[RelPath], given: Params) -> List[str]:
    more = [f"... and {len(found) - MOST_SHOWN:,} more"] if len(found) > MOST_SHOWN else []
    return [named(path, given) for path in sorted(found)[:MOST_SHOWN]] + more


def named(path: RelPath, given: Params) -> str:
    """Return a path below the start of the session in the form of the option path."""
    return path_words(b"/" * given["path"].startswith("/") + path)

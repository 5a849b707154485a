# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module remote_path_info: one path at a server, its listing, and a wait for it."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.errors import InvalidRequest, WaitTimeout
from ..._engine.model.display import plain
from ..._engine.model.tree import FILE, Entry
from ..._engine.model.utc import utc
from ..._engine.sync.remote_path import STABLE, WAITS, PathLook, PathReport, look_at_path
from .. import argspec, login_words, quantities
from ..contract import Result, Task
from ..words import failure
from . import params
from .reading import request_at
from .remote_path import named, octal, outcome, place


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            **argspec.endpoint(),
            **argspec.trust(),
            **argspec.tls(),
            "path": {"type": "str", "required": True},
            "recurse": {"type": "bool", "default": False},
            "max_listed": {"type": "int", "default": 1000},
            "wait_for": {"type": "str", "choices": list(WAITS)},
            "stable_for": {"type": "float", "default": 10.0},
            "wait_timeout": {"type": "float", "default": 300.0},
        },
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> PathLook:
    given = task.params
    login_words.require_fitting(given)
    params.max_listed(given)
    root, path = place("path", given)
    stable, timeout = (quantities.seconds(option, given[option]) for option in ("stable_for", "wait_timeout"))
    if given["wait_for"] == STABLE and stable >= timeout:
        raise InvalidRequest(
            f"stable_for: {stable:g} s do not fit into wait_timeout, {timeout:g} s", cure="Raise wait_timeout."
        )
    return PathLook(
        request=request_at(given, root, check_mode=task.check_mode),
        path=path,
        recurse=given["recurse"],
        wait_for=given["wait_for"],
        stable_for=stable,
        wait_timeout=timeout,
    )


def run(task: Task) -> Result:
    return result(look_at_path(request(task)), task)


def result(report: PathReport, task: Task) -> Result:
    given, entry, entries = task.params, report.entry, report.entries or {}
    result = {
        **blank(),
        "entries": [
            {"path": named(path, given), **_shown(entries[path])}
            for path in sorted(entries)[: params.max_listed(given)]
        ],
        "total": len(entries),
        "waited": round(report.waited, 1),
        **outcome(report),
    }
    if entry is not None:
        result.update(_shown(entry))
        if not place("path", given)[1]:  # the start of a session has no name by which a server shows more
            result.update({"mode": None, "mtime": None})
    if report.error is not None:
        result.update(failure(report.error))
    if report.error is None or isinstance(report.error, WaitTimeout):
        result["exists"] = entry is not None
    return {"msg": plain(f"{given['path']}: {result['kind'] or 'nothing is there'}"), **result}


def blank() -> Result:
    nothing = dict.fromkeys(("kind", "size", "mode", "mtime"))
    return {"changed": False, "exists": None, **nothing, "entries": [], "total": 0, "waited": 0.0, "notes": []}


def _shown(entry: Entry) -> Result:
    size = entry.size if entry.kind == FILE else None
    return {"kind": entry.kind, "size": size, "mode": octal(entry), "mtime": utc(entry.mtime // 1_000_000_000)}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract between a module and its file in this package.

Each module NAME has a file NAME.py here, or in a folder of its family, with five functions:

    spec()              keyword arguments of AnsibleModule: argument_spec and the rules between options
    request(task)       the engine's frozen request; raises InvalidRequest
    run(task)           the whole result; raises SyncError
    result(report, ...) the engine's report as plain data: printable, bounded, without secrets
    blank()             the keys that a result has also when `run` raised

`boundary.run` joins them. `tests/unit/test_edge_contract.py` holds every module to this.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, NamedTuple, Protocol

Params = Mapping[str, Any]
Result = Dict[str, Any]


def _ignore(text: str) -> None:
    """Do nothing."""


class Task(NamedTuple):
    """One task of a play.

    params: its options, converted and with defaults.
    check_mode: whether nothing may be written.
    diff: whether the result shows a diff.
    warn: shows a warning to the user.
    progress_file: file for the state of the run; empty if the action shows no lines about it.
    hide: takes a secret that is no option; the result never shows it.
    """

    params: Params
    check_mode: bool = False
    diff: bool = False
    warn: Callable[[str], None] = _ignore
    progress_file: str = ""
    hide: Callable[[str], None] = _ignore


class Edge(Protocol):
    """The part of the contract that `boundary.run` uses. A Python module with these functions implements it."""

    def spec(self) -> Dict[str, Any]: ...

    def run(self, task: Task) -> Result: ...

    def blank(self) -> Result: ...

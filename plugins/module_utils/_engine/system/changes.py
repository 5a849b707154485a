# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a run on a host, recorded before they are made; in check mode only recorded."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple


class Change(NamedTuple):
    """One difference: the item, its state before and after."""

    path: str
    before: str
    after: str


class ChangeReport(NamedTuple):
    """The result of a run.

    changes: made or, in check mode, to be made
    notes: messages for the operator
    archives: paths of new archives
    unlisted: accounts of jails, or jobs, that the request does not name
    """

    changes: Tuple[Change, ...] = ()
    notes: Tuple[str, ...] = ()
    archives: Tuple[str, ...] = ()
    unlisted: Tuple[str, ...] = ()


class Changes:
    """Records changes; `change` returns whether to make them, too."""

    def __init__(self, *, check_mode: bool) -> None:
        self.check_mode = check_mode
        self._changes: List[Change] = []
        self._notes: List[str] = []
        self._archives: List[str] = []

    def record(self, path: str, before: str, after: str) -> bool:
        self._changes.append(Change(path, before, after))
        return not self.check_mode

    def has(self, path: str) -> bool:
        return any(each.path == path for each in self._changes)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def archived(self, path: str) -> None:
        self._archives.append(path)

    def report(self) -> ChangeReport:
        return ChangeReport(tuple(self._changes), tuple(self._notes), tuple(self._archives))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summary: a run in one line: its changes, their duration, rate and proof."""

from __future__ import annotations

from typing import List, Mapping, Sequence

from ..._engine.model.plan import (
    ARCHIVE_SOURCE,
    COPY,
    CREATE_DIRECTORY,
    DELETE_SOURCE,
    EXPIRE_TRASH,
    LINK,
    MOVE,
    PUBLISH,
    REMOVE,
    SET_ATTRIBUTES,
    STORE,
)
from ..._engine.model.report import PROVEN_BY_RECORD, UNPROVEN, SyncReport
from .changes import Tally

_PHRASES = (
    (MOVE, "moved", "move", "file", "files"),
    (COPY, "copied", "copy", "file", "files"),
    (CREATE_DIRECTORY, "created", "create", "directory", "directories"),
    (LINK, "made", "make", "link", "links"),
    (SET_ATTRIBUTES, "set attributes of", "set attributes of", "entry", "entries"),
    (REMOVE, "removed", "remove", "entry", "entries"),
    (PUBLISH, "published", "publish", "manifest", "manifests"),
    (ARCHIVE_SOURCE, "archived", "archive", "source file", "source files"),
    (DELETE_SOURCE, "deleted", "delete", "source file", "source files"),
    (EXPIRE_TRASH, "removed", "remove", "expired entry of the trash", "expired entries of the trash"),
)


def summary(report: SyncReport, changes: Tally, *, push: bool, check_mode: bool) -> str:
    """Return "pushed 1,204 files (3.1 GiB) and removed 3 entries in 81 s at 38.2 MiB/s; all proven by server_hash"."""
    if not changes.actions:
        text = _nothing(report)
    elif check_mode:
        text = "would " + _together(_parts(changes, push=push, done=False))
    else:
        text = _together(_parts(changes, push=push, done=True)) + _pace(report, changes) + _proven(changes)
    skipped = len(report.plan.skipped)
    return f"{text}; skipped {_count(skipped, 'entry', 'entries')}" if skipped else text


def _nothing(report: SyncReport) -> str:
    same = sum(report.proofs.values())
    if not same:
        return "nothing to do"
    verb = "is" if same == 1 else "are"
    return f"nothing to do; {_count(same, 'file', 'files')} {verb} the same, {_proof_words(report.proofs)}"


def _parts(changes: Tally, *, push: bool, done: bool) -> List[str]:
    numbers = changes.actions
    parts = []
    if STORE in numbers:
        from ..._engine.model.human import human_size

        verb = ("push" if push else "pull") + ("ed" if done else "")
        files = _count(numbers[STORE], "file", "files")
        parts.append(f"{verb} {files} ({human_size(changes.stored)})")
    for action, did, do, one, many in _PHRASES:
        if action in numbers:
            parts.append("%s %s" % (did if done else do, _count(numbers[action], one, many)))
    return parts


def _together(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _pace(report: SyncReport, changes: Tally) -> str:
    """Return the time of the run, and the rate of its transfers."""
    from ..._engine.model.human import human_size, human_time

    stored, seconds = changes.stored, report.transfer_seconds
    rate = f" at {human_size(int(stored / seconds))}/s" if stored and seconds > 0 else ""
    return f" in {human_time(report.seconds)}{rate}"


def _proven(changes: Tally) -> str:
    return "; " + _proof_words(changes.proofs) if changes.proofs else ""


def _proof_words(proofs: Mapping[str, int]) -> str:
    """Return "all proven by server_hash", or the number of each kind of proof."""
    kinds = [kind for kind in proofs if proofs[kind]]
    if kinds == [UNPROVEN]:
        return "not proven"
    if len(kinds) == 1:
        return "%s%s" % ("all " if proofs[kinds[0]] > 1 else "", _kind_words(kinds[0]))
    return ", ".join(f"{proofs[kind]:,} {_kind_words(kind)}" for kind in kinds)


def _kind_words(kind: str) -> str:
    if kind == UNPROVEN:
        return "not proven"
    return "proven by an earlier run" if kind == PROVEN_BY_RECORD else "proven by " + kind

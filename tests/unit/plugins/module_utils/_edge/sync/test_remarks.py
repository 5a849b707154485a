# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings: one for each reason and each note, printable, and none twice."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.secure_sync import remarks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import VANISHED, Plan, Skipped
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Fallback, SyncReport


def warnings(*skipped: tuple[bytes, str], notes: tuple[str, ...] = ()) -> list[str]:
    plan = Plan(skipped=tuple(Skipped(RelPath(path), reason) for path, reason in skipped))
    return remarks(SyncReport(plan, notes=notes))


def test_one_warning_for_each_reason() -> None:
    links = [(b"l%04d" % number, "symbolic link, links are skipped") for number in range(1500)]
    assert warnings(*links, (b"pipe", "fifo, socket or device"), notes=("no atomic rename",)) == [
        "skipped 'pipe': fifo, socket or device",
        "skipped 'l0000' and 1,499 more: symbolic link, links are skipped",
        "no atomic rename",
    ]


def test_a_reason_that_is_also_a_note_is_shown_once() -> None:
    shown = warnings(
        (b"a", VANISHED), (b"b", "times are not kept"), notes=("times are not kept", "1 file vanished from the source")
    )
    assert shown == ["times are not kept", "1 file vanished from the source"]


def test_names_and_notes_cannot_steer_a_terminal() -> None:
    assert warnings((b"\x1b[2J", "an \x07 odd reason"), notes=("\u202e",)) == [
        "skipped '\\x1b[2J': an \\x07 odd reason",
        "\\u202e",
    ]


def test_nothing_to_remark() -> None:
    assert warnings() == []


def test_another_way_to_the_same_end_is_no_warning() -> None:
    assert warnings(notes=(Fallback("the server has no MLSD"), "no atomic rename")) == ["no atomic rename"]

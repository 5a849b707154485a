# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diff mode: one line for each action, printable, and a line of totals that is always whole."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.diff import prepared
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.listing import Change, listing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Action, Remove, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Attributes,
    Entry,
)

SECOND = 1000000000
OLD = Entry(FILE, 1234, 1700000000 * SECOND, 0o600)
NEW = Entry(FILE, 2048, 1700003600 * SECOND, 0o640)
FOLDER = Entry(DIRECTORY, 0, 1700000000 * SECOND, 0o750)
LINKED = Entry(LINK, 0, 0, 0o777, b"b")


def _action(action: str, reason: str, wanted: Entry | None, present: Entry | None, attributes: Attributes) -> Action:
    if wanted is None:
        return Remove(RelPath(b"a"), reason, present, action)
    return Write(RelPath(b"a"), action, reason, wanted, present, attributes)


def lines(actions: list[Action], most: int = 100, skipped: int = 0) -> list[str]:
    """Return the lines of a diff, each of which ends with a line feed."""
    text = prepared(listing([Change(action) for action in actions], most), skipped)["prepared"]
    assert not text or text.endswith("\n")
    return text.splitlines()


def line(action: str, reason: str, wanted: Entry | None, present: Entry | None, **attributes: int) -> str:
    """Return the diff of a single action, without the line end."""
    shown, total = lines([_action(action, reason, wanted, present, Attributes(**attributes))])
    assert total.startswith("Total: 1 ")
    return shown


T0, T1 = "2023-11-14T22:13:20Z", "2023-11-14T23:13:20Z"


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (line("store", "missing", NEW, None, mode=0o640, mtime=NEW.mtime), f"+ a (file, 2.0 KiB, 0640, {T1})"),
        (line("store", "missing", NEW, None, mode=0o644), "+ a (file, 2.0 KiB, 0644)"),
        (
            line("store", "size", NEW, OLD, mode=0o640, mtime=NEW.mtime),
            f"~ a (size: file, 1.2 KiB, 0600, {T0} -> file, 2.0 KiB, 0640, {T1})",
        ),
        (
            line("store", "size", NEW._replace(size=NEW.size + 3), NEW, mode=0o640),
            f"~ a (size: file, 2.0 KiB, 0640, {T1} -> file, 2.0 KiB, 0640, +3 bytes)",
        ),
        (line("store", "size", NEW, OLD, mode=0o600), f"~ a (size: file, 1.2 KiB, 0600, {T0} -> file, 2.0 KiB, 0600)"),
        (line("store", "size", NEW, OLD), f"~ a (size: file, 1.2 KiB, 0600, {T0} -> file, 2.0 KiB, 0600)"),
        (
            line("store", "kind", NEW, FOLDER, mode=0o644),
            f"~ a (kind: directory, 0750, {T0} -> file, 2.0 KiB, 0644)",
        ),
        (
            line("set_attributes", "mode", NEW, NEW._replace(mode=0o600), mode=0o640),
            f"~ a (mode: file, 2.0 KiB, 0600, {T1} -> file, 2.0 KiB, 0640, {T1})",
        ),
        (
            line("set_attributes", "mtime", FOLDER._replace(mtime=NEW.mtime, mode=0o700), FOLDER, mtime=NEW.mtime),
            f"~ a (mtime: directory, 0750, {T0} -> directory, 0750, {T1})",
        ),
        (line("create_directory", "missing", FOLDER, None, mode=0o750), "+ a (directory, 0750)"),
        (line("link", "missing", LINKED, None), "+ a (link to b)"),
        (line("link", "digest", LINKED, LINKED._replace(target=b"c")), "~ a (digest: link to c -> link to b)"),
        (line("remove", "extra", None, OLD), f"- a (file, 1.2 KiB, 0600, {T0})"),
        (line("remove", "kind", None, FOLDER), f"- a (directory, 0750, {T0})"),
        (
            line("archive_source", "delivered", None, OLD),
            f"< a (archived at the source: file, 1.2 KiB, 0600, {T0})",
        ),
        (line("expire_trash", "expired", None, OLD), f"- a (expired in the trash: file, 1.2 KiB, 0600, {T0})"),
        (line("delete_source", "delivered", None, OLD), f"< a (deleted at the source: file, 1.2 KiB, 0600, {T0})"),
    ],
    ids=lambda value: value[:40],
)
def test_lines(made: str, shown: str) -> None:
    assert made == shown


def test_names_cannot_steer_a_terminal() -> None:
    bad = Remove(RelPath(b"\x1b]0;x\x07\n- b"), "extra", OLD)
    shown, _total = lines([bad])
    assert shown.isprintable()


def test_it_is_bounded_and_its_totals_are_whole() -> None:
    removals = [Remove(RelPath(b"%04d" % number), "extra", OLD) for number in range(2250)]
    stores = [Write(RelPath(b"n%03d" % number), "store", "missing", NEW, None) for number in range(250)]
    shown = lines([*stores, *removals], skipped=1500)
    assert [text[0] for text in shown] == ["-"] * 1000 + ["."] + ["+"] * 100 + [".", "T"]
    assert shown[1000] == "... and 1,250 more of these removals and changes of kind"
    assert shown[-2:] == [
        "... and 150 more",
        "Total: 2,250 removals (2.6 MiB), 250 new entries (500.0 KiB), 1,500 skipped",
    ]


def test_totals_of_every_effect() -> None:
    actions = [
        Remove(RelPath(b"a"), "extra", FOLDER),
        Write(RelPath(b"b"), "store", "kind", NEW, LINKED),
        Write(RelPath(b"c"), "store", "size", NEW, OLD),
        Write(RelPath(b"d"), "link", "digest", LINKED, LINKED),
        Write(RelPath(b"e"), "create_directory", "missing", FOLDER, None),
        Write(RelPath(b"f"), "set_attributes", "mode", NEW, OLD, Attributes(0o600)),
    ]
    assert lines(actions)[-1] == (
        "Total: 1 removal, 1 change of kind (2.0 KiB), 2 replacements (2.0 KiB), 1 new entry, 1 change of attributes"
    )


def test_no_change_has_no_line() -> None:
    assert lines([], skipped=7) == []

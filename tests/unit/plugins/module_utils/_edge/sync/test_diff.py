# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diff mode: one line for each action, bounded, printable."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.diff import prepared
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
        return Remove(RelPath(b"a"), reason, present)
    return Write(RelPath(b"a"), action, reason, wanted, present, attributes)


def line(action: str, reason: str, wanted: Entry | None, present: Entry | None, **attributes: int) -> str:
    """Return the diff of a single action, without the line end."""
    text = prepared([_action(action, reason, wanted, present, Attributes(**attributes))], 100)["prepared"]
    assert text.endswith("\n")
    return text[:-1]


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
    ],
    ids=lambda value: value[:40],
)
def test_lines(made: str, shown: str) -> None:
    assert made == shown


def test_names_cannot_steer_a_terminal() -> None:
    bad = Remove(RelPath(b"\x1b]0;x\x07\n- b"), "extra", OLD)
    (shown,) = prepared([bad], 100)["prepared"].splitlines()
    assert shown.isprintable()


def test_it_is_bounded() -> None:
    actions = [Remove(RelPath(b"%03d" % number), "extra", OLD) for number in range(250)]
    lines = prepared(actions, 100)["prepared"].splitlines()
    assert len(lines) == 101
    assert lines[-1] == "... and 150 more"
    assert prepared(actions, 0) == {"prepared": "... and 250 more\n"}
    assert "more" not in prepared(actions, 250)["prepared"]
    assert prepared([], 100) == {"prepared": ""}

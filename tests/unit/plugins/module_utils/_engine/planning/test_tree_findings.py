# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of difference between a listing and a signed set is a finding of its own."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.tree_findings import (
    entry_findings,
    unexpected_findings,
)

SECOND = 1_000_000_000
PLAIN = Entry(FILE, 5, 7 * SECOND, 0o644)
PATH = RelPath(b"sub/a")


def found(wanted: Entry, present: Optional[Entry], *, attributes: bool = True) -> list[tuple[str, str]]:
    listed: Tree = {} if present is None else {PATH: present}
    findings = list(entry_findings({PATH: wanted}, listed, modes=attributes, mtimes=attributes))
    assert all(each.path == PATH and each.observed and each.wanted for each in findings)
    return [(each.id, each.severity) for each in findings]


@pytest.mark.parametrize(
    ("present", "finding"),
    [
        (None, ("missing", "high")),
        (Entry(DIRECTORY, 0, 0, 0o755), ("kind", "critical")),
        (PLAIN._replace(size=6), ("size", "high")),
        (PLAIN._replace(mode=0o600), ("mode", "medium")),
        (PLAIN._replace(mtime=8 * SECOND), ("mtime", "low")),
    ],
)
def test_each_difference_has_its_id_and_severity(present: Optional[Entry], finding: tuple[str, str]) -> None:
    assert found(PLAIN, present) == [finding]


def test_equal_entries_have_none() -> None:
    assert found(PLAIN, PLAIN._replace(mtime=7 * SECOND + 5)) == []
    assert found(PLAIN, PLAIN._replace(mode=0, mtime=0), attributes=False) == []


def test_targets_of_links_count() -> None:
    link = Entry(LINK, 0, 0, 0, b"a")
    assert found(link, link) == []
    assert found(link, link._replace(target=b"/etc/passwd")) == [("link_target", "high")]


def test_unexpected_entries_are_named_once_unless_allowed() -> None:
    tree: Tree = {
        RelPath(b"signed"): PLAIN,
        RelPath(b"more"): Entry(DIRECTORY, 0, 0, 0o755),
        RelPath(b"more/x"): PLAIN,
        RelPath(b"left.tmp"): PLAIN,
    }
    signed = {RelPath(b"signed"): PLAIN}
    assert [each.path for each in unexpected_findings(signed, tree, Filters())] == [b"left.tmp", b"more"]
    assert [each.path for each in unexpected_findings(signed, tree, Filters((), ("*.tmp",)))] == [b"more"]

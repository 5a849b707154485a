# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.report import (
    Report,
    read_change,
    read_head,
    read_reports,
    report_path,
    saved_change,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import Unexplained
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import Recorded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath


@pytest.mark.parametrize("before", [None, Recorded(0, -1, b"")])
def test_a_change_is_read_back(before: Recorded | None) -> None:
    change = Unexplained("removed", RelPath(b"\xff"), before)
    assert read_change(json.loads(json.dumps(saved_change(change)))) == change


def test_the_reports_of_the_trees_that_have_one(tmp_path: Path) -> None:
    for tree, is_first in (("/a", True), ("/b", False), ("/no longer watched", False)):
        head = {"schema": 1, "tree": tree, "moment": 1.0, "total": 0, "changes": [], "is_first": is_first}
        Path(report_path(str(tmp_path), tree)).write_text(json.dumps(head) + "\nrest")
    found = read_reports(str(tmp_path), ["/b", "/missing", "/a"])
    assert found == [Report("/b", 1.0, 0, ()), Report("/a", 1.0, 0, (), is_first=True)]
    assert read_reports(str(tmp_path / "missing"), ["/a"]) == []


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        read_head(b'{"schema": 2}')

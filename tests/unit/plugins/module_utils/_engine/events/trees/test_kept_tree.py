# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.kept_tree import (
    KeptTree,
    Moment,
    Suspect,
    TreeStateUnusable,
    read_kept_tree,
    write_kept_tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.report import (
    Report,
    read_reports,
    report_path,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.scanning import Scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import Unexplained
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import Recorded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, STAMP, Entry

NAME = RelPath(b"d/\xff\n")
STAMPED = STAMP.pack(5, 6)
CHANGE = Unexplained("changed", NAME, Recorded(1, 2, b""), Recorded(3, 4, b""))
TREE = "/srv/a"
REPORT = Report(TREE, 9.5, 1, (CHANGE,))
SCAN = Scan(
    7.5,
    9.5,
    {NAME: Recorded(3, 4, b"x" * 32, STAMPED)},
    {NAME: Entry(FILE, 3, 4, 0o644), RelPath(b"gone"): Entry(FILE, 1, 1, 0o644)},
    {NAME: STAMPED},
    frozenset(),
    {RelPath(b"gone"): NotFound("x")},
)
MOMENT = Moment(7.0, "boot", 1.5)


def written(directory: Path, report: Report = REPORT, suspects: int = 1) -> Path:
    suspect = Suspect(7.0, CHANGE._replace(before=None))
    write_kept_tree(str(directory), report, MOMENT, SCAN, [suspect] * suspects)
    (file,) = directory.iterdir()
    return file


def test_a_manifest_and_its_report_are_read_back(tmp_path: Path) -> None:
    file = written(tmp_path)
    suspect = Suspect(7.0, CHANGE._replace(before=None))
    unread = frozenset({RelPath(b"gone")})
    assert read_kept_tree(str(tmp_path), TREE) == KeptTree(MOMENT, 7.5, 9.5, SCAN.files, (suspect,), unread)
    assert read_reports(str(tmp_path), [TREE, "/other"]) == [REPORT]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_line_of_the_collector_is_small(tmp_path: Path) -> None:
    file = written(tmp_path, REPORT._replace(total=5000, changes=(CHANGE,) * 5000), suspects=5000)
    with file.open("rb") as stream:
        assert len(stream.readline()) < 10_000
    (report,) = read_reports(str(tmp_path), [TREE])
    assert (report.total, len(report.changes)) == (5000, 100)
    kept = read_kept_tree(str(tmp_path), TREE)
    assert kept is not None
    assert len(kept.suspects) == 5000


def test_the_first_has_none(tmp_path: Path) -> None:
    assert read_kept_tree(str(tmp_path), TREE) is None


@pytest.mark.parametrize("content", ["", "{}\n", '{"schema": 2}\n', "x"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    Path(report_path(str(tmp_path), TREE)).write_text(content)
    with pytest.raises(TreeStateUnusable, match="cannot be read"):
        read_kept_tree(str(tmp_path), TREE)
    assert read_reports(str(tmp_path), [TREE]) == []


def test_a_cut_manifest_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(TreeStateUnusable):
        read_kept_tree(str(tmp_path), TREE)

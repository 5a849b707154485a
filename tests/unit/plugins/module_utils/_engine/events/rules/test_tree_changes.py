# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import Event
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.tree_changes import (
    Findings,
    TreeChanges,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.report import Report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import Unexplained
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import Recorded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

NOW = 20_000 * 86400.0
CHANGE = Unexplained("changed", RelPath(b"d/a"), Recorded(1, 0, b""), Recorded(2048, 86400 * 10**9, b""))
REPORT = Report("/srv/a", 1.0, 1, (CHANGE,))


def found(*reports: Report, trees: tuple[str, ...] = ("/srv/a", "/srv/b", "/")) -> Findings:
    return Findings(trees, reports)


def reread(changes: TreeChanges) -> TreeChanges:
    return TreeChanges.read(json.loads(json.dumps(changes.written(NOW))))


def reasons(alerts: list[Event]) -> list[tuple[bytes, str]]:
    return [(each.path, each.alert.observed) for each in alerts if each.alert]


def test_a_change_is_an_alert_once() -> None:
    changes = TreeChanges()
    (alert,) = changes.add(found(REPORT), NOW)
    assert (alert.action, alert.path) == ("unexplained_change", b"/srv/a/d/a")
    assert alert.alert == (
        "unexplained_change",
        "changed: 1 B of 1970-01-01T00:00:00Z -> 2.0 KiB of 1970-01-02T00:00:00Z",
        "only changes by transfers",
        0,
        0,
    )
    assert reread(changes).add(found(REPORT), NOW) == []
    (again,) = reread(changes).add(found(REPORT._replace(moment=2.0)), NOW + 86400)
    assert again.alert is not None
    assert (again.alert.history_days, again.alert.would_have_fired) == (1, 1)


def test_each_tree_has_its_report() -> None:
    changes = TreeChanges()
    assert len(changes.add(found(REPORT, REPORT._replace(tree="/srv/b")), NOW)) == 2


def test_created_and_removed_files_have_one_side() -> None:
    created, removed = CHANGE._replace(kind="created", before=None), CHANGE._replace(kind="removed", after=None)
    alerts = TreeChanges().add(found(Report("/", 1.0, 2, (created, removed))), NOW)
    assert reasons(alerts) == [
        (b"/d/a", "created: 2.0 KiB of 1970-01-02T00:00:00Z"),
        (b"/d/a", "removed: 1 B of 1970-01-01T00:00:00Z"),
    ]


def test_many_changes_are_counted() -> None:
    alerts = TreeChanges().add(found(Report("/srv/a", 1.0, 5000, (CHANGE,) * 1000)), NOW)
    assert len(alerts) == 101
    assert reasons(alerts)[-1] == (b"/srv/a", "4,900 more changes")
    assert TreeChanges().add(found(Report("/srv/a", 1.0, 0, ())), NOW) == []


@pytest.mark.parametrize("reports", [(), (Report("/srv/a", 2.0, 0, (), is_first=True),)])
def test_a_lost_manifest_is_an_alert_once(reports: tuple[Report, ...]) -> None:
    changes = TreeChanges()
    assert changes.add(found(), NOW) == [], "the first manifest is still being made"
    assert changes.add(found(Report("/srv/a", 1.0, 0, (), is_first=True)), NOW) == []
    lost = "no manifest to compare with: it was removed, or cannot be read"
    assert reasons(reread(changes).add(found(*reports), NOW)) == [(b"/srv/a", lost)]
    changes.add(found(*reports), NOW)
    assert reread(changes).add(found(*reports), NOW) == []
    assert changes.add(found(Report("/srv/a", 2.0, 0, (), is_first=True)), NOW) == []


def test_a_tree_that_is_no_longer_watched_is_forgotten() -> None:
    changes = TreeChanges()
    changes.add(found(REPORT), NOW)
    assert changes.add(found(trees=("/srv/b",)), NOW) == []
    assert reread(changes).add(found(), NOW) == []

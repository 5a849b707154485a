# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a removed job. tests/hosts/test_sync_job.py removes a job with its units, account and rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import (
    egress,
    places,
    removal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import JobUnit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes


def test_records_stay_and_counters_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new job of the name that got the counters would look as if it had run."""
    for name in ("counters.json", "runs.jsonl", "last.json"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(places, "records", lambda _name: str(tmp_path))
    monkeypatch.setattr(egress, "restore_rules", lambda _name: None)
    unit = JobUnit("no-such-job", "/srv/sync.pyz", "/srv/missing.json", "daily")
    removal.remove_job(unit, "", Changes(check_mode=False))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.json", "runs.jsonl"]

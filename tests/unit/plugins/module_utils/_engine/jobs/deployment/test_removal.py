# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a removed job. tests/hosts/test_sync_job.py removes a job with its units, account and rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import (
    credstore,
    egress,
    job_account,
    places,
    removal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import JobUnit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from support.scripted.programs import Programs


def test_records_stay_and_counters_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new job of the name that got the counters would look as if it had run."""
    for name in ("counters.json", "runs.jsonl", "last.json"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(places, "records", lambda _name: str(tmp_path))
    monkeypatch.setattr(egress, "restore_rules", lambda _name: None)
    unit = JobUnit("no-such-job", "/srv/sync.pyz", "/srv/missing.json", "daily")
    removal.remove_job(unit, "", Changes(check_mode=False))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.json", "runs.jsonl"]


UNIT = JobUnit("nightly", "/srv/sync.pyz", "/srv/missing.json", "daily")
SERVICE, TIMER, ACCOUNT = "secure-sync-nightly.service", "secure-sync-nightly.timer", "sync-nightly"
CALLS = f"""systemctl --quiet disable --now {TIMER}
systemctl clean --what=state {TIMER}
systemctl stop {SERVICE}
systemctl daemon-reload
systemctl reset-failed {SERVICE}
nft delete table inet {ACCOUNT}
userdel -- {ACCOUNT}""".split("\n")


class TestWhole:
    """A job with all its files; programs of the host are scripts."""

    @pytest.fixture
    def root(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        self.programs = Programs(tmp_path, monkeypatch)
        for name in ("systemctl", "nft", "userdel"):
            self.programs.put(name)
        for name in ("host", "host/home", "host/store"):
            (tmp_path / name).mkdir()
        files = [SERVICE, TIMER, "store/secure-sync-nightly.password", "nightly.json", "nightly.nft", "counters.json"]
        for name in [*files, "ftp_synchronize_job_nightly.prom", "home/file", "secure-sync-weekly.service"]:
            (tmp_path / "host" / name).touch()
        host = str(tmp_path / "host")
        monkeypatch.setattr(removal, "job_account", lambda _name: Owner(1000, 1000) if self.has_account else None)
        for module in (removal, credstore):
            monkeypatch.setattr(module, "CREDSTORE", host + "/store")
        monkeypatch.setattr(places, "UNITS", host)
        for module, name in ((places, "egress_file"), (egress, "egress_file")):
            monkeypatch.setattr(module, name, lambda name: f"{host}/{name}.nft")
        monkeypatch.setattr(places, "job_file", lambda name: f"{host}/{name}.json")
        monkeypatch.setattr(places, "records", lambda _name: host)
        monkeypatch.setattr(job_account.places, "home", lambda _name: host + "/home")
        self.has_account = True
        return tmp_path / "host"

    def test_all_of_it_is_removed_and_nothing_of_others(self, root: Path) -> None:
        before = sorted(path.name for path in root.rglob("*"))
        looked, changes = Changes(check_mode=True), Changes(check_mode=False)
        removal.remove_job(UNIT, str(root), looked)
        assert (sorted(path.name for path in root.rglob("*")), self.programs.calls) == (before, [])
        removal.remove_job(UNIT, str(root), changes)
        assert sorted(path.name for path in root.rglob("*")) == ["secure-sync-weekly.service", "store"]
        assert self.programs.calls == CALLS
        assert changes.report().changes == looked.report().changes
        assert {change.path for change in changes.report().changes} >= {f"account {ACCOUNT}", f"{root}/{TIMER}"}

    def test_a_removed_job_changes_nothing(self, root: Path) -> None:
        removal.remove_job(UNIT, str(root), Changes(check_mode=False))
        self.has_account, again = False, Changes(check_mode=False)
        removal.remove_job(UNIT, str(root), again)
        assert again.report().changes == ()
        assert self.programs.calls[len(CALLS) :] == [CALLS[-2]]

    def test_without_a_directory_metrics_are_of_others(self, root: Path) -> None:
        removal.remove_job(UNIT, "", Changes(check_mode=False))
        assert (root / "ftp_synchronize_job_nightly.prom").exists()

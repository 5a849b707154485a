# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A trial that meets another run. tests/hosts/test_sync_job.py has real trials, also while the job runs.

systemd and the run are doubles: a run in check mode takes no lock, so that no real trial ends in this way. If one ever
does, it has proven nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import CheckFailed, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import egress, trial
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.request import WantedJob
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import JobUnit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed


def no_note(text: str) -> None:
    """Refuse a note."""
    raise AssertionError(text)


JOB = WantedJob(JobUnit("nightly", "/srv/sync.pyz", "/srv/missing.json", "daily"))


@contextmanager
def staged(job: WantedJob, _account: Owner, _note: object) -> Iterator[JobUnit]:
    """Yield the unit of the trial without files."""
    yield job.unit._replace(trial=True)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "locked",
            ("nightly: the check was not made: MESSAGE", "Deploy again after the end of the other run; nothing"),
        ),
        ("no_space", ("nightly: in check mode: no_space: MESSAGE", "CURE")),
    ],
)
def test_a_trial_that_failed(monkeypatch: pytest.MonkeyPatch, code: str, words: tuple[str, str]) -> None:
    left: dict[str, Any] = {"error": {"code": code, "path": None, "message": "MESSAGE", "cure": "CURE"}}
    monkeypatch.setattr(trial, "_staged", staged)
    monkeypatch.setattr(trial, "_measured", lambda _unit, _most: 1.1)
    monkeypatch.setattr(trial, "ask_program", lambda *_words, **_limits: Completed(1, "", ""))
    monkeypatch.setattr(trial, "left_at", lambda _directory: left)
    with pytest.raises(CheckFailed) as caught:
        trial.try_job(JOB, Owner(1000, 1000), 2.0, no_note)
    assert caught.value.message == words[0]
    assert (caught.value.cure or "").startswith(words[1])


@pytest.mark.parametrize(
    ("state", "networks", "forgotten"),
    [
        ("activating", ["192.0.2.7"], 0),
        ("activating", [], 0),
        ("deactivating", [], 0),
        ("inactive", ["192.0.2.7"], 0),
        ("inactive", [], 1),
        ("failed", [], 1),
    ],
)
def test_a_run_in_progress_keeps_its_rules(
    state: str, networks: list[str], forgotten: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules of the trial replace them in one step. Rules of an ended run must not limit a trial without rules."""
    asked: list[str] = []

    def ask(*words: str, **_limits: Any) -> Completed:
        return Completed(0, state + "\n" if words[-1] == "secure-sync-nightly.service" else "inactive\n", "")

    monkeypatch.setattr(trial, "ask_program", ask)
    monkeypatch.setattr(egress, "forget_rules", asked.append)
    for module, name in ((trial, "run_program"), (trial, "keep_path"), (egress, "restore_rules")):
        monkeypatch.setattr(module, name, lambda *_arguments: None)
    unit = JOB.unit._replace(egress=networks, egress_file="/srv/nightly.nft" if networks else "")
    with trial._staged(JOB._replace(unit=unit), Owner(1000, 1000), no_note):
        assert asked == ["nightly"] * forgotten


class TestCleanUp:
    """All steps are taken, also after a failed step. A failed check stays the cause."""

    @pytest.fixture
    def steps(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        taken: list[str] = []

        def restore_rules(_name: str) -> None:
            taken.append("rules")
            raise OperationFailed("nft failed")

        monkeypatch.setattr(egress, "restore_rules", restore_rules)
        monkeypatch.setattr(egress, "forget_rules", lambda _name: None)
        monkeypatch.setattr(trial, "keep_path", lambda *_arguments: None)
        monkeypatch.setattr(trial, "run_program", lambda *words: taken.append(words[-1]))
        monkeypatch.setattr(trial, "ask_program", lambda *_words, **_limits: Completed(0, "inactive", ""))
        return taken

    def test_a_failed_check_stays_the_cause(self, steps: list[str]) -> None:
        notes: list[str] = []
        with pytest.raises(CheckFailed), trial._staged(JOB, Owner(1000, 1000), notes.append):
            raise CheckFailed("authentication_failed")
        assert steps == ["daemon-reload", "rules", "daemon-reload"]
        assert notes == ["after the check of the job nightly: nft failed"]

    def test_after_a_good_check_its_error_is_the_error(self, steps: list[str]) -> None:
        with pytest.raises(OperationFailed, match="nft failed"), trial._staged(JOB, Owner(1000, 1000), no_note):
            pass
        assert steps == ["daemon-reload", "rules", "daemon-reload"]

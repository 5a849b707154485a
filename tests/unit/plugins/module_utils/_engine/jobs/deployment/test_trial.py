# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A trial that meets another run. tests/hosts/test_sync_job.py has real trials, also while the job runs.

systemd and the run are doubles: a run in check mode takes no lock, so that no real trial ends in this way. If one ever
does, it has proven nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CheckFailed,
    ExposureTooHigh,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import (
    egress,
    job_account,
    places,
    trial,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.request import WantedJob
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import JobUnit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.scripted.programs import Programs


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
        (
            "secret_unavailable",
            (
                "nightly: in check mode: secret_unavailable: MESSAGE",
                "CURE If the source is a file, it must belong to",
            ),
        ),
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
    assert isinstance(caught.value, trial.SecretAwaited) == (code == "secret_unavailable")


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


STATE = """case "$1" in
show) echo inactive ;;
start) cp -Rp {root}/stages/nightly {root}/seen; cp {root}/units/* {root}/seen; exit {status} ;;
esac"""
LEVEL = "echo '-> Overall exposure level for unit: 1.1 OK'"


class TestWhole:
    """A trial with its files. systemd is a script, which keeps a copy of the files at the start of the unit."""

    @pytest.fixture
    def root(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        programs = Programs(tmp_path, monkeypatch)
        for name, script in (
            ("systemctl", STATE.format(root=tmp_path, status=0)),
            ("systemd-analyze", LEVEL),
            ("systemd-creds", "cat"),
            ("journalctl", "printf 'no space\\n\\nleft\\n'"),
            ("nft", ""),
        ):
            programs.put(name, script)
        owner, group = os.getuid(), os.getgid()
        monkeypatch.setattr(job_account, "Walker", partial(Walker, owner=owner, shared=True))
        for module, name in ((job_account, "PRIVATE"), (job_account, "_OPEN_DIRECTORY"), (trial, "PUBLIC")):
            monkeypatch.setattr(module, name, getattr(module, name)._replace(user=owner, group=group))

        def of_root(user: int, _group: int, mode: int) -> Attributes:
            """Let the account of this test stand for root."""
            assert user == 0
            return Attributes(owner, group, mode)

        monkeypatch.setattr(trial, "Attributes", of_root)
        monkeypatch.setattr(trial, "_runtime", lambda _trial: str(tmp_path / "runtime"))
        monkeypatch.setattr(egress, "limits", lambda name, networks: {name: ",".join(networks)})
        monkeypatch.setattr(places, "STAGES", str(tmp_path / "stages"))
        monkeypatch.setattr(places, "RUNTIME_UNITS", str(tmp_path / "units"))
        self.programs = programs
        return tmp_path

    def tried(self, root: Path, **more: Any) -> trial.Trial:
        unit = JobUnit("nightly", "/srv/sync.pyz", str(root / "missing.json"), "daily")
        unit = unit._replace(egress=["192.0.2.7"], egress_file="/srv/nightly.nft", credentials=["password"])
        job = WantedJob(unit._replace(**more), text=b"the job", secrets={"password": "canary"})
        return trial.try_job(job, Owner(os.getuid(), os.getgid()), 2.0, no_note)

    def left(self, root: Path) -> list[str]:
        places_of_trials = (root / "stages", root / "units", root / "runtime")
        return [path.name for place in places_of_trials if place.exists() for path in place.iterdir()]

    def test_the_unit_runs_with_its_files_and_nothing_is_left(self, root: Path) -> None:
        (root / "runtime").mkdir()
        assert self.tried(root) == trial.Trial(1.1, {"nightly": "192.0.2.7"})
        seen = {path.name: path for path in (root / "seen").iterdir()}
        own, tried = "secure-sync-nightly.service", "secure-sync-nightly.check.service"
        assert seen.keys() == {"nightly.json", "nightly.nft", "secure-sync-nightly.password", own, tried}
        assert seen["nightly.json"].read_text() == "the job"
        assert seen["nightly.nft"].read_text() == egress.rules_text("nightly", ["192.0.2.7"])
        assert seen["secure-sync-nightly.password"].read_text() == "canary"
        modes = [stat.S_IMODE(seen[name].stat().st_mode) for name in ("nightly.json", "secure-sync-nightly.password")]
        assert (modes, stat.S_IMODE((root / "seen").stat().st_mode)) == ([0o640, 0o600], 0o711)
        assert f"{root}/stages/nightly/nightly.json" in seen[tried].read_text()
        assert str(root / "missing.json") in seen[own].read_text()
        assert (self.left(root), (root / "runtime").exists()) == ([], False)
        verbs = [" ".join(call.split()[:2]) for call in self.programs.calls if "show" not in call]
        clean = ["systemctl stop", "systemctl reset-failed"]
        run = ["systemd-creds encrypt", "systemctl daemon-reload", "systemd-analyze security", "systemctl start"]
        assert verbs == [*clean, *run, *clean, "nft delete", "systemctl daemon-reload"]

    def test_leftovers_of_a_killed_trial_do_not_reach_the_next(self, root: Path) -> None:
        (root / "stages/nightly").mkdir(parents=True)
        (root / "stages/nightly/old").touch()
        (root / "units").mkdir()
        (root / "units/secure-sync-nightly.check.service").symlink_to("missing")
        self.tried(root, egress=[], egress_file="", credentials=[])
        names = sorted(path.name for path in (root / "seen").iterdir())
        assert names == ["nightly.json", "secure-sync-nightly.check.service", "secure-sync-nightly.service"]

    @pytest.mark.parametrize(("there", "kept"), [(True, "the former job stays in service"), (False, "nothing is")])
    def test_a_unit_that_does_not_start(self, root: Path, *, there: bool, kept: str) -> None:
        self.programs.put("systemctl", STATE.format(root=root, status=1))
        if there:
            (root / "missing.json").touch()
        with pytest.raises(CheckFailed, match=r"did not start in check mode: no space / left$") as caught:
            self.tried(root)
        assert kept in (caught.value.cure or "")
        assert self.left(root) == []

    def test_a_unit_that_is_too_open_is_not_started(self, root: Path) -> None:
        self.programs.put("systemd-analyze", LEVEL.replace("1.1", "2.1"))
        with pytest.raises(ExposureTooHigh):
            self.tried(root)
        assert not (root / "seen").exists()
        assert self.left(root) == []

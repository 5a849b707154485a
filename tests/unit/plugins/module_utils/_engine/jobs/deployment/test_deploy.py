# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that fail, and their undo. systemd, accounts and the trial are doubles: tests/hosts/test_sync_job.py has
deployments on a real host."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountTaken,
    CheckFailed,
    InvalidRequest,
    OperationFailed,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ansible_program import AnsibleMissing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import (
    credstore,
    deploy,
    egress,
    places,
    removal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.request import (
    REMOVE,
    REPORT,
    DeployReport,
    DeployRequest,
    WantedJob,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.trial import (
    SecretAwaited,
    Trial,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.names import credential_name
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.side_units import (
    NOTIFY,
    ping_unit_texts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import (
    JobUnit,
    timer_name,
    unit_name,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

UNIT = JobUnit("nightly", "/srv/sync.pyz", "/srv/nightly.json", "daily")
TIMER, SERVICE, TEMPLATE = timer_name(UNIT), unit_name(UNIT), NOTIFY % ""
FULL = OSError(errno.ENOSPC, "No space left on device")
FORMER = {"nightly.json": "former", SERVICE: "former", TIMER: "former"}


class Host:
    """A host with one timer, whose files are in one directory.

    asked: verbs of systemctl, and other steps, in their order
    failing: those that fail
    full: names of files that cannot be written
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.account: Owner | None = None
        self.enabled = self.active = False
        self.asked: list[str] = []
        self.failing: set[str] = set()
        self.full: set[str] = set()
        self.trial: BaseException | None = None
        self.kept: dict[str, Attributes] = {}

    def serve(self, files: dict[str, str]) -> None:
        """Have a job in service."""
        self.account = Owner(1000, 1000)
        self.enabled = self.active = True
        for name, text in files.items():
            (self.root / name).write_text(text)

    @property
    def files(self) -> dict[str, str]:
        """Return the text of each file."""
        return {path.name: path.read_text() for path in self.root.iterdir() if not path.is_symlink()}

    def ask(self, *words: str, **_limits: Any) -> Completed:
        """Do the part of systemctl."""
        verb = next(word for word in words[1:] if not word.startswith("-"))
        self.asked.append(verb)
        failed = verb in self.failing
        if verb == "is-enabled":
            return Completed(int(not self.enabled), "", "")
        if verb == "is-active":
            return Completed(int(not self.active), "", "")
        if words[-1] == TIMER and not failed:
            if verb in ("enable", "disable"):
                self.enabled = verb == "enable"
            if verb in ("restart", "stop") or "--now" in words:
                failed = verb == "enable" and "start" in self.failing
                self.active = verb in ("restart", "enable") and not failed
        return Completed(int(failed), "", "refused")

    def run(self, *words: str) -> None:
        """Do the part of systemctl, and raise its failure."""
        if self.ask(*words).status:
            raise OperationFailed("%s failed" % " ".join(words))

    def step(self, name: str) -> None:
        """Take another step."""
        self.asked.append(name)
        if name in self.failing:
            raise OperationFailed("%s failed" % name)

    def keep_account(self, _name: str, changes: Changes) -> Owner | None:
        """Make the account."""
        if self.account is None and changes.record("account", "missing", "account"):
            self.account = Owner(1000, 1000)
        return self.account

    def remove_account(self, _name: str) -> None:
        """Remove the account."""
        self.step("userdel")
        self.account = None

    def keep_path(self, path: str, wanted: Attributes, changes: Changes, content: bytes | None = None) -> None:
        """Keep a file; directories are there. `kept` has the owners and modes."""
        file = Path(path)
        self.kept[file.name] = wanted
        if content is None or (file.exists() and file.read_bytes() == content):
            return
        if changes.record(path, "other content", "file"):
            if file.name in self.full:
                raise OSError(FULL.errno, FULL.strerror, path)
            file.write_bytes(content)

    def try_job(self, _job: WantedJob, account: Owner, exposure_max: float, _note: object) -> Trial:
        """Try a job."""
        assert (account, exposure_max) == (Owner(1000, 1000), 2.0)
        if self.trial is not None:
            raise self.trial
        return Trial(1.1, {})

    def deploy(self, *units: JobUnit, **more: Any) -> DeployReport:
        """Deploy jobs, by default UNIT."""
        request = DeployRequest(
            (), str(self.root / "sync-2.pyz"), 2.0, "", check_mode=False, notify_command=["/usr/bin/mail"]
        )
        jobs = [
            WantedJob(unit._replace(job_file=str(self.root / f"{unit.name}.json")), text=b"new")
            for unit in units or (UNIT,)
        ]
        return deploy.deploy_jobs(request._replace(**{"jobs": jobs, **more}))

    def failed(self, *units: JobUnit) -> tuple[SyncError, tuple[str, ...]]:
        """Deploy one job that fails, and return its error and the notes."""
        done = self.deploy(*units)
        error = done.jobs[0].error
        assert error is not None
        return error, done.report.notes


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(tmp_path)
    doubles: dict[Any, dict[str, object]] = {
        deploy: {
            "keep_account": made.keep_account,
            "keep_path": made.keep_path,
            "try_job": made.try_job,
            "parse_job": lambda text: text,
            "require_schedule": lambda _schedule: None,
            "write_first_metrics": lambda _job, fresh: made.step("new metrics" if fresh else "metrics"),
            "remove_old_programs": lambda *_programs: made.step("old programs"),
        },
        egress: {
            "restore_rules": lambda _name: made.step("rules"),
            "forget_rules": lambda _name: made.step("no rules"),
        },
        credstore: {"stored_keys": lambda _name: []},
        places: {
            "UNITS": str(tmp_path),
            "LINK": str(tmp_path / "sync.pyz"),
            "egress_file": lambda name: str(tmp_path / f"{name}.nft"),
            "job_file": lambda name: str(tmp_path / f"{name}.json"),
            "records": lambda _name: str(tmp_path / "records"),
        },
    }
    for module in (deploy, removal):
        doubles.setdefault(module, {}).update(
            ask_program=made.ask,
            run_program=made.run,
            job_account=lambda _name: made.account,
            remove_account=made.remove_account,
        )
    for module, names in doubles.items():
        for name, double in names.items():
            monkeypatch.setattr(module, name, double)
    return made


class TestDeploy:
    def test_a_new_job(self, host: Host) -> None:
        (state,) = host.deploy().jobs
        assert (state.checked, state.exposure, state.error) == (True, 1.1, None)
        assert (host.files.keys(), host.enabled, host.active) == (FORMER.keys(), True, True)
        assert os.readlink(places.LINK) == "sync-2.pyz"
        assert host.asked[-2:] == ["enable", "old programs"]
        assert "new metrics" in host.asked

    def test_a_second_run_changes_nothing(self, host: Host) -> None:
        host.deploy()
        host.asked.clear()
        again = host.deploy()
        assert (again.report.changes, again.jobs[0].checked) == ((), False)
        assert [verb for verb in host.asked if not verb.startswith("is-")] == ["old programs"]

    def test_check_mode_changes_nothing(self, host: Host) -> None:
        assert host.deploy(check_mode=True).report.changes
        assert (host.files, host.account, host.enabled) == ({}, None, False)

    def test_owners_and_modes(self, host: Host) -> None:
        """The account reads its job file; root alone has the records."""
        host.deploy(metrics=str(host.root / "metrics"))
        public = Attributes(0, 0, 0o644)
        assert host.kept == {
            "nightly.json": Attributes(0, 1000, 0o640),
            "records": Attributes(0, 0, 0o750),
            "metrics": Attributes(0, 0, 0o755),
            SERVICE: public,
            TIMER: public,
        }
        host.kept.clear()
        (host.root / "metrics").mkdir()
        host.deploy(metrics=str(host.root / "metrics"))
        assert "metrics" not in host.kept, "the directory of others is left as it is"

    def test_the_units_that_a_job_starts(self, host: Host) -> None:
        host.deploy(UNIT._replace(pings=True, notify=True))
        shared = {*ping_unit_texts(places.LINK), TEMPLATE}
        assert host.files.keys() - FORMER.keys() == shared
        assert "/usr/bin/mail" in host.files[TEMPLATE]

    def test_a_job_in_service_that_changes(self, host: Host) -> None:
        """The timer takes up its new text, if it runs."""
        host.serve(FORMER)
        assert host.deploy().jobs[0].checked
        assert [verb for verb in host.asked if not verb.startswith("is-")] == [
            *("daemon-reload", "restart", "metrics", "old programs")
        ]

    @pytest.mark.parametrize(("enabled", "active"), [(False, True), (True, False)])
    def test_a_timer_that_does_not_run_is_started_after_a_trial(
        self, host: Host, *, enabled: bool, active: bool
    ) -> None:
        host.deploy()
        host.enabled, host.active = enabled, active
        host.asked.clear()
        again = host.deploy()
        assert ([change.after for change in again.report.changes], again.jobs[0].checked) == (["enabled"], True)
        assert (host.enabled, host.active, "restart" in host.asked) == (True, True, False)
        (host.root / SERVICE).write_text("former")
        host.enabled, host.active = enabled, active
        host.deploy()
        assert "restart" not in host.asked

    def test_limits_of_connections(self, host: Host) -> None:
        limited = UNIT._replace(egress=("192.0.2.7",))
        host.deploy(limited)
        rules = host.root / "nightly.nft"
        assert (rules.read_text(), host.kept["nightly.nft"]) == (
            egress.rules_text("nightly", ["192.0.2.7"]),
            Attributes(0, 0, 0o644),
        )
        assert host.deploy(check_mode=True).report.changes
        assert ("no rules" in host.asked, rules.exists()) == (False, True)
        assert str(rules) in [change.path for change in host.deploy().report.changes]
        assert ("no rules" in host.asked, rules.exists()) == (True, False)
        host.asked.clear()
        host.deploy()
        assert "no rules" not in host.asked

    def test_an_absent_job(self, host: Host) -> None:
        """Nothing that jobs share is made for it."""
        host.serve(FORMER)
        jobs = [WantedJob(UNIT, present=False)]
        assert host.deploy(jobs=jobs, check_mode=True).report.changes
        assert (host.files, host.account) == (FORMER, Owner(1000, 1000))
        done = host.deploy(jobs=jobs)
        assert (done.jobs[0].error, done.jobs[0].checked, host.files, host.account) == (None, False, {}, None)
        assert (os.path.lexists(places.LINK), "old programs" in host.asked) == (False, False)

    @pytest.mark.parametrize(
        ("name", "error"),
        [("job_account", AccountTaken), ("require_schedule", InvalidRequest), ("service_text", InvalidRequest)],
    )
    def test_a_job_that_is_refused_stops_all(
        self, host: Host, monkeypatch: pytest.MonkeyPatch, name: str, error: type[SyncError]
    ) -> None:
        right = getattr(deploy, name)

        def judge(given: Any) -> object:
            if "weekly" in str(given):
                raise error("weekly")
            return right(given)

        monkeypatch.setattr(deploy, name, judge)
        with pytest.raises(error):
            host.deploy(UNIT, UNIT._replace(name="weekly", schedule="weekly"))
        assert (host.files, host.account) == ({}, None)

    @pytest.mark.parametrize("present", [True, False])
    def test_ansible_is_needed_by_present_jobs(
        self, host: Host, monkeypatch: pytest.MonkeyPatch, *, present: bool
    ) -> None:
        def missing() -> None:
            raise AnsibleMissing("ansible-playbook is not installed", cure="Install it.")

        monkeypatch.setattr(deploy, "require_ansible", missing)
        jobs = [WantedJob(UNIT._replace(job_file=str(host.root / "nightly.json")), present, b"new")]
        assert host.deploy(jobs=jobs).error is None
        if present:
            with pytest.raises(AnsibleMissing):
                host.deploy(jobs=jobs, by_ansible=True)
        else:
            assert host.deploy(jobs=jobs, by_ansible=True).error is None

    def test_a_full_disk_is_the_error_of_its_job_and_the_next_is_deployed(self, host: Host) -> None:
        host.full = {"nightly.json"}
        first, second = host.deploy(UNIT, UNIT._replace(name="weekly")).jobs
        assert first.error is not None
        assert (first.error.code, first.error.path) == ("no_space", os.fsencode(host.root / "nightly.json"))
        assert (second.name, second.checked, second.error) == ("weekly", True, None)


class TestUnlisted:
    """Jobs of the host that the request does not list: only those of its source are named or removed."""

    @pytest.fixture
    def others(self, host: Host) -> Host:
        files = {name: ("exchange", name) for name in ("nightly", "gone")}
        files.update(own=("", "own"), other=("other", "other"), copy=("exchange", "own"))
        for name, (source, job) in files.items():
            text = {"schema": 1, "job": job, "options": {}, **({"source": source} if source else {})}
            (host.root / f"{name}.json").write_text(json.dumps(text))
        (host.root / "broken.json").write_text("{")
        return host

    def test_they_are_left_alone(self, others: Host) -> None:
        done = others.deploy(source="exchange")
        assert (done.report.unlisted, done.report.notes) == ((), ())

    def test_they_are_named(self, others: Host) -> None:
        done = others.deploy(source="exchange", unlisted=REPORT)
        assert done.report.unlisted == ("gone",)
        assert done.report.notes == ("jobs of exchange that are not in the list stay in service: gone",)
        assert (others.root / "gone.json").exists()

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_they_are_removed(self, others: Host, check_mode: bool) -> None:
        done = others.deploy(source="exchange", unlisted=REMOVE, check_mode=check_mode)
        assert [job.name for job in done.jobs] == ["nightly", "gone"]
        assert str(others.root / "gone.json") in [change.path for change in done.report.changes]
        left = {path.stem for path in others.root.glob("*.json")}
        assert left == {"broken", "copy", "nightly", "other", "own"} | ({"gone"} if check_mode else set())

    def test_a_removal_that_failed_is_completed_by_the_next_run(self, others: Host) -> None:
        others.account = Owner(1000, 1000)
        others.failing = {"userdel"}
        done = others.deploy(source="exchange", unlisted=REMOVE)
        assert (done.jobs[-1].name, done.jobs[-1].error is None) == ("gone", False)
        others.failing = set()
        done = others.deploy(source="exchange", unlisted=REMOVE)
        assert (done.jobs[-1].name, done.jobs[-1].error) == ("gone", None)
        assert (others.account, (others.root / "gone.json").exists()) == (None, False)

    def test_they_stay_after_a_job_failed(self, others: Host) -> None:
        others.full = {"nightly.json"}
        done = others.deploy(source="exchange", unlisted=REMOVE)
        assert done.jobs[0].error is not None
        assert (done.report.unlisted, len(done.jobs)) == (("gone",), 1)
        assert (others.root / "gone.json").exists()


class TestSecrets:
    """Secrets are stored if they differ, and removed if the job has them no more. The sealing is a double."""

    @pytest.fixture
    def stored(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> Path:
        store = host.root / "store"
        store.mkdir()

        def put(path: str, content: bytes) -> None:
            Path(path).write_bytes(content)
            Path(path).chmod(0o600)

        def key_of(path: Path) -> str:
            return path.name.partition(".")[2]

        monkeypatch.setattr(deploy, "CREDSTORE", str(store))
        monkeypatch.setattr(deploy, "put_secret", put)
        monkeypatch.setattr(credstore, "sealed", lambda _name, _key, secret: secret.encode())
        monkeypatch.setattr(credstore, "stored_keys", lambda _name: sorted(map(key_of, store.iterdir())))
        monkeypatch.setattr(
            credstore, "stored_secret", lambda name, key: (store / credential_name(name, key)).read_text()
        )
        return store

    @staticmethod
    def deploy(host: Host, secrets: dict[str, str], **more: Any) -> DeployReport:
        job = WantedJob(UNIT._replace(job_file=str(host.root / "nightly.json")), text=b"new", secrets=secrets)
        return host.deploy(jobs=[job], **more)

    def test_they_are_stored_once(self, host: Host, stored: Path) -> None:
        changes = self.deploy(host, {"password": "one", "passphrase": "two"}).report.changes
        assert [change[1:] for change in changes if change.path.startswith("secret")] == [("missing", "stored")] * 2
        files = {path.name: path.read_text() for path in stored.iterdir()}
        assert files == {"secure-sync-nightly.password": "one", "secure-sync-nightly.passphrase": "two"}
        assert self.deploy(host, {"password": "one", "passphrase": "two"}).report.changes == ()
        changes = self.deploy(host, {"password": "new"}).report.changes
        assert [change[1:] for change in changes] == [("other content", "stored"), ("stored", "missing")]
        assert [path.read_text() for path in stored.iterdir()] == ["new"]
        assert not any("new" in part for change in changes for part in change)

    def test_a_mode_that_somebody_changed(self, host: Host, stored: Path) -> None:
        self.deploy(host, {"password": "one"})
        (secret,) = stored.iterdir()
        secret.chmod(0o644)
        assert len(self.deploy(host, {"password": "one"}).report.changes) == 1
        assert secret.stat().st_mode & 0o777 == 0o600

    def test_check_mode(self, host: Host, stored: Path) -> None:
        assert self.deploy(host, {"password": "one"}, check_mode=True).report.changes
        assert list(stored.iterdir()) == []


class TestTrial:
    """A check that fails: the account of a new job goes, and the failed check stays the cause."""

    def test_the_account_of_a_new_job_goes(self, host: Host) -> None:
        host.trial = CheckFailed("authentication_failed", cure="Look.")
        error, notes = host.failed()
        assert (error.code, host.account, host.files, notes) == ("check_failed", None, {}, ())

    def test_a_new_account_that_waits_for_its_secret_stays(self, host: Host) -> None:
        """The second deployment is of a new job too; if it fails, the files that belong to the account stay its own."""
        for host.trial in (SecretAwaited("secret_unavailable"), CheckFailed("authentication_failed")):
            error, notes = host.failed()
            assert (error.code, host.account, host.files, notes) == ("check_failed", Owner(1000, 1000), {}, ())

    def test_an_account_that_cannot_be_removed_is_a_note(self, host: Host) -> None:
        host.trial, host.failing = CheckFailed("authentication_failed", cure="Look."), {"userdel"}
        error, notes = host.failed()
        assert (error.code, error.cure) == ("check_failed", "Look.")
        assert notes == ("the account of the job nightly could not be removed: userdel failed",)

    @pytest.mark.parametrize("ending", [KeyboardInterrupt(), OSError(errno.EIO, "broken")])
    def test_the_account_goes_however_the_check_ends(self, host: Host, ending: BaseException) -> None:
        host.trial = ending
        if isinstance(ending, OSError):
            assert host.failed()[0].code == "operation_failed"
        else:
            with pytest.raises(KeyboardInterrupt):
                host.deploy()
        assert host.account is None

    def test_the_account_of_a_job_in_service_stays(self, host: Host) -> None:
        host.serve(FORMER)
        host.trial = CheckFailed("authentication_failed")
        assert host.failed()[0].code == "check_failed"
        assert (host.account, host.files) == (Owner(1000, 1000), FORMER)


class TestUndo:
    """A deployment that fails half-way leaves the host as it was before."""

    @pytest.mark.parametrize("others", [{}, {TEMPLATE: "of another job"}])
    def test_a_new_job_leaves_the_shared_units_of_others(self, host: Host, others: dict[str, str]) -> None:
        for name, text in others.items():
            (host.root / name).write_text(text)
        host.full = {SERVICE}
        error, notes = host.failed(UNIT._replace(notify=True))
        assert (error.code, notes) == ("no_space", ())
        assert (host.files, host.account, host.enabled) == (others, None, False)
        assert "daemon-reload" in host.asked[-3:], "systemd reads the shared units again"

    def test_a_new_job_whose_account_waited_leaves_that(self, host: Host) -> None:
        host.account, host.full = Owner(1000, 1000), {SERVICE}
        error, notes = host.failed()
        assert (error.code, notes, host.files, host.account) == ("no_space", (), {}, Owner(1000, 1000))

    def test_the_shared_units_are_put_back_if_the_new_job_cannot_be_removed(self, host: Host) -> None:
        (host.root / TEMPLATE).write_text("of another job")
        host.full, host.failing = {SERVICE}, {"userdel"}
        error, notes = host.failed(UNIT._replace(notify=True))
        assert (error.code, host.files) == ("no_space", {TEMPLATE: "of another job"})
        assert notes == ("the job nightly is not as before: userdel failed",)

    def test_a_job_in_service_is_put_back_and_its_timer_runs(self, host: Host) -> None:
        host.serve(FORMER)
        host.full = {TIMER}
        error, notes = host.failed()
        assert (error.code, notes) == ("no_space", ())
        assert (host.files, host.enabled, host.active) == (FORMER, True, True)
        assert [verb for verb in host.asked if not verb.startswith("is-")] == [
            "rules",
            "daemon-reload",
            "enable",
            "restart",
            "old programs",
        ]

    def test_a_timer_that_does_not_start_again_is_a_note(self, host: Host) -> None:
        host.serve(FORMER)
        host.full, host.failing = {TIMER}, {"restart"}
        error, notes = host.failed()
        assert error.code == "no_space"
        assert notes == (f"the timer of the job nightly does not run: systemctl restart {TIMER} failed",)
        assert "rules" in host.asked

    def test_a_timer_that_cannot_be_enabled_is_a_note_and_is_started(self, host: Host) -> None:
        host.serve(FORMER)
        host.full, host.failing = {TIMER}, {"enable"}
        assert host.failed()[1] == (f"the timer of the job nightly is not enabled: systemctl enable {TIMER} failed",)
        assert host.asked[-2:] == ["restart", "old programs"]

    def test_no_step_keeps_another_from_being_taken(self, host: Host) -> None:
        host.serve(FORMER)
        host.failing = {"daemon-reload", "rules"}
        error, notes = host.failed()
        assert (error.message, host.files) == ("systemctl daemon-reload failed", FORMER)
        assert notes == (
            "the limits of connections of the job nightly are not as before: rules failed",
            "the units of the job nightly are not as before: systemctl daemon-reload failed",
        )
        assert host.asked[-2:] == ["restart", "old programs"]

    @pytest.mark.parametrize(("enabled", "active"), [(False, False), (True, False), (False, True)])
    def test_a_timer_that_did_not_run_does_not_run(self, host: Host, *, enabled: bool, active: bool) -> None:
        host.serve(FORMER)
        host.enabled, host.active, host.failing = enabled, active, {"start"}
        error, notes = host.failed()
        assert error.message.startswith("systemctl --quiet enable --now")
        assert (host.files, host.enabled, host.active, notes) == (FORMER, enabled, active, ())


class TestLink:
    """The link to the program of this version comes after the jobs."""

    def test_a_full_disk_is_an_error_beside_the_states_of_the_jobs(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def link(_target: str, _path: str) -> None:
            raise FULL

        monkeypatch.setattr(deploy, "link", link)
        done = host.deploy()
        assert (done.jobs[0].checked, done.jobs[0].error) == (True, None)
        assert done.error is not None
        assert (done.error.code, done.error.path) == ("no_space", os.fsencode(places.LINK))
        assert "old programs" not in host.asked, "the link may lead to the oldest of them"

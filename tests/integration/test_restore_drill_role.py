# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role restore_drill in a play on this machine, against a real sshd.

Checks pass and fail, a set cannot be restored, drills are overdue. The Molecule scenario has the timer and two hosts.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from support.running.examples import ROOT
from support.running.play import Play
from support.running.tasks import run_task
from support.scenes.sealed_pair import age_key
from support.servers.ssh_keys import certify_user, key
from support.servers.sshd import Sshd
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL, Sender

ROLE = "secure.ftp_synchronize.restore_drill"
FILES = {"version": b"1.4\n", "bin/tool": b"x" * 100_000}
PAGE = (ROOT / "docs/drills.md").read_text()
PLAY = re.search(r"^```yaml\n(- name: Restore the release for a test\n  hosts: .*?)^```$", PAGE, re.M | re.S)
assert PLAY is not None
OF_THE_PAGE = {name: value for name, value in yaml.safe_load(PLAY[1])[0]["roles"][0].items() if name != "role"}
PASSING = [{"ansible.builtin.command": {"argv": ["grep", "-qx", "1.4", "{{ restore_drill_tree }}/version"]}}]
FAILING = [{"ansible.builtin.command": {"argv": ["test", "-e", "{{ restore_drill_tree }}/database"]}}]


class Runbook:
    """A signed set on a server, and the options of the role."""

    def __init__(self, server: Sshd, place: Path, *, key_of: dict[str, str] | None = None, **pushed: Any) -> None:
        self.place, self.scratch, self.far = place, place / "scratch", server.root / place.name
        self.chain = ReceiptChain(place / "drills")
        live = place / "live"
        for name, content in FILES.items():
            (live / name).parent.mkdir(parents=True, exist_ok=True)
            (live / name).write_bytes(content)
        login = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "known_hosts_file": str(server.known_hosts),
            **(key_of or {"private_key_file": str(server.key.path)}),
        }
        source = f"{server.remote_root}/{place.name}"
        sign = {"private_key_file": str(key("release").path)}
        result = run_task(
            secure_sync, **login, src=str(live), dest=source, state_dir=str(place / "sender"), sign=sign, **pushed
        )
        assert "failed" not in result, result["msg"]
        self.options: dict[str, Any] = {
            **OF_THE_PAGE,
            "restore_drill_server": login,
            "restore_drill_src": source,
            "restore_drill_signer": {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]},
            "restore_drill_scratch": str(self.scratch),
            "restore_drill_live": [str(live)],
            "restore_drill_checks": [],
            "restore_drill_receipts": {
                "path": str(self.chain.directory),
                "private_key_file": str(key("receipts").path),
            },
            "restore_drill_record_signer": {"principal": PRINCIPAL, "allowed_signers": [LINE]},
            "restore_drill_report_file": str(place / "report.md"),
        }

    def check(self, name: str, tasks: list[dict[str, Any]]) -> dict[str, str]:
        file = self.place / f"{name}.yml"
        file.write_text(yaml.safe_dump([{"name": name, **task} for task in tasks]))
        return {"name": name, "file": str(file)}

    def play(self, *words: str, tasks_from: str = "main", **options: Any) -> tuple[int, str]:
        """Return exit status and output of a play of the role."""
        task = {
            "ansible.builtin.include_role": {"name": ROLE, "tasks_from": tasks_from},
            "vars": {**self.options, **options},
        }
        played = Play(self.place / "play").run([task], *words)
        return played.status, played.output

    @property
    def report(self) -> str:
        return (self.place / "report.md").read_text()


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def runbook(sshd: Sshd, tmp_path: Path) -> Iterator[Runbook]:
    made = Runbook(sshd, tmp_path)
    yield made
    shutil.rmtree(made.far)


def test_a_drill_with_checks_that_pass_and_that_fail(runbook: Runbook) -> None:
    good = runbook.check("the version is right", PASSING)
    status, output = runbook.play(restore_drill_checks=[good])
    assert "passed: restored 2 of 2 files" in output
    assert "| the version is right | passed |" in runbook.report
    bad = runbook.check("the database is there", FAILING)
    status, output = runbook.play(restore_drill_checks=[bad, good])
    assert "policy_not_met: the drill does not meet its policy: the check the database is there failed" in output
    assert "| the database is there | failed |" in runbook.report
    verdicts = [runbook.chain.fields(number)["verdict"] for number in runbook.chain.numbers]
    assert verdicts == ["passed", "failed"]
    assert [each["passed"] for each in runbook.chain.fields(2)["checks"]] == [False, True]
    assert not runbook.scratch.exists()
    status, output = runbook.play(tasks_from="overdue")
    assert "drill_overdue" not in output
    assert status == 0


def test_a_set_that_cannot_be_restored_is_reported(runbook: Runbook) -> None:
    (runbook.far / "version").write_bytes(b"6.6\n")
    _status, output = runbook.play(restore_drill_checks=[runbook.check("never", FAILING)])
    assert "digest_mismatch: the content that the server sent is not the signed content" in output
    assert "**failed**" in runbook.report
    assert "never" not in runbook.report
    assert runbook.chain.fields(1)["verdict"] == "failed"
    assert not runbook.scratch.exists()
    _status, output = runbook.play(tasks_from="overdue")
    assert "has no passed drill, and drill.max_age is 100d" in output


def test_encrypted_files_are_opened(sshd: Sshd, tmp_path: Path) -> None:
    reader = age_key()
    runbook = Runbook(sshd, tmp_path, encrypt={"recipients": [reader.recipient]})
    _status, output = runbook.play("-vvv", restore_drill_decrypt={"identities": [reader.identity]})
    assert "passed: restored 2 of 2 files" in output
    assert reader.identity not in output
    shutil.rmtree(runbook.far)


def test_a_login_by_a_certificate(tmp_path: Path) -> None:
    """The server has a certificate authority alone, and no key of the account."""
    authority, owner = key("user-ca"), key("job")
    valid = certify_user(owner, authority, principals="restore").certificate
    login = {"private_key_file": str(owner.path), "certificate_file": str(valid)}
    with Sshd(user_ca=authority, authorized=(), principals=("restore",)) as server:
        runbook = Runbook(server, tmp_path, key_of=login)
        _status, output = runbook.play()
        assert "passed: restored 2 of 2 files" in output
        ended = certify_user(owner, authority, principals="restore", validity="20200101:20200102").certificate
        expired = {"certificate_file": None, "certificate": ended.read_text()}
        given = {**runbook.options["restore_drill_server"], **expired}
        _status, output = runbook.play(restore_drill_server=given)
        assert "certificate: ended at 2020-01-0" in output
        assert "**failed**" in runbook.report


def test_check_mode_writes_nothing(runbook: Runbook) -> None:
    _status, output = runbook.play("--check")
    assert "would restore a set of 2 files" in output
    assert re.search(r"Write the report\] \*+\nskipping: ", output)
    assert not (runbook.place / "report.md").exists()
    assert runbook.chain.numbers == []
    assert not runbook.scratch.exists()

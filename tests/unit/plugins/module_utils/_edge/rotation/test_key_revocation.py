# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two formats of key_revocation, and its result. The engine is a double."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_revocation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import KrlHeader
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import list_revocation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.revocation import (
    Revocation,
    RevocationReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import Login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.signed_list import (
    SignedList,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.revocation_spread import Spread, spread_after
from support.running.tasks import refusals_of, run_task
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key

LOST = key("lost")
CHANGES = (Change("/etc/revoked", "missing", "a key"),)
SESSIONS = (Login(7, "partner\x1b", LOST.fingerprint, 1.0),)


class Engine:
    """requests: that it got. report: its answer"""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.report = RevocationReport(CHANGES, SESSIONS)
        self.date = int(time.time()) - 60

    def revoke(self, request: Revocation) -> RevocationReport:
        self.requests.append(request)
        return self.report

    def install(self, request: Revocation, _list: SignedList) -> RevocationReport:
        self.requests.append(request)
        return self.report._replace(header=KrlHeader(3, self.date, "comment"), local=2)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(key_revocation, "revoke", made.revoke)
    monkeypatch.setattr(list_revocation, "install_list", made.install)
    return made


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("absent", [False, True])
def test_keys(engine: Engine, *, check: bool, absent: bool) -> None:
    result = run_task(
        key_revocation,
        check=check,
        path="/etc//revoked",
        keys=[LOST.public],
        account="partner",
        state="absent" if absent else "present",
        end_sessions=False,
    )
    (request,) = engine.requests
    assert [each.fingerprint for each in request.keys] == [LOST.fingerprint]
    assert request == Revocation("/etc/revoked", request.keys, "partner", absent, False, check)
    assert (result["changed"], result["fingerprints"], result["sessions_ended"]) == (True, [LOST.fingerprint], 1)
    assert result["sessions"] == [{"user": r"partner\x1b", "pid": 7}]
    assert [each["path"] for each in result["changes"]] == ["/etc/revoked"]


@pytest.mark.parametrize(("changes", "ended"), [((), ()), (CHANGES, ()), ((), SESSIONS)])
def test_an_ended_session_is_a_change(engine: Engine, changes: tuple[Change, ...], ended: tuple[Login, ...]) -> None:
    engine.report = RevocationReport(changes, ended)
    assert run_task(key_revocation, keys=[LOST.public])["changed"] is bool(changes or ended)


@pytest.mark.parametrize("check", [False, True])
def test_a_list(engine: Engine, tmp_path: Path, *, check: bool) -> None:
    desk = RevocationDesk(tmp_path / "desk")
    desk.good(keys=[LOST.public])
    verify = {"allowed_signers": [desk.allowed], "principal": PRINCIPAL}
    result = run_task(key_revocation, check=check, format="krl", list=str(desk.list), verify=verify)
    (request,) = engine.requests
    assert (request.list.content, request.check_mode, request.ends) == (desk.list.read_bytes(), check, True)
    assert (result["list"]["version"], result["list"]["local_keys"], result["sessions_ended"]) == (3, 2, 1)
    assert 60 <= result["list"]["age"] < 600
    assert spread_after({}, 3, [("files1", result)], 0.0) == {"files1": Spread(3)}
    engine.date = int(time.time()) + 3600
    assert run_task(key_revocation, format="krl", list=str(desk.list), verify=verify)["list"]["age"] == 0


def test_requirements_of_the_formats(tmp_path: Path) -> None:
    assert refusals_of(key_revocation, {})
    assert refusals_of(key_revocation, {"format": "krl", "list": str(tmp_path)})
    refused = run_task(key_revocation, keys=[LOST.public], list=str(tmp_path / "list"))
    assert refused["msg"].startswith("list: has no meaning with format: text")

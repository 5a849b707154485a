# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests and results of the module jail; the engines are doubles."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.login_accounts import JailAccount
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.mounts import MountRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import JailRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport
from support.running.tasks import params_of, refusals_of, run_task

REPORT = ChangeReport((Change("/srv/jail/a\x1b", "missing", "directory"),), ("a note\x1b",), ("/backup/a",), ("left",))


def accounts_of(**account: Any) -> Any:
    given = {"name": "partner", "password_hash": None, "update_password": "always", **account}
    return jail.request(Task(params_of(jail, {"path": "/srv//jail/", "accounts": [given]}), check_mode=True))


def test_accounts_live_below_the_directory_of_the_jails() -> None:
    assert accounts_of().accounts == (JailAccount("partner", "/srv/jail/partner", "*"),)


def test_the_password_of_an_account_that_exists() -> None:
    (account,) = accounts_of(password_hash="$6$x$y", update_password="on_create").accounts
    assert (account.password, account.keeps_password) == ("$6$x$y", True)


@pytest.mark.parametrize(
    "account", [{"name": ".."}, {"name": "root"}, {"password_hash": "a:b"}, {"password_hash": "a\nb"}]
)
def test_names_and_hashes_that_would_break_a_file_are_refused(account: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        accounts_of(**account)


@pytest.mark.parametrize("check", [False, True])
def test_trees(monkeypatch: pytest.MonkeyPatch, *, check: bool) -> None:
    requests: list[JailRequest] = []

    def engine(request: JailRequest) -> ChangeReport:
        requests.append(request)
        return REPORT

    monkeypatch.setattr(jail, "keep_jails", engine)
    warnings: list[str] = []
    given = params_of(jail, {"jails": [{"name": "a"}], "refuse_unlisted": True})
    result = jail.run(Task(given, check_mode=check, warn=warnings.append))
    (request,) = requests
    assert (request.base, [each.name for each in request.jails]) == ("/srv/jail", ["a"])
    assert (request.check_mode, request.refuse_unlisted) == (check, True)
    assert (result["changed"], result["msg"]) == (True, f"1 change {'to be made' if check else 'made'}")
    assert result["changes"] == [{"path": r"/srv/jail/a\x1b", "before": "missing", "after": "directory"}]
    assert (result["archives"], result["unlisted"]) == (["/backup/a"], ["left"])
    assert result["notes"] == warnings == [r"a note\x1b"]


@pytest.mark.parametrize("check", [False, True])
def test_mounts(monkeypatch: pytest.MonkeyPatch, *, check: bool) -> None:
    requests: list[MountRequest] = []

    def engine(request: MountRequest) -> ChangeReport:
        requests.append(request)
        return ChangeReport((Change("/srv/jail", "not mounted", "nosuid"),))

    monkeypatch.setattr(jail, "keep_mounts", engine)
    result = run_task(jail, check=check, path="/srv//jail/", mounts=["a", "b"], state="absent")
    assert requests == [MountRequest("/srv/jail", ("a", "b"), "absent", check)]
    assert (result["changed"], result["msg"]) == (True, f"1 change {'to be made' if check else 'made'}")
    assert result["changes"] == [{"path": "/srv/jail", "before": "not mounted", "after": "nosuid"}]


def test_a_path_that_turns_is_refused() -> None:
    assert run_task(jail, path="/srv/../etc", mounts=[])["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("given", [{}, {"mounts": [], "accounts": []}, {"jails": [], "mounts": []}])
def test_a_task_keeps_one_part(given: dict[str, Any]) -> None:
    assert len(refusals_of(jail, given)) == 1

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system of a host, and missing packages; modules are stand-ins, as in
support.running.host_steps."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.secure.ftp_synchronize.plugins.action.host_system import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_system
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.host_state import (
    HostState,
    Service,
    System,
)
from support.running.host_steps import answered

FAMILIES = {
    "Debian": {
        "programs": [
            {"path": "/usr/bin/openssl", "package": "openssl"},
            {"path": "/usr/sbin/vsftpd", "package": "vsftpd", "masks": "vsftpd"},
        ],
        "config": "/etc/vsftpd.conf",
    }
}
THERE = {"/usr/bin/openssl": True, "/usr/sbin/vsftpd": True}
STATE = host_system.result(
    HostState(System("debian", ()), {"/f": 7}, {"/c": "eA=="}, THERE, Service(active=True, enabled=True, since=9)),
    Task({}),
)
ASKED = {"files": ["/f"], "contents": ["/c"], "service": "vsftpd"}


def asked_of(monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], *answers: dict[str, Any], **given: Any) -> Any:
    arguments = {"families": FAMILIES, **ASKED, **given}
    return answered(monkeypatch, [state, *answers], arguments, ActionModule)


def test_one_question_if_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = asked_of(monkeypatch, STATE)
    assert asked == [("secure.ftp_synchronize.host_system", {**ASKED, "programs": sorted(THERE)})]
    assert (result["changed"], result["missing"], result["family"]) == (False, [], FAMILIES["Debian"])
    assert {name: result[name] for name in ("files", "contents", "service")} == {
        name: STATE[name] for name in ("files", "contents", "service")
    }


def test_a_missing_server_is_installed_behind_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {**STATE, "programs": {**THERE, "/usr/sbin/vsftpd": False}}
    result, asked = asked_of(monkeypatch, state, {"changed": True}, {"changed": True})
    assert asked[1][1]["dest"] == "/etc/systemd/system/vsftpd.service"
    assert asked[2][1]["name"] == ["vsftpd"]
    assert (result["changed"], result["missing"]) == (True, ["vsftpd"])


def test_the_mask_must_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = asked_of(monkeypatch, {**STATE, "programs": {}}, {"failed": True, "msg": "read-only"})
    assert (result["msg"], len(asked)) == ("read-only", 2)


def test_another_program_is_installed_without_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {**STATE, "programs": {**THERE, "/usr/bin/openssl": False}}
    _result, asked = asked_of(monkeypatch, state, {"changed": True})
    assert [options.get("name") for _module, options in asked[1:]] == [["openssl"]]


def test_nothing_is_installed_if_only_the_state_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = asked_of(monkeypatch, {**STATE, "programs": {}}, install=False)
    assert (len(asked), result["changed"], result["missing"]) == (1, False, ["openssl", "vsftpd"])


def test_an_unsupported_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = asked_of(monkeypatch, {**STATE, "system": {"id": "alpine"}, "programs": {}})
    assert (result["error"]["code"], len(asked)) == ("system_unsupported", 1)


@pytest.mark.parametrize("part", ["programs", "files", "contents", "service"])
@pytest.mark.parametrize("junk", [None, [], "x", {"/f": "x", "/c": {}, "since": "9", "active": 1}])
def test_junk_in_an_answer_is_no_value(monkeypatch: pytest.MonkeyPatch, part: str, junk: Any) -> None:
    result, _asked = asked_of(monkeypatch, {**STATE, part: junk}, install=False)
    nothing = {
        "programs": ("missing", ["openssl", "vsftpd"]),
        "files": ("files", {"/f": None}),
        "contents": ("contents", {"/c": None}),
        "service": ("service", {"active": False, "enabled": False, "since": 0}),
    }
    name, value = nothing[part]
    assert result[name] == value


MISSING = {"failed": True, "msg": "No package matching"}


def test_packages_are_installed_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(monkeypatch, [{"changed": True}], {"packages": ["vsftpd"]}, ActionModule)
    assert result["changed"]
    assert [options for _module, options in asked] == [{"name": ["vsftpd"], "state": "present"}]


def test_recommended_packages_are_left_out_by_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"packages": ["aide"], "recommends": False}
    result, asked = answered(
        monkeypatch, [MISSING, {"changed": True}, {"changed": True, "msg": "installed"}], options, ActionModule
    )
    wanted = {"name": ["aide"], "state": "present", "install_recommends": False}
    assert (result["msg"], asked[0][1], asked[2]) == ("installed", wanted, asked[0])


def test_directories_and_texts_are_kept_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"directories": [{"path": "/etc/x", "mode": "0755"}]}
    answer = {"changed": True, "changes": [{"path": "/etc/x"}], "diff": []}
    result, asked = answered(monkeypatch, [answer], kept, ActionModule)
    assert asked == [("secure.ftp_synchronize.host_system", kept)]
    assert result == answer
    assert answered(monkeypatch, [answer], {"texts": []}, ActionModule)[1][0][1] == {"texts": []}


def test_a_task_must_say_what_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleActionFail, match="families, packages, directories, texts"):
        answered(monkeypatch, [], {"install": False}, ActionModule)

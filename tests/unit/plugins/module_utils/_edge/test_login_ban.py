# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The refusals of login_ban before it looks at the host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import login_ban
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban.change import Jail, Report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.running.tasks import params_of

GOOD: dict[str, Any] = {"name": "ftps", "jail": None, "state": "present", "settings": {}, "spared": []}


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Jail]]:
    made: list[tuple[str, Jail]] = []

    def apply(name: str, jail: Jail, **_how: bool) -> Report:
        made.append((name, jail))
        return Report("/etc/fail2ban/jail.d/x.conf", None, "text", None, missing=False, changed=True)

    monkeypatch.setattr(login_ban, "apply", apply)
    return made


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "../ftps"},
        {"name": "ftps\n"},
        {"jail": "a]\nenabled=false"},
        {"settings": {"port": "21\nenabled = false"}},
        {"settings": {"port = 22\nenabled": "false"}},
        {"spared": ["0.0.0.0/0 x"]},
        {"spared": ["a name"]},
    ],
)
def test_what_would_be_another_line_or_no_address_is_refused(bad: dict[str, Any], made: list[Any]) -> None:
    with pytest.raises(InvalidRequest):
        login_ban.run(Task({**GOOD, **bad}))
    assert made == []


def test_words_of_yaml_become_words_of_fail2ban(made: list[tuple[str, Jail]]) -> None:
    given = {"settings": {"port": 21, "bantime.increment": True}, "spared": ["198.51.100.0/24", "::1"]}
    result = login_ban.run(Task({**GOOD, **given}))
    expected = Jail("secure_ftp_synchronize_ftps", {"port": "21", "bantime.increment": "true"}, given["spared"])
    assert made == [("ftps", expected)]
    assert (result["changed"], result["msg"]) == (True, "addresses that guess are banned")


@pytest.mark.parametrize(("state", "wanted"), [("present", True), ("absent", False)])
@pytest.mark.parametrize("check", [False, True])
def test_state_and_check_mode_arrive(monkeypatch: pytest.MonkeyPatch, state: str, wanted: bool, check: bool) -> None:
    made: list[Any] = []

    def apply(*_asked: Any, **how: bool) -> Report:
        made.append(how)
        return Report("/etc/fail2ban/jail.d/x.conf", "a", None, None, missing=False, changed=True)

    monkeypatch.setattr(login_ban, "apply", apply)
    result = login_ban.run(Task(params_of(login_ban, {"name": "ftps", "state": state}), check_mode=check))
    assert made == [{"wanted": wanted, "check_mode": check}]
    assert (result["diff"]["before"], result["diff"]["after"], result["missing"]) == ("a", "", False)

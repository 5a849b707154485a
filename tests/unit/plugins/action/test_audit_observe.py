# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a host that have the names of the audit's options; the module is a stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.audit_observe import ActionModule
from support.running.host_steps import answered


@pytest.mark.parametrize("name", ["audit_accounts", "audit_endpoint", "chroot_jail_accounts", "ftps_server_profile"])
def test_a_fact_that_decides_the_scope_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = observed(monkeypatch, {name: []})
    assert (result["error"]["code"], asked) == ("facts_refused", [])
    assert name in result["msg"]


def test_other_facts_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = observed(monkeypatch, {"os_family": "Debian"})
    assert (result["observations"], len(asked)) == ([], 1)


def observed(monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any]) -> Any:
    answers = [{"changed": False, "observations": []}]
    return answered(monkeypatch, answers, {}, ActionModule, facts=facts)


def test_an_answer_has_a_limit_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    large = [1] * 5000
    answer = {"changed": False, "rows": large, "observations": [{"what": "jails", "value": large}]}
    result, _asked = answered(monkeypatch, [answer], {}, ActionModule)
    assert result == {"changed": False, "observations": [{"what": "jails", "value": None}]}

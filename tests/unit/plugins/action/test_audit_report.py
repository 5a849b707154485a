# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of hosts in scope that stand for answers; the module is a stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.audit_report import ActionModule
from support.running.host_steps import answered

GIVEN = {"scope": {"sftp_servers": ["files1"], "clients": "files1,files2"}, "observed": {"files1": {"a": 1}}}


@pytest.mark.parametrize("name", ["audit__observed", "audit__tls", "audit_accounts", "mfa_people"])
def test_a_fact_replaces_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    observed = sent(monkeypatch, {"files2": {"ansible_facts": {name: {}}}}, GIVEN)["observed"]
    assert observed["files1"] == {"a": 1}
    assert observed["files2"]["error"]["code"] == "facts_refused"
    assert name in observed["files2"]["msg"]


def test_other_facts_and_hosts_outside_of_the_scope_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"files1": {"ansible_facts": {"os_family": "Debian"}}, "other": {"ansible_facts": {"audit__tls": {}}}}
    assert sent(monkeypatch, facts, GIVEN) == GIVEN


def test_the_module_itself_refuses_invalid_options(monkeypatch: pytest.MonkeyPatch) -> None:
    invalid = {**GIVEN, "scope": {"clients": {"files1": 1}}}
    assert sent(monkeypatch, {"files1": {"ansible_facts": {"audit__tls": {}}}}, invalid) == invalid


def sent(monkeypatch: pytest.MonkeyPatch, hostvars: dict[str, Any], given: dict[str, Any]) -> Any:
    """Return the options that the module was given."""
    _result, ((_module, options),) = answered(monkeypatch, [{"changed": False}], given, ActionModule, hostvars=hostvars)
    return options

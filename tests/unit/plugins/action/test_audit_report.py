# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of hosts in scope that stand for answers; the module is a stand-in."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.audit_report import ActionModule
from support.running.host_steps import answered

GIVEN = {"scope": {"sftp_servers": ["files1"], "clients": "files1,files2"}, "observed": {"files1": {"a": 1}}}


@pytest.mark.parametrize("name", ["audit__observed", "audit__tls", "audit_accounts", "mfa_people"])
def test_a_fact_replaces_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    observed = sent(monkeypatch, {"files2": {name: {}}}, GIVEN)["observed"]
    assert observed["files1"] == {"a": 1}
    assert observed["files2"]["error"]["code"] == "facts_refused"
    assert name in observed["files2"]["msg"]


def test_other_facts_and_hosts_outside_of_the_scope_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"files1": {"os_family": "Debian"}, "other": {"audit__tls": {}}}
    assert {name: sent(monkeypatch, facts, GIVEN)[name] for name in GIVEN} == GIVEN


def test_accounts_and_people_come_from_the_inventory(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "files1": {"audit_accounts": ["a"], "chroot_jail_accounts": [{"name": "b"}], "mfa_people": [{"name": "alice"}]},
        "files2": {"chroot_jail_accounts": [{"name": "b"}], "at_rest_vaults": [{"mount": "/srv/jail"}]},
    }
    facts = {"files2": {"audit_people": ["evil"]}}
    assert sent(monkeypatch, facts, GIVEN, own) == {
        "scope": GIVEN["scope"],
        "observed": sent(monkeypatch, facts, GIVEN)["observed"],
        "accounts": {"files1": ["a"], "files2": ["b"]},
        "people": {"files1": ["alice"], "files2": []},
        "encrypted": {"files1": [], "files2": ["/srv/jail"]},
    }
    given = {**GIVEN, "accounts": {"files1": ["c"]}}
    assert sent(monkeypatch, {}, given, own)["accounts"] == {"files1": ["c"]}


def test_a_variable_without_names_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"files1": {"mfa_people": ["alice"]}}
    result, _asked = answered(monkeypatch, [], dict(GIVEN), ActionModule, own=own)
    assert result["error"]["code"] == "invalid_request"
    assert "people: the variables audit_people and mfa_people of files1 have no list of names" in result["msg"]


def test_the_module_itself_refuses_invalid_options(monkeypatch: pytest.MonkeyPatch) -> None:
    invalid = {**GIVEN, "scope": {"clients": {"files1": 1}}}
    assert sent(monkeypatch, {"files1": {"audit__tls": {}}}, invalid)["scope"] == invalid["scope"]


def sent(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], given: dict[str, Any], own: Any = MappingProxyType({})
) -> Any:
    """Return the options that the module was given."""
    _result, ((_module, options),) = answered(
        monkeypatch, [{"changed": False}], given, ActionModule, hosts=facts, own=own
    )
    return options

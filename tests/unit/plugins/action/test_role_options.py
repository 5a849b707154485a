# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that reads a role's options, and the effects of facts and templates of the play on them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.action.role_options import TOGETHER, ActionModule
from support.running.variables import task_vars


def taken(variables: dict[str, Any], facts: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    """Return the result of the action with variables and facts of its host."""
    others = arguments.pop("others", {})
    merged = task_vars({"files1": variables, **others}, {"files1": facts or {}, **arguments.pop("facts_of_others", {})})
    loader = DataLoader()
    play = Play.load({"hosts": "all", "strategy": arguments.pop("strategy", "linear")})
    task = Task(Block(play=play))
    task.action, task.args = "secure.ftp_synchronize.role_options", {"role": "sftp_server", **arguments}
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables=merged), None)
    return action.run(task_vars=merged)


def test_the_options_are_there_and_never_shown() -> None:
    result = taken({"sftp_server_banner": trust_as_template("{{ greeting }}"), "greeting": "Hello"})
    assert result["_ansible_no_log"]
    assert result["options"]["banner"] == "Hello"
    assert result["options"]["max_sessions"] == 10


def test_a_default_that_is_a_template_is_evaluated() -> None:
    assert taken({}, role="ftps_server")["options"]["names"] == ["files1"]


def test_null_and_omit_are_no_values() -> None:
    omitted = trust_as_template("{{ omit }}")
    options = taken({"sftp_server_layout": omitted, "sftp_server_banner": None})["options"]
    assert (options["layout"], options["banner"]) == ("drop_in", "")


@pytest.mark.parametrize("guard_only", [False, True])
def test_facts_with_our_names_stop_it(guard_only: bool) -> None:
    result = taken({}, {"ftps_server_names": ["evil"]}, guard_only=guard_only)
    assert (result["failed"], result["error"]["code"]) == (True, "facts_refused")


def test_the_options_of_another_host() -> None:
    own = {"sync_job_history": trust_as_template("{{ number | default(7) }}")}
    others: dict[str, Any] = {"others": {"batch1": own}, "role": "sync_job", "host": "batch1"}
    job = {"name": "nightly", "schedule": "daily", "options": {"user": "us", "password": "p"}}
    own["sync_job_jobs"] = [job, {"name": "gone", "state": "absent"}]
    result = taken({"sync_job_history": 3}, facts_of_others={"batch1": {"number": 9}}, **others)
    assert result["options"]["history"] == 7
    nightly, gone = result["texts"]["jobs"]
    assert (nightly["options"], nightly["secrets"]) == ({"username": "us"}, {"password": "p"})
    assert "options" not in gone
    evil = taken({}, facts_of_others={"batch1": {"sync_job_history": 9}}, **others)
    assert (evil["failed"], evil["error"]["code"]) == (True, "facts_refused")
    unknown = taken({}, **{**others, "host": "batch2"})
    assert unknown["msg"] == "host: batch2 is not in the inventory. Add it, or correct its name."


def test_guarding_returns_no_options() -> None:
    assert taken({}, guard_only=True)["options"] == {}


def test_an_undefined_variable_names_the_option() -> None:
    result = taken({"sftp_server_banner": trust_as_template("{{ nothing }}")})
    assert result["msg"].startswith("sftp_server_banner: cannot be evaluated: 'nothing' is undefined.")


@pytest.mark.parametrize("name", ["greeting", "ansible_greeting"])
def test_a_template_sees_no_facts(name: str) -> None:
    banner = trust_as_template("{{ %s | default('none') }} {{ ansible_facts | length }}" % name)
    assert taken({"sftp_server_banner": banner}, {name: "evil"})["options"]["banner"] == "none 0"
    own = {"sftp_server_banner": banner, name: "ours"}
    assert taken(own, {name: "evil"})["options"]["banner"] == "ours 0"
    result = taken({"sftp_server_banner": trust_as_template("{{ %s }}" % name)}, {name: "evil"})
    assert result["msg"].startswith(f"sftp_server_banner: cannot be evaluated: {name!r} is undefined.")
    assert "It sees no facts of hosts." in result["msg"]


def test_a_variable_of_the_role_is_evaluated_without_facts() -> None:
    look = trust_as_template("{{ address | default('none') }}")
    result = taken({"__sftp_server_x": look}, {"address": "evil"}, evaluate=["__sftp_server_x"])
    assert (result["evaluated"], result["options"]) == ({"__sftp_server_x": "none"}, {})
    broken = taken({"__sftp_server_x": trust_as_template("{{ nothing }}")}, evaluate=["__sftp_server_x"])
    assert broken["msg"].startswith("__sftp_server_x: cannot be evaluated: 'nothing' is undefined.")


@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.host_pinned", "linear", "mitogen_linear"])
@pytest.mark.parametrize("role", ["sftp_server", *TOGETHER])
def test_a_role_that_compares_its_hosts_needs_them_at_the_same_step(role: str, strategy: str) -> None:
    """Under another strategy a host goes on before the others have results, and `run_once` counts for no host."""
    result = taken({}, role=role, guard_only=True, strategy=strategy)
    assert result.get("failed", False) == (role in TOGETHER and "linear" not in strategy)
    assert not result.get("failed") or result["msg"].startswith(
        f"strategy: is {strategy}, and the hosts of {role} wait"
    )


def test_text_of_a_host_stays_text() -> None:
    assert taken({"sftp_server_banner": "{{ inventory_hostname }}"})["options"]["banner"] == (
        "{{ inventory_hostname }}"
    )


def test_options_are_checked_against_each_other_where_a_role_has_rules() -> None:
    accounts = {"ftps_server_accounts": [{"name": "../x"}]}
    result = taken(accounts, role="ftps_server", validate=True)
    assert "needs a name of a-z" in result["msg"]
    assert "options" not in result
    assert taken(accounts, role="ftps_server")["options"]["accounts"] == accounts["ftps_server_accounts"]
    assert taken({}, validate=True)["msg"] == "validate: sftp_server has no rules. Remove validate."


def test_texts_that_modules_recognize() -> None:
    people = [{"name": "alice", "methods": ["totp"]}]
    texts = taken({"mfa_people": people}, role="mfa")["texts"]
    assert "user in alice\n" in texts["block_text"]
    assert texts["service"] == "sshd-mfa"
    assert taken({"mfa_people": people}, role="mfa", guard_only=True)["texts"] == {}
    assert taken({})["texts"] == {}

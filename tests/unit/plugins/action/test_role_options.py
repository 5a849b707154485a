# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that reads a role's options, and the effects of facts and templates of the play on them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.action.role_options import ActionModule


def taken(variables: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """Return the result of the action with variables as Ansible has merged them."""
    merged = {"inventory_hostname": "files1", "hostvars": {}, **variables}
    loader = DataLoader()
    task = SimpleNamespace(args={"role": "sftp_server", **arguments}, async_val=0, check_mode=False, diff=False)
    task.action = "secure.ftp_synchronize.role_options"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables=merged), None)
    return action.run(task_vars=merged)


def test_the_options_are_there_and_never_shown() -> None:
    result = taken({"sftp_server_banner": trust_as_template("{{ greeting }}"), "greeting": "Hello"})
    assert result["_ansible_no_log"]
    assert result["options"]["sftp_server_banner"] == "Hello"
    assert result["options"]["sftp_server_max_sessions"] == 10


def test_a_default_that_is_a_template_is_evaluated() -> None:
    assert taken({}, role="ftps_server")["options"]["ftps_server_names"] == ["files1"]


def test_null_and_omit_are_no_values() -> None:
    omitted = trust_as_template("{{ omit }}")
    options = taken({"sftp_server_layout": omitted, "sftp_server_banner": None, "omit": omit()})["options"]
    assert (options["sftp_server_layout"], options["sftp_server_banner"]) == ("drop_in", "")


def omit() -> Any:
    """Return Ansible's value of the variable `omit`."""
    from ansible._internal._templating._utils import Omit

    return Omit


@pytest.mark.parametrize("guard_only", [False, True])
def test_facts_with_our_names_stop_it(guard_only: bool) -> None:
    result = taken({"ansible_facts": {"ftps_server_names": ["evil"]}}, guard_only=guard_only)
    assert (result["failed"], result["error"]["code"]) == (True, "facts_refused")


def test_guarding_returns_no_options() -> None:
    assert taken({}, guard_only=True)["options"] == {}


def test_an_undefined_variable_names_the_option() -> None:
    result = taken({"sftp_server_banner": trust_as_template("{{ nothing }}")})
    assert result["msg"].startswith("sftp_server_banner: cannot be evaluated: 'nothing' is undefined.")


def test_a_variable_that_a_fact_replaced_is_not_used() -> None:
    banner = trust_as_template("{{ greeting }}")
    facts = {"greeting": "of the host", "hostname": "files1", "os_family": "Debian"}
    injected = {"greeting": "of the host", "ansible_hostname": "files1", "hostname": "files1"}
    result = taken({"sftp_server_banner": banner, "ansible_facts": facts, **injected})
    assert result["msg"].startswith("sftp_server_banner: cannot be evaluated: 'greeting' is undefined.")
    assert "A fact of the host has the name greeting" in result["msg"]
    named = trust_as_template("{{ hostname }} {{ ansible_hostname }} {{ ansible_facts.os_family }}")
    result = taken({"sftp_server_banner": named, "ansible_facts": facts, **injected})
    assert result["options"]["sftp_server_banner"] == "files1 files1 Debian"


def test_a_variable_that_wins_over_a_fact_is_used() -> None:
    banner = trust_as_template("{{ greeting }}")
    result = taken({"sftp_server_banner": banner, "greeting": "ours", "ansible_facts": {"greeting": "of the host"}})
    assert result["options"]["sftp_server_banner"] == "ours"


def test_text_of_a_host_stays_text() -> None:
    assert taken({"sftp_server_banner": "{{ inventory_hostname }}"})["options"]["sftp_server_banner"] == (
        "{{ inventory_hostname }}"
    )


def test_options_are_checked_against_each_other_where_a_role_has_rules() -> None:
    accounts = {"ftps_server_accounts": [{"name": "../x"}]}
    result = taken(accounts, role="ftps_server", validate=True)
    assert "needs a name of a-z" in result["msg"]
    assert "options" not in result
    assert taken(accounts, role="ftps_server")["options"]["ftps_server_accounts"] == accounts["ftps_server_accounts"]
    assert taken({}, validate=True)["msg"] == "validate: sftp_server has no rules. Remove validate."

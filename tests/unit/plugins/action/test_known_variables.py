# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the inventory's secrets: every host, every place in a value, each value once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible.template import trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.action.secret_scan import known_variables
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.core_private import without_facts
from support.running.variables import task_vars


class Broken(Mapping[str, Any]):
    """A host with a variable that cannot be evaluated."""

    def __getitem__(self, name: str) -> Any:
        raise AnsibleUndefinedVariable("no such variable")

    def __iter__(self) -> Iterator[str]:
        return iter(["db_password"])

    def __len__(self) -> int:
        return 1


def test_every_place_of_matching_variables() -> None:
    variables = {
        "db_password": "one",
        "accounts_password": [{"name": "a", "password": "two"}, 77],
        "password_file": "/etc/x",
        "none_password": None,
        "is_password": True,
    }
    assert known_variables([".*_password"], {"web1": variables}) == {
        "db_password of web1": "one",
        "accounts_password[0].name of web1": "a",
        "accounts_password[0].password of web1": "two",
        "accounts_password[1] of web1": "77",
    }


def test_equal_values_of_several_hosts_are_known_once() -> None:
    hosts = {"web1": {"pw": "same"}, "web2": {"pw": "same"}, "web3": {"pw": "other"}}
    assert known_variables(["pw"], hosts) == {"pw of web1": "same", "pw of web3": "other"}


def test_a_variable_that_cannot_be_evaluated_is_named() -> None:
    assert known_variables([".*"], {"web1": Broken()}) == {"db_password of web1": None}


def test_a_pattern_that_is_no_regular_expression() -> None:
    with pytest.raises(InvalidRequest, match="known_from"):
        known_variables(["("], {})


def test_facts_replace_no_secret() -> None:
    secrets = {"db_password": trust_as_template("{{ vault_db }}"), "vault_db": "canary", "api_password": "own"}
    facts = {"api_password": "harmless", "vault_db": "harmless", "flavour": "vanilla"}
    hosts = without_facts(task_vars({"web1": secrets}, {"web1": facts})["hostvars"])
    assert known_variables([".*_password"], hosts) == {
        "api_password of web1": "own",
        "db_password of web1": "canary",
    }

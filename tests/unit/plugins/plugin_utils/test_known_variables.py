# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the inventory's secrets: every host, every place in a value, each value once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import FactsRefused
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.known_variables import (
    OwnVariables,
    known_variables,
)


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


SECRETS = {"db_password": "{{ vault_db }}", "vault_db": "canary", "api_password": "own"}


def own(**facts: str) -> OwnVariables:
    """Return the variables of a host whose facts Ansible has made variables."""
    variables = {**SECRETS, **facts, "ansible_facts": facts}

    def evaluate(name: str, names: set[str]) -> Any:
        known = {each: variables[each] for each in names}
        return Templar(DataLoader(), variables=known).template(trust_as_template(variables[name]))

    return OwnVariables("web1", variables, evaluate)


def test_a_fact_does_not_replace_a_secret() -> None:
    for fact in ({"api_password": "harmless"}, {"vault_db": "harmless"}):
        with pytest.raises(FactsRefused, match=f"facts of web1: .* and have {next(iter(fact))}"):
            known_variables([".*_password"], {"web1": own(**fact)})


def test_other_facts_do_not_matter() -> None:
    assert known_variables([".*_password"], {"web1": own(flavour="vanilla", vault_other="x")}) == {
        "api_password of web1": "own",
        "db_password of web1": "canary",
    }

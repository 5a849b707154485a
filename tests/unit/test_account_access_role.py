# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the role account_access that Ansible evaluates; real hosts are in tests/hosts/test_account_access.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[2] / "roles/account_access"


def templar(**variables: Any) -> Templar:
    loader = DataLoader()
    own = loader.load_from_file(str(ROLE / "vars/main.yml"), trusted_as_template=True)
    return Templar(loader, variables={**own, **variables})


def test_hosts_get_the_version_of_the_ledger() -> None:
    """A run that began before the account was closed must not open it. One server of the play has failed."""
    tasks = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    (given,) = (task[name] for task in tasks for name in task if name.endswith(".account_access"))
    hosts = {"files1": {"__account_access_ledger": {"version": 1_796_097_600}}, "files2": {}}
    engine = templar(hostvars=hosts, ansible_play_hosts=["files1", "files2"])
    assert engine.template(trust_as_template(given["version"])) == 1_796_097_600


def test_clients_with_jobs_are_named() -> None:
    """Also a client that conceals its jobs by a fact of this name."""
    hosts: dict[str, Any] = {
        "a": {"account_access_jobs": ["nightly"], "ansible_facts": {}},
        "b": {"account_access_jobs": [], "ansible_facts": {"account_access_jobs": []}},
        "c": {"account_access_jobs": [], "ansible_facts": {}},
        "d": {"ansible_facts": {}},
    }
    engine = templar(hostvars=hosts, __account_access_named=list(hosts))
    assert sorted(engine.template(trust_as_template("{{ __account_access_with_jobs }}"))) == ["a", "b"]

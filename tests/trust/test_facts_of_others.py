# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a role only delegates to returns facts: Ansible keeps them for the host of the play, and obeys some of
them there, such as the program that takes the place of sudo. The answers of our modules carry no facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.estate import Estate
from support.compromised.obeyed import Sudo
from support.running.ansible_cores import CORES

# The playbook, the host that is delegated to, and its module.
CASES = [
    ("rotate_keys", "files1", "account_keys"),
    ("rotate_host_keys", "client", "host_key_pin"),
    ("rotate_certificates", "client", "host_key_pin"),
    ("rotate_certificates", "client", "secure_sync"),
]


@pytest.mark.parametrize(
    ("name", "host", "module", "core"), [*((*case, "") for case in CASES), *((*CASES[0], core) for core in CORES)]
)
def test_they_are_not_obeyed(name: str, host: str, module: str, core: str, tmp_path: Path) -> None:
    sudo = Sudo(tmp_path)
    estate = Estate(tmp_path / "estate", core, environment=sudo.environment, become=True)
    estate.hosts[host].facts(module, **sudo.facts)
    played = estate.playbook(name)
    assert module in estate.hosts[host].modules
    assert sudo.ran
    assert not sudo.obeyed, played.output
    assert f"answer of {host}: must hold no facts" in played.output
    assert "Traceback" not in played.output

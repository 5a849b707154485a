# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a role only delegates to returns facts: Ansible keeps them for the host of the play, and obeys some of
them there, such as the program that takes the place of sudo. The answers of our modules carry no facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.estate import Estate
from support.running.ansible_cores import CORES

# Obeyed for the next task, although Ansible removes other connection variables from facts.
OBEYED = ("ansible_sudo_exe", "ansible_su_exe", "ansible_sudo_flags", "ansible_remote_tmp", "ansible_sftp_executable")
# The playbook, the host that is delegated to, and its module.
CASES = [
    ("rotate_keys", "files1", "account_keys"),
    ("rotate_host_keys", "client", "host_key_pin"),
    ("rotate_certificates", "client", "host_key_pin"),
    ("rotate_certificates", "client", "secure_sync"),
]
_SUDO = """#!/bin/sh
touch %s
while [ "$1" != /bin/sh ]; do shift; done
exec "$@"
"""


def program(path: Path, sentinel: Path) -> str:
    """Write a program that leaves a trace and does what sudo does."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(_SUDO % sentinel)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("name", "host", "module", "core"), [*((*case, "") for case in CASES), *((*CASES[0], core) for core in CORES)]
)
def test_they_are_not_obeyed(name: str, host: str, module: str, core: str, tmp_path: Path) -> None:
    sentinel, trace = tmp_path / "sentinel", tmp_path / "trace"
    evil = program(tmp_path / "evil" / "sudo", sentinel)
    program(tmp_path / "bin" / "sudo", trace)
    environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true", "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    estate = Estate(tmp_path / "estate", core, environment=environment, become=True)
    estate.hosts[host].facts(module, **dict.fromkeys(OBEYED, evil))
    played = estate.playbook(name)
    assert module in estate.hosts[host].modules
    assert trace.exists()
    assert not sentinel.exists(), played.output
    assert f"answer of {host}: must hold no facts" in played.output
    assert "Traceback" not in played.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook runs on an estate with simulated, honest hosts: the baseline for the attacks of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.estate import OTHER_SECRET, Estate
from support.compromised.our_names import PLAYBOOKS

NAMES = [path.stem for path in PLAYBOOKS]
# The hosts that a playbook changes; no other host and no file of the controller has to do with it.
CHANGED = {
    "close_account": {"files1", "files2", "client"},
    "deploy_exchange": {"client"},
    "deploy_sync_job": {"client"},
    "harden_ftps_server": {"files1", "files2"},
    "harden_sftp_server": {"files1", "files2"},
    "incident_drill": set(),
    "open_account": {"files1", "files2", "client"},
    "propose_revocation": {"files1", "files2"},
    "provision_jail": {"files1", "files2"},
    "require_mfa": {"files1", "files2"},
    "restore_drill": {"client"},
    "restore_drill_overdue": {"client"},
    "revoke_keys": {"files1", "files2", "localhost"},
    "rotate_certificates": {"files1", "files2", "client"},
    "rotate_client_certificates": {"client"},
    "rotate_host_keys": {"files1", "files2", "client"},
    "rotate_keys": {"files1", "files2", "client"},
    "rotate_passwords": {"files1", "files2", "client"},
    "sync": {"client"},
    "transfer_monitoring": {"files1", "files2"},
    "unlock_vaults": {"files1", "files2"},
    "verify_ftps_server": {"localhost"},
    "verify_jails": {"files1", "files2"},
    "verify_sftp_server": {"files1", "files2"},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_reaches_its_hosts_and_no_other(name: str, tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    estate.with_local()
    played = estate.playbook(name, sync_hosts="client")
    assert played.status == 0, played.output
    assert {host.name for host in estate.hosts.values() if host.asked} == CHANGED[name]
    assert OTHER_SECRET not in estate.sent() + played.output
    assert estate.touched() == []
    print(f"{sum(len(host.asked) for host in estate.hosts.values())} modules")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""key_revocation does not lock out who runs it."""

from __future__ import annotations

from pathlib import Path

from support import ssh_keys
from support.host_play import HostPlay, Outcome
from support.systemd_host import SystemdHost

FILE = "/etc/ssh/revoked_keys"


def revoke(host: SystemdHost, directory: Path, *keys: str) -> Outcome:
    task = {"name": "Revoke", "secure.ftp_synchronize.key_revocation": {"keys": list(keys)}}
    return HostPlay(directory, host).run([task])


def test_the_key_of_ones_own_session_is_refused(tmp_path: Path) -> None:
    with SystemdHost("debian13") as host:
        lost = ssh_keys.key("lost").public
        refused = revoke(host, tmp_path, lost, host.key.public)
        assert refused.status != 0
        assert "owner_locked_out" in refused.output
        assert host.key.fingerprint in refused.output
        assert host.enter("sh", "-c", f"cat {FILE} 2>/dev/null || true").stdout == "", "not the other key either"

        host.enter("sh", "-c", f"echo RevokedKeys {FILE} > /etc/ssh/sshd_config.d/10-revoked.conf; touch {FILE}")
        host.enter("systemctl", "reload", "ssh")
        done = revoke(host, tmp_path, lost)
        assert done.status == 0, done.output
        assert lost.split()[1] in host.enter("cat", FILE).stdout
        assert revoke(host, tmp_path, lost).count("changed") == 0, "its owner still gets in"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of revoked keys that sshd reads, and the timer that checks it."""

from __future__ import annotations

from testinfra.host import Host

LIST = "/etc/ssh/revoked_keys"


def test_sshd_reads_the_list(host: Host) -> None:
    assert f"revokedkeys {LIST}" in host.check_output("sshd -T").splitlines()


def test_the_list_has_the_key(host: Host) -> None:
    """ssh-keygen prints fingerprints of a list in hexadecimal. A witness is the second entry."""
    assert host.check_output(f"ssh-keygen -Q -l -f {LIST} | grep -c hash:") == "2"


def test_the_check_passes(host: Host) -> None:
    timer = host.service("secure-krl-check.timer")
    assert timer.is_running
    assert timer.is_enabled
    assert host.run("systemctl start secure-krl-check.service").rc == 0

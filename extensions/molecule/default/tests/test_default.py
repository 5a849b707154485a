# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host meets the assumptions of the scenarios: a booted system with its own SSH server."""

from __future__ import annotations

from testinfra.host import Host


def test_the_system_runs(host: Host) -> None:
    assert host.system_info.distribution in host.backend.hostname
    assert host.process.get(pid=1).comm == "systemd"
    assert host.service("ssh").is_running

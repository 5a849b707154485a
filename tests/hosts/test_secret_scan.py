# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secret_scan finds a value in the journal of a real host. Root only."""

from __future__ import annotations

from pathlib import Path

from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost

CANARY = "journal-canary-5519"


def test_a_value_in_the_journal(tmp_path: Path) -> None:
    with SystemdHost("debian13") as host:
        host.enter("logger", f"login with {CANARY}")
        task = {"logs": ["journal"], "known": [CANARY], "fail_on": "none"}
        shown = {"ansible.builtin.debug": {"msg": "{{ scan.findings | map(attribute='file') | list }}"}}
        done = HostPlay(tmp_path, host).run([{"secure.ftp_synchronize.secret_scan": task, "register": "scan"}, shown])
    assert done.status == 0, done.output
    assert '"journal"' in done.output
    assert CANARY not in done.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts are spread evenly, and each host has the same start in each run."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.secure_sync import start_delay

HOSTS = [f"app{number:02}.example.com" for number in range(40)]
STOCK_STARTS = 10
"""Logins under way that sshd admits without a refusal (MaxStartups 10:30:100)."""


def test_the_start_of_a_host_is_repeatable_and_depends_on_both_names() -> None:
    assert start_delay("app01", "files", 4.0) == start_delay("app01", "files", 4.0)
    assert (
        len({start_delay("app01", "files", 4.0), start_delay("app02", "files", 4.0), start_delay("app01", "x", 4.0)})
        == 3
    )
    assert start_delay("app01", "files", 0.0) == 0
    assert 0 <= start_delay("\udcff", "\udcff", 1.0) < 1


@pytest.mark.parametrize("peer", [f"files{number}.example.com" for number in range(20)])
def test_forty_hosts_do_not_start_together(peer: str) -> None:
    delays = [start_delay(host, peer, 4.0) for host in HOSTS]
    assert all(0 <= delay < 4 for delay in delays)
    assert len(set(delays)) == len(HOSTS)
    # A login takes a fifth of a second on loopback.
    assert max(Counter(int(delay * 5) for delay in delays).values()) < STOCK_STARTS

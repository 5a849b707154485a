# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of a user: this machine has none of a user id that no account has. Titles of sshd's processes are given
here; hosts have a real sshd."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import account_sessions

UNUSED = 4_000_000


def test_a_user_without_sessions() -> None:
    assert account_sessions.sessions_of(UNUSED) == []
    assert account_sessions.end_sessions(UNUSED, 1e12) == 0


SERVES = {"sshd: root": "root", "sshd-session: root@pts/0,pts/1": "root", "sshd: partner@example.com": "partner"}
OTHERS = """sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups|/usr/sbin/sshd -D|sshd: /usr/sbin/sshd
sshd-session: root [priv]|sshd-session: root [net]|sshd: root [pam]|sshd: [accepted]|sshd: unknown [priv]|sshd|"""


@pytest.mark.parametrize(
    ("title", "name"), [*SERVES.items(), *((each, None) for line in OTHERS.split("\n") for each in line.split("|"))]
)
def test_titles_of_processes_that_serve_a_login(title: str, name: str | None) -> None:
    found = account_sessions._SERVES.match(title)
    assert (found and found["name"]) == name

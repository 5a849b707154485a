# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deceptive files of authorized keys, read by a real sshd: it admits no key that opening an account would overlook."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import lines_of
from support.judges.sshd_lines import admitted
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.vectors.authorized_lines import KEY, ODD, PLAIN

server = served(Sshd, authorized=(key("partner"),))


@pytest.mark.parametrize("content", PLAIN + ODD)
def test_no_key_that_sshd_admits_is_overlooked(server: Sshd, content: bytes) -> None:
    """The judge of the unit tests agrees with sshd."""
    (server._private / "authorized_keys").write_bytes(content + b"\n")
    found = lines_of(content)
    logged_in = takes(server)
    assert logged_in == bool(admitted(content))
    assert not logged_in or KEY in {each.text for each in found.keys}
    assert bool(found.odd) == (content in ODD)


def takes(server: Sshd) -> bool:
    """Return whether the key logs in."""
    words = ("ssh", "-F", str(server.client_config), "server", "true")
    return subprocess.run(words, capture_output=True, timeout=120, check=False).returncode == 0

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines before the version of a server, read along. A packetizer of these tests gives the lines; real servers are in
tests/integration/test_wrong_port_sftp.py."""

from __future__ import annotations

from types import SimpleNamespace

import paramiko
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_login import Greeting


def reading(*lines: str) -> tuple[Greeting, SimpleNamespace]:
    left = list(lines)
    transport = SimpleNamespace(packetizer=SimpleNamespace(readline=lambda _timeout: left.pop(0)))
    return Greeting(transport), transport.packetizer


def test_nothing_came() -> None:
    greeting, _packetizer = reading()
    assert (greeting.line, greeting.is_awaited) == (None, True)
    assert not Greeting().is_awaited


def test_a_version_makes_it_an_ssh_server() -> None:
    greeting, packetizer = reading("Welcome", "SSH-2.0-x")
    assert packetizer.readline(1) == "Welcome"
    assert (greeting.line, greeting.is_awaited) == ("Welcome", False)
    assert packetizer.readline(1) == "SSH-2.0-x"
    assert greeting.line is None


def test_another_protocol_ends_the_wait() -> None:
    greeting, packetizer = reading("220 ready")
    with pytest.raises(paramiko.SSHException):
        packetizer.readline(1)
    assert greeting.line == "220 ready"


def test_a_limit_is_no_other_protocol() -> None:
    greeting, packetizer = reading("Exceeded MaxStartups")
    packetizer.readline(1)
    assert greeting.line is None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A passphrase handed over through a socket."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.engine import offered


def read(path: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as reader:
        reader.connect(path)
        return b"".join(iter(lambda: reader.recv(7), b""))


def test_each_reader_gets_it_and_nothing_is_left(tmp_path: Path) -> None:
    path = str(tmp_path / "sockets/vault")
    with offered("the passphrase", path):
        assert [read(path), read(path)] == [b"the passphrase"] * 2
        assert stat.S_IMODE(os.stat(tmp_path / "sockets").st_mode) == 0o700
    assert os.listdir(tmp_path / "sockets") == []


def test_without_a_reader_it_ends_too(tmp_path: Path) -> None:
    with offered("the passphrase", str(tmp_path / "sockets/vault")):
        pass


def test_a_socket_of_a_killed_run_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sockets/vault"
    path.parent.mkdir()
    path.touch()
    with offered("the passphrase", str(path)):
        assert read(str(path)) == b"the passphrase"

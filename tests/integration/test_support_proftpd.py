# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ProFTPD of the tests, from a root file system of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.scripted import sftp_wire as wire
from support.scripted.sftp_wire import Reader
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.proftpd import Proftpd
from support.servers.raw_sftp import RawSftp
from support.trees.trees import differences, make_sample, tree_digest

PASSWORD = "correct horse"


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Proftpd]:
    with Proftpd(account=Account(password=PASSWORD)) as server:
        yield server


def batch(server: Proftpd, *lines: str, options: tuple[str, ...] = (), **popen) -> subprocess.CompletedProcess:
    command = ["sftp", "-F", str(server.client_config), *options, "-b", "-", "server"]
    text = "".join(f"{line}\n" for line in lines)
    popen = {"capture_output": True, "text": True, "timeout": 60, "umask": 0, **popen}
    return subprocess.run(command, input=text, check=False, **popen)


def test_a_tree_goes_there_and_comes_back(server: Proftpd, tmp_path: Path) -> None:
    make_sample(tmp_path / "tree")
    for link in (each for each in (tmp_path / "tree").rglob("*") if each.is_symlink()):
        link.unlink()  # The sftp program follows links.
    place = f"{server.remote_root}/tree"
    # Unlike OpenSSH, mod_sftp has no REALPATH for missing paths, which `put -r` requests.
    made = batch(server, f"mkdir {place}")
    assert made.returncode == 0, made.stderr
    done = batch(server, f"put -rp {tmp_path}/tree {server.remote_root}/", f"get -rp {place} {tmp_path}/back")
    assert done.returncode == 0, done.stderr
    sent = tree_digest(tmp_path / "tree")
    assert differences(sent, tree_digest(server.root / "tree")) == []
    assert differences(sent, tree_digest(tmp_path / "back")) == []
    assert (server.root / "tree").stat().st_uid == server.account.uid


def test_check_file_states_the_digest(server: Proftpd) -> None:
    content = os.urandom(300_000)
    (server.root / "hashed").write_bytes(content)
    with RawSftp(server) as raw:
        stated = Reader(raw.check_file(f"{server.remote_root}/hashed".encode()).body)
        assert (stated.string(), stated.rest()) == (b"sha256", hashlib.sha256(content).digest())
        missing = raw.check_file(f"{server.remote_root}/no-such-file".encode())
        assert Reader(missing.body).number() == wire.NO_SUCH_FILE
        assert not [name for name in raw.extensions if b"check" in name], "it is advertised: the probe is not needed"


def test_key_and_password_log_in(server: Proftpd, tmp_path: Path) -> None:
    stranger = ssh_keys.key("stranger")
    for answer, expected in ((PASSWORD, 0), ("wrong", 255)):
        program = tmp_path / "askpass"
        program.write_text(f"#!/bin/sh\necho '{answer}'\n")
        program.chmod(0o700)
        environment = {**os.environ, "SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force"}
        options = ("-o", "BatchMode=no", "-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1")
        assert batch(server, "pwd", options=options, env=environment).returncode == expected
    config = tmp_path / "config"
    config.write_text(server.client_config.read_text().replace(str(server.key.path), str(stranger.path)))
    command = ["sftp", "-F", str(config), "-b", "-", "server"]
    assert subprocess.run(command, input=b"pwd\n", capture_output=True, timeout=60, check=False).returncode == 255


def test_its_identity_is_that_of_its_keys(server: Proftpd) -> None:
    command = ["ssh-keyscan", "-p", str(server.port), "-t", "ed25519", server.host]
    scanned = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    (line,) = [line for line in scanned.splitlines() if not line.startswith("#")]
    assert line.partition(" ")[2] == server.host_public_keys[0]


def test_nothing_is_installed_on_the_machine(server: Proftpd) -> None:
    assert server.log()
    assert shutil.which("proftpd") is None

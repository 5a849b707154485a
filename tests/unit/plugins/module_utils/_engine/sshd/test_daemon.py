# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real sshd reads configurations of this test. systemctl is a script: no unit of this machine may be restarted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConfigurationInvalid,
    OperationFailed,
    SshdMissing,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import daemon
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client
from support.scripted.programs import Programs
from support.servers.ssh_keys import key


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path, monkeypatch)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(daemon, "_PRIVILEGE_SEPARATION", str(tmp_path / "run"))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # a directory that sshd requires of root
    path = tmp_path / "sshd_config"
    path.write_text(f"HostKey {key('host').path}\nSubsystem sftp internal-sftp\n")
    return path


def test_a_configuration_that_sshd_accepts(config: Path) -> None:
    daemon.check(str(config))
    assert (config.parent / "run").is_dir(), "sshd requires its directory, which is missing before its first start"


def test_a_configuration_that_sshd_refuses(config: Path) -> None:
    config.write_text("NoSuchKeyword yes\n")
    with pytest.raises(ConfigurationInvalid, match=r"sshd refuses the configuration: .*NoSuchKeyword"):
        daemon.check(str(config))
    with pytest.raises(ConfigurationInvalid, match=r"sshd -T reports: .*NoSuchKeyword"):
        daemon.effective(Client("root", "192.0.2.1"), str(config))


CLIENT = Client("root", "192.0.2.1")


@pytest.mark.parametrize(
    ("condition", "client", "other"),
    [
        ("User root", CLIENT, CLIENT._replace(user="daemon")),
        ("Address 192.0.2.1", CLIENT, CLIENT._replace(address="192.0.2.2")),
        ("Host 192.0.2.1", CLIENT, CLIENT._replace(host="client.example.com")),
        ("Host client.example.com", CLIENT._replace(host="client.example.com"), CLIENT),
        ("LocalPort 2222", CLIENT._replace(port=2222), CLIENT._replace(port=22)),
        ("LocalAddress 192.0.2.9", CLIENT._replace(local="192.0.2.9"), CLIENT._replace(local="192.0.2.8")),
    ],
)
def test_the_settings_for_a_login(config: Path, condition: str, client: Client, other: Client) -> None:
    config.write_text(f"{config.read_text()}Match {condition}\nForceCommand internal-sftp -u 7\n")
    assert daemon.effective(client, str(config))["forcecommand"] == ("internal-sftp -u 7",)
    assert daemon.effective(other, str(config))["forcecommand"] == ("none",)


def test_a_keyword_with_several_lines(config: Path) -> None:
    config.write_text(f"{config.read_text()}AcceptEnv A\nAcceptEnv B\n")
    assert daemon.effective(CLIENT, str(config))["acceptenv"] == ("A", "B")


def test_the_installed_program(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert daemon.installed()
    assert "sntrup761x25519-sha512@openssh.com" in daemon.known_algorithms("kex")
    monkeypatch.setattr(daemon, "SSHD", str(config.parent / "sshd"))
    assert not daemon.installed()
    with pytest.raises(SshdMissing, match="is not installed"):
        daemon.check(str(config))


def test_its_version(programs: Programs) -> None:
    programs.put("ssh", "echo OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 >&2")
    assert daemon.version() == (9, 2)
    programs.put("ssh", "echo Dropbear v2024.85 >&2")
    with pytest.raises(SshdMissing, match=r"the version of OpenSSH is unknown: Dropbear v2024\.85"):
        daemon.version()


@pytest.mark.parametrize(("status", "unit"), [(0, "ssh.socket"), (3, "ssh")])
def test_the_unit_that_listens(programs: Programs, status: int, unit: str) -> None:
    programs.put("systemctl", f"exit {status}")
    assert daemon.listening_unit("ssh") == unit
    assert programs.calls == ["systemctl --quiet is-active ssh.socket"]


@pytest.mark.parametrize(
    ("unit", "calls"),
    [
        ("ssh", ["reset-failed ssh ssh", "reload-or-restart ssh"]),
        ("ssh.socket", ["daemon-reload", "reset-failed ssh.socket ssh", "reload-or-restart ssh.socket"]),
    ],
)
def test_a_unit_takes_the_configuration_up(programs: Programs, unit: str, calls: list[str]) -> None:
    programs.put("systemctl", 'test "$1" != reset-failed  # the unit is unknown')
    daemon.take_up(unit)
    assert programs.calls == [f"systemctl {each}" for each in calls]


@pytest.mark.parametrize("verb", ["daemon-reload", "reload-or-restart"])
def test_a_unit_that_cannot_take_it_up(programs: Programs, verb: str) -> None:
    programs.put("systemctl", f'test "$1" != {verb} || {{ echo refused >&2; exit 1; }}')
    with pytest.raises(OperationFailed, match=f"systemctl {verb}.*refused"):
        daemon.take_up("ssh.socket")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a server in known_hosts, as ssh and paramiko look it up."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ClientMissing, InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh import known_name as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.known_name import known_name

CONFIG = """
Host files
  HostName Real.Example.com
  Port 2222
Host alias
  HostKeyAlias The-Alias
"""


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("plain.example", None, "plain.example"),
        ("PLAIN.example", 22, "plain.example"),
        ("plain.example", 2022, "[plain.example]:2022"),
        ("files", None, "[real.example.com]:2222"),
        ("files", 22, "real.example.com"),
        ("::1", 2222, "[::1]:2222"),
    ],
)
def test_the_configuration_is_followed(tmp_path: Path, client: str, host: str, port: int | None, name: str) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG)
    endpoint = Endpoint("sftp", host, port, ssh_client=client, ssh_config_file=str(config))
    assert known_name(endpoint) == name


def test_an_alias_for_keys_is_the_name(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG)
    endpoint = Endpoint("sftp", "alias", 2022, ssh_client="openssh", ssh_config_file=str(config))
    assert known_name(endpoint) == "the-alias"


def test_a_broken_configuration_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Nonsense yes\n")
    with pytest.raises(InvalidRequest, match="terminating"):
        known_name(Endpoint("sftp", "host", ssh_client="openssh", ssh_config_file=str(config)))


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "a b", ""])
def test_no_option_gets_through(host: str) -> None:
    with pytest.raises(InvalidRequest):
        known_name(Endpoint("sftp", host))


def test_without_a_client_the_name_is_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_wanted: str) -> str:
        raise ClientMissing("none")

    monkeypatch.setattr(subject, "ssh_client", missing)
    assert known_name(Endpoint("sftp", "Host", 2022)) == "[host]:2022"

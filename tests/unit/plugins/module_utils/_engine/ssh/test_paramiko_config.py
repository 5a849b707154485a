# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's ssh_config as the paramiko stream follows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.inputs import Hop
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_config import find_route

CONFIG = """
Host target
  HostName 192.0.2.1
  Port 2222
  User file
  IdentityFile /keys/one
  ProxyJump jumper@hop:2200
Host hop
  HostName 192.0.2.2
Host piped
  ProxyCommand nc %h %p
Host badport
  Port x
Host revoking
  RevokedHostKeys /etc/ssh/revoked
Host known
  HostName 192.0.2.3
  HostKeyAlias Alias.example.com
Host evil
  HostName -oProxyCommand=id
"""


def route(tmp_path: Path, host: str, **changes: Any) -> Any:
    (tmp_path / "config").write_text(CONFIG)
    return find_route(
        Endpoint(**{"protocol": "sftp", "host": host, "ssh_config_file": str(tmp_path / "config"), **changes})
    )


def test_names_ports_users_keys_and_jump_hosts(tmp_path: Path) -> None:
    found = route(tmp_path, "target")
    assert found.hops == (Hop("192.0.2.2", 2200, "jumper"), Hop("192.0.2.1", 2222, "file"))
    assert found.identity_files == ("/keys/one",)


def test_the_tasks_own_words_win(tmp_path: Path) -> None:
    found = route(tmp_path, "target", port=22, username="task", proxy_jump=("other",))
    assert found.hops == (Hop("other"), Hop("192.0.2.1", 22, "task"))


def test_without_a_file(tmp_path: Path) -> None:
    assert route(tmp_path, "target", ssh_config_file="none").hops == (Hop("target"),)


@pytest.mark.parametrize("host", ["piped", "badport", "evil", "revoking"])
def test_what_paramiko_cannot_do_is_said(tmp_path: Path, host: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        route(tmp_path, host)


def test_the_name_in_known_hosts(tmp_path: Path) -> None:
    assert route(tmp_path, "target").known == (("192.0.2.2", 2200), ("192.0.2.1", 2222))
    assert route(tmp_path, "known", port=2222).known == (("alias.example.com", None),)


def test_what_is_included_counts_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"Include {tmp_path}/conf.d/*.conf\nUser last\nPort 3\n")
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a.conf").write_text("Host target\n  User first\n")
    found = find_route(Endpoint(protocol="sftp", host="target", ssh_config_file=str(tmp_path / "config")))
    assert found.hops == (Hop("target", 3, "first"),)
    found = find_route(Endpoint(protocol="sftp", host="another", ssh_config_file=str(tmp_path / "config")))
    assert found.hops == (Hop("another", 3, "last"),)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own trial of a configuration, with the real sshd and ssh of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotAsWanted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.change import try_configuration
from support.servers import ssh_keys


def configuration(directory: Path, *lines: str) -> str:
    key = ssh_keys.key("host-trial")
    path = directory / "sshd_config"
    path.write_text("\n".join([f"HostKey {key.path}", "UsePAM no", "PidFile none", *lines, ""]))
    return str(path)


@pytest.fixture(autouse=True)
def _private_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root, sshd needs no directory for the separation of privileges; with root, daemon.check makes it."""
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)


def test_a_configuration_that_serves(tmp_path: Path) -> None:
    try_configuration(configuration(tmp_path))


@pytest.mark.parametrize("line", ["PubkeyAuthentication no", "AuthenticationMethods none"])
def test_a_configuration_without_a_login_by_key(tmp_path: Path, line: str) -> None:
    with pytest.raises(NotAsWanted, match="sshd does not serve"):
        try_configuration(configuration(tmp_path, line, "PasswordAuthentication yes"))


def test_another_host_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "_pins", lambda _config: [f"trial {ssh_keys.key('other').public}\n"])
    with pytest.raises(NotAsWanted, match="Host key verification failed"):
        try_configuration(configuration(tmp_path))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which client is taken. Old and missing clients are small scripts: such a machine cannot be had here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh import (
    openssh_stream,
    paramiko_config,
    paramiko_stream,
    stream,
)

CURRENT, OLD = "OpenSSH_9.9p1, OpenSSL 3", "OpenSSH_8.4p1 Debian-5"


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    called: list[str] = []
    monkeypatch.setattr(openssh_stream, "open_openssh", lambda *_args, **_words: called.append("openssh"))
    monkeypatch.setattr(paramiko_stream, "open_paramiko", lambda *_args, **_words: called.append("paramiko"))
    return called


def choose(client: str) -> Any:
    return stream.open_ssh_stream(Endpoint("sftp", "host", ssh_client=client), Credentials(), SshTrust())


@pytest.mark.parametrize(
    ("client", "says", "library", "taken"),
    [
        ("auto", CURRENT, True, "openssh"),
        ("auto", CURRENT, False, "openssh"),
        ("auto", OLD, True, "paramiko"),
        ("auto", "Sun_SSH_1.1", True, "paramiko"),
        ("auto", None, True, "paramiko"),
        ("auto", None, False, None),
        ("auto", OLD, False, None),
        ("openssh", CURRENT, True, "openssh"),
        ("openssh", OLD, True, None),
        ("openssh", None, True, None),
        ("paramiko", CURRENT, True, "paramiko"),
        ("paramiko", CURRENT, False, None),
    ],
)
def test_the_choice(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    chosen: list[str],
    client: str,
    says: str | None,
    taken: str | None,
    *,
    library: bool,
) -> None:
    if says is not None:
        (tmp_path / "ssh").write_text(f"#!/bin/sh\necho '{says}' >&2\n")
        (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(paramiko_config, "has_paramiko", lambda: library)
    if taken is None:
        with pytest.raises(errors.ClientMissing) as caught:
            choose(client)
        assert "paramiko" in caught.value.cure
    else:
        choose(client)
    assert chosen == ([taken] if taken else [])


def test_an_unknown_client(chosen: list[str]) -> None:
    with pytest.raises(errors.InvalidRequest):
        choose("putty")
    assert chosen == []

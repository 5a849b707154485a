# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent of our own for a key that exists as text only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.agent import start_key_agent
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import Askpass
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)
from support.servers import ssh_keys

KEY, LOCKED = ssh_keys.key("unit"), ssh_keys.key("unit-locked", passphrase="phr ase\\")


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    guard = ChildProcesses()
    yield guard
    guard.close()


def keys_in(path: str) -> str:
    environment = dict(os.environ, SSH_AUTH_SOCK=path)
    return subprocess.run(["ssh-add", "-l"], env=environment, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("key", "credentials"),
    [
        (KEY, Credentials(private_key=KEY.text)),
        (KEY, Credentials(private_key="\n" + KEY.text.strip())),
        (LOCKED, Credentials(private_key=LOCKED.text, passphrase=LOCKED.passphrase)),
    ],
)
def test_the_agent_holds_the_key_and_ends_with_the_guard(
    guard: ChildProcesses, key: ssh_keys.SshKey, credentials: Credentials
) -> None:
    askpass = Askpass(guard)
    path = start_key_agent(guard, askpass, credentials)
    assert key.fingerprint in keys_in(path)
    for name in os.listdir(guard.directory):
        assert os.path.getsize(guard.path(name)) < 1000
    guard.close()
    askpass.close()
    assert keys_in(path) == ""


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials(private_key="nothing"), "not a private key"),
        (Credentials(private_key=""), "not a private key"),
        (Credentials(private_key=LOCKED.text), "has no passphrase"),
        (Credentials(private_key=LOCKED.text, passphrase="wrong"), "does not decrypt"),
    ],
)
def test_a_key_that_cannot_be_used(guard: ChildProcesses, credentials: Credentials, words: str) -> None:
    askpass = Askpass(guard)
    with pytest.raises(errors.PrivateKeyUnusable, match=words):
        start_key_agent(guard, askpass, credentials)
    askpass.close()


def test_no_agent_program(guard: ChildProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    askpass = Askpass(guard)
    with pytest.raises(errors.ClientMissing):
        start_key_agent(guard, askpass, Credentials(private_key=KEY.text))
    askpass.close()

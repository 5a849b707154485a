# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates that are made ready for ssh, with its real programs."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.agent import list_keys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import Askpass
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.user_certificate import (
    make_ready,
    public_part,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)
from support.servers import ssh_keys

AUTHORITY = ssh_keys.key("unit-ca")
LOCKED = ssh_keys.key("unit-locked", passphrase="phr ase\\")
PEM = ssh_keys.pem_key("unit-pem")
KEYS = {kind: ssh_keys.key("unit", kind) for kind in ("ed25519", "ecdsa", "rsa")}


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    with closing(ChildProcesses()) as guard:
        yield guard


@pytest.fixture
def askpass(guard: ChildProcesses) -> Iterator[Askpass]:
    with ExitStack() as stack:
        askpass = Askpass(guard)
        stack.callback(askpass.close)
        yield askpass


def certificate(key: ssh_keys.SshKey) -> str:
    return ssh_keys.certify_user(key, AUTHORITY, principals="u").certificate_text


@pytest.mark.parametrize("key", [*KEYS.values(), LOCKED], ids=[*KEYS, "encrypted"])
def test_the_public_part_of_a_key(key: ssh_keys.SshKey) -> None:
    found = public_part(key.text)
    assert found is not None
    assert found.text == key.public


@pytest.mark.parametrize(
    "text",
    [
        "",
        PEM.text,
        KEYS["ed25519"].text.replace("b3Bl", "b3B*"),
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ],
)
def test_a_text_without_a_public_part(text: str) -> None:
    assert public_part(text) is None


@pytest.mark.parametrize("key", [*KEYS.values(), LOCKED], ids=[*KEYS, "encrypted"])
def test_a_key_file_stays_a_file(guard: ChildProcesses, askpass: Askpass, key: ssh_keys.SshKey) -> None:
    line = certificate(key)
    ready, agent = make_ready(guard, askpass, Credentials(private_key_file=str(key.path), certificate=line))
    assert agent is None
    assert (ready.private_key_file, ready.certificate) == (str(key.path), None)
    written = Path(ready.certificate_file or "")
    assert written.parent == Path(guard.directory)
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert written.read_text().split() == line.split()[:2]


@pytest.mark.parametrize("form", ["text", "encrypted", "pem-text", "pem-file"])
def test_a_key_in_an_agent(guard: ChildProcesses, askpass: Askpass, form: str) -> None:
    key = {"text": KEYS["ed25519"], "encrypted": LOCKED}.get(form, PEM)
    named = {"private_key_file": str(key.path)} if form == "pem-file" else {"private_key": key.text}
    given = Credentials(**named, passphrase=key.passphrase or None, certificate=certificate(key))
    ready, agent = make_ready(guard, askpass, given)
    assert agent is not None
    assert key.public in list_keys(guard, agent)
    assert ready.private_key_file is None


@pytest.mark.parametrize("form", ["file", "text", "pem-file"])
@pytest.mark.parametrize("option", ["certificate", "certificate_file"])
def test_the_certificate_of_another_key(guard: ChildProcesses, askpass: Askpass, form: str, option: str) -> None:
    other = ssh_keys.certify_user(ssh_keys.key("other"), AUTHORITY, principals="u")
    key = PEM if form == "pem-file" else KEYS["ed25519"]
    named = {"private_key": key.text} if form == "text" else {"private_key_file": str(key.path)}
    held = {"certificate": other.certificate_text, "certificate_file": str(other.certificate)}[option]
    with pytest.raises(
        errors.PrivateKeyUnusable, match=f"^{option}: certifies another key, {re.escape(other.fingerprint)}"
    ):
        make_ready(guard, askpass, Credentials(**named, **{option: held}))


def test_a_certificate_for_the_users_agent(guard: ChildProcesses, askpass: Askpass) -> None:
    ready, agent = make_ready(guard, askpass, Credentials(certificate=certificate(KEYS["ed25519"])))
    assert agent is None
    assert ready.certificate_file is not None


def test_errors_name_the_file_of_the_task(guard: ChildProcesses, askpass: Askpass, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN RSA PRIVATE KEY-----\nnothing\n-----END RSA PRIVATE KEY-----\n")
    given = Credentials(private_key_file=str(tmp_path / "key"), certificate=certificate(KEYS["ed25519"]))
    with pytest.raises(errors.PrivateKeyUnusable, match=r"^private_key_file: ") as caught:
        make_ready(guard, askpass, given)
    assert "private_key_file" in caught.value.cure

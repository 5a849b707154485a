# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures by keys of every origin, judged by ssh-keygen; agents that fail, refuse or cheat."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SigningFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import MANIFESTS, Purpose
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer
from support.servers.ssh_keys import SshKey, certify_user, key

PRINCIPAL = "release@example.com"
CONTENT = b"#mtree\n" * 20000


def sign(purpose: Purpose = MANIFESTS, **options: Any) -> bytes:
    signer = Signer(Signing(**options), seconds=20)
    try:
        return signer.sign(CONTENT, purpose)
    finally:
        signer.close()


def refusal(**options: Any) -> str:
    with pytest.raises(SigningFailed) as caught:
        sign(**options)
    assert caught.value.cure
    return caught.value.message


def verified(
    signature: bytes, line: str, place: Path, *, namespace: str = MANIFESTS.namespace, content: bytes = CONTENT
) -> bool:
    """Ask ssh-keygen. line: of allowed signers, after the principal."""
    (place / "allowed").write_text(f"{PRINCIPAL} {line}\n")
    (place / "sig").write_bytes(signature)
    words = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", PRINCIPAL, "-n", namespace, "-s", "sig"]
    return not subprocess.run(words, cwd=place, input=content, capture_output=True, check=False).returncode


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """The user's own agent, without keys."""
    path = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        yield process
        process.kill()


def add(signer: SshKey, *options: str) -> None:
    subprocess.run(["ssh-add", "-q", *options, str(signer.path)], check=True, capture_output=True)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_in_a_file(kind: str, tmp_path: Path) -> None:
    signer = key(f"signer-{kind}", kind)
    signature = sign(private_key_file=str(signer.path))
    assert b"-----BEGIN SSH SIGNATURE-----" in signature
    assert verified(signature, signer.public, tmp_path)
    assert not verified(signature, key("other").public, tmp_path)
    assert not verified(signature, signer.public, tmp_path, namespace="git")
    assert not verified(signature, signer.public, tmp_path, content=CONTENT + b"\n")


def test_a_key_as_text_with_a_passphrase(tmp_path: Path) -> None:
    signer = key("signer-locked", passphrase="open sesame")
    assert verified(sign(private_key=signer.text, passphrase="open sesame"), signer.public, tmp_path)


def test_a_key_in_the_users_agent(agent: subprocess.Popen[bytes], tmp_path: Path) -> None:
    add(key("another"))
    add(key("signer"))
    assert verified(sign(public_key=key("signer").public + " a comment"), key("signer").public, tmp_path)


@pytest.mark.parametrize("text", [True, False])
def test_a_key_that_an_authority_certified(text: bool, tmp_path: Path) -> None:
    signer = certify_user(key("signer"), key("authority"), principals=PRINCIPAL)
    options = {"private_key": signer.text} if text else {"private_key_file": str(signer.path)}
    signature = sign(certificate_file=str(signer.certificate), **options)
    assert verified(signature, f"cert-authority {key('authority').public}", tmp_path)
    assert not verified(signature, f"cert-authority {key('another').public}", tmp_path)


def test_a_wrong_key_is_named_with_its_option(tmp_path: Path) -> None:
    locked = key("signer-locked", passphrase="open sesame")
    wrong = {"passphrase": "wrong"}
    assert refusal(private_key=locked.text, **wrong) == "sign: passphrase: does not decrypt private_key"
    assert refusal(private_key_file=str(locked.path), **wrong) == "sign: passphrase: does not decrypt private_key_file"
    assert refusal(private_key_file=str(locked.path)) == "sign: private_key_file: is encrypted and has no passphrase"
    assert refusal(private_key_file=str(tmp_path / "none")).endswith("No such file or directory")
    assert "is a public key" in refusal(private_key_file=f"{locked.path}.pub")
    assert refusal(private_key="-----BEGIN NOTHING-----").startswith("sign: private_key: is not a private key")
    loose = tmp_path / "loose"
    loose.write_text(key("signer").text)
    loose.chmod(0o644)
    assert "may be read by others" in refusal(private_key_file=str(loose))


def test_a_certificate_of_another_key(tmp_path: Path) -> None:
    other = certify_user(key("other"), key("authority"), principals=PRINCIPAL)
    message = refusal(private_key=key("signer").text, certificate_file=str(other.certificate))
    assert message == "sign: certificate_file: is not for this private key"


def test_no_agent_and_an_agent_without_the_key(agent: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    signer = key("signer")
    assert refusal(public_key=signer.public) == f"sign: public_key: ssh-agent does not hold {signer.fingerprint}"
    assert "is not a line with a public key" in refusal(public_key="ssh-ed25519 AAAA")
    agent.kill()
    agent.wait()
    assert refusal(public_key=signer.public).startswith("sign: ssh-agent does not answer")
    monkeypatch.delenv("SSH_AUTH_SOCK")
    assert refusal(public_key=signer.public) == "sign: public_key: there is no ssh-agent"


def test_an_agent_that_refuses(agent: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with -c needs a person's consent, which is not given here."""
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    add(key("signer"), "-c")
    assert refusal(public_key=key("signer").public).startswith("sign: ssh-keygen makes no signature")


def test_an_agent_that_dies_after_the_key_was_found(agent: subprocess.Popen[bytes]) -> None:
    add(key("signer"))
    signer = Signer(Signing(public_key=key("signer").public))
    try:
        signer.open()
        agent.kill()
        agent.wait()
        with pytest.raises(SigningFailed, match="makes no signature"):
            signer.sign(CONTENT, MANIFESTS)
    finally:
        signer.close()


def test_a_signature_of_another_key_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's answer cannot be made wrong with stock programs: a program in the place of ssh-keygen signs with
    another key."""
    real = subprocess.run(["which", "ssh-keygen"], capture_output=True, text=True, check=True).stdout.strip()
    other = key("other").path
    program = tmp_path / "ssh-keygen"
    program.write_text(f'#!/bin/sh\n[ "$2" = sign ] && exec {real} -Y sign -n "$4" -f {other}\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    signer = key("signer")
    assert refusal(private_key=signer.text) == f"sign: the signature is not of the key {signer.fingerprint}"


def test_a_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ssh-keygen"
    program.write_text("#!/bin/sh\nsleep 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    signer = Signer(Signing(private_key=key("signer").text))
    try:
        signer.open()
        monkeypatch.setattr(signer, "_seconds", 0.2)
        with pytest.raises(SigningFailed, match=r"ssh-keygen did not end within 0\.2 s"):
            signer.sign(CONTENT, MANIFESTS)
    finally:
        signer.close()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    sign(private_key=key("signer").text)
    assert list(tmp_path.iterdir()) == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification of signatures with the ssh-keygen of this machine: every way to fail has its code."""

from __future__ import annotations

import calendar
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
    SignatureVerifier,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import (
    parse_signers,
    read_revoked,
)
from support.servers.ssh_keys import SshKey, certify_user, key, revocation_list
from support.trees.signed_tree import NAMESPACE, PRINCIPAL, Sender, signed

RELEASE, NEXT, STRANGER = key("release"), key("next-release"), key("stranger")
DATA = b"#mtree\n./a type=file\n"
LINE = Sender(RELEASE).line


def outcome(
    tmp_path: Path,
    *,
    signer: SshKey = RELEASE,
    lines: tuple[str, ...] = (LINE,),
    data: bytes = DATA,
    namespace: str = NAMESPACE,
    principal: str = PRINCIPAL,
    revoked: Path | None = None,
    signature: bytes | None = None,
) -> str:
    private = tmp_path / "private"
    private.mkdir(mode=0o700, exist_ok=True)
    (private / "data").write_bytes(data)
    (private / "sig").write_bytes(signed(DATA, signer, namespace) if signature is None else signature)
    keys = None if revoked is None else read_revoked(str(revoked), "revoked_keys_file")
    policy = SignaturePolicy(principal, parse_signers(lines, "allowed_signers"), keys)
    try:
        return SignatureVerifier(policy, str(private)).verify(str(private / "data"), str(private / "sig"))
    except SyncError as error:
        return error.code if error.cure else "an error without a cure"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa-3072"])
def test_a_good_signature_gives_the_fingerprint_of_its_key(tmp_path: Path, kind: str) -> None:
    signer = key("release", kind)
    assert outcome(tmp_path, signer=signer, lines=(Sender(signer).line,)) == signer.fingerprint


def test_a_certificate_of_an_authority_counts(tmp_path: Path) -> None:
    authority = key("authority")
    certified = certify_user(RELEASE, authority, principals=PRINCIPAL)
    line = f'{PRINCIPAL} cert-authority,namespaces="{NAMESPACE}" {authority.public}'
    assert outcome(tmp_path, signer=certified, lines=(line,)) == RELEASE.fingerprint
    other = certify_user(RELEASE, authority, principals="other@example.com")
    assert outcome(tmp_path, signer=other, lines=(line,)) == "signer_unknown"


@pytest.mark.parametrize("validity", ["-2h:-1h", "+1h:+2h", "always:0x3e8", "0xfffffffffffffff0:forever"])
def test_a_certificate_out_of_its_time_is_expired(tmp_path: Path, validity: str) -> None:
    authority = key("authority")
    line = f'{PRINCIPAL} cert-authority,namespaces="{NAMESPACE}" {authority.public}'
    ended = certify_user(RELEASE, authority, principals=PRINCIPAL, validity=validity)
    code = "signer_unknown" if validity.startswith("0xf") else "signer_expired"
    assert outcome(tmp_path, signer=ended, lines=(line,)) == code
    assert outcome(tmp_path, signer=ended, lines=(line,), revoked=revocation_list(RELEASE)) != RELEASE.fingerprint
    assert outcome(tmp_path, signer=ended) == "signer_unknown"
    other = certify_user(RELEASE, authority, principals="other@example.com", validity=validity)
    assert outcome(tmp_path, signer=other, lines=(line,)) == "signer_unknown"


@pytest.fixture
def central_europe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a local time in which an hour comes twice on the last Sunday of October."""
    with monkeypatch.context() as context:
        context.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("central_europe")
@pytest.mark.parametrize("minute", [(0, 30), (1, 30), (12, 0)], ids=lambda minute: "%02d:%02dZ" % minute)
def test_a_certificate_of_the_hour_that_comes_twice_is_expired(tmp_path: Path, minute: tuple[int, int]) -> None:
    authority = key("authority")
    line = f'{PRINCIPAL} cert-authority,namespaces="{NAMESPACE}" {authority.public}'
    began = calendar.timegm((2025, 10, 26, *minute, 0))
    ended = certify_user(RELEASE, authority, principals=PRINCIPAL, validity=f"{began:#x}:{began + 600:#x}")
    assert outcome(tmp_path, signer=ended, lines=(line,)) == "signer_expired"


@pytest.mark.parametrize("data", [DATA + b"\n", DATA[:-1], b"", DATA.replace(b"a", b"b")])
def test_other_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    assert outcome(tmp_path, data=data) == "signature_invalid"


def test_another_purpose_is_refused(tmp_path: Path) -> None:
    assert outcome(tmp_path, namespace="git") == "signature_invalid"


@pytest.mark.parametrize("signature", [b"", b"rubbish", b"-----BEGIN SSH SIGNATURE-----\n"])
def test_a_damaged_signature_is_refused(tmp_path: Path, signature: bytes) -> None:
    assert outcome(tmp_path, signature=signature) == "signature_invalid"


def test_a_key_that_no_line_names_is_unknown(tmp_path: Path) -> None:
    assert outcome(tmp_path, signer=STRANGER) == "signer_unknown"
    assert outcome(tmp_path, principal="other@example.com") == "signer_unknown"
    assert outcome(tmp_path, lines=(LINE.replace(NAMESPACE, "receipt@ftp-synchronize"),)) == "signer_unknown"


def test_revoked_keys_are_refused(tmp_path: Path) -> None:
    assert outcome(tmp_path, revoked=revocation_list(RELEASE)) == "signer_revoked"
    assert outcome(tmp_path, revoked=revocation_list(STRANGER)) == RELEASE.fingerprint
    listed = tmp_path / "list"
    listed.write_text(RELEASE.public + "\n")
    assert outcome(tmp_path, revoked=listed) == "signer_revoked"


def test_a_cut_krl_refuses_everything(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(revocation_list(STRANGER).read_bytes()[:30])
    assert outcome(tmp_path, revoked=cut) == "trust_store_unreadable"


def test_a_key_out_of_its_time_is_expired(tmp_path: Path) -> None:
    sender = Sender(RELEASE)
    assert outcome(tmp_path, lines=(sender.line_with(',valid-before="20200101"'),)) == "signer_expired"
    assert outcome(tmp_path, lines=(sender.line_with(',valid-after="20990101"'),)) == "signer_expired"
    assert outcome(tmp_path, lines=(sender.line_with(',valid-before="20990101"'),)) == RELEASE.fingerprint


def test_two_signers_rotate_with_two_lines_and_then_one(tmp_path: Path) -> None:
    both = (LINE, Sender(NEXT).line)
    assert outcome(tmp_path, lines=both) == RELEASE.fingerprint
    assert outcome(tmp_path, signer=NEXT, lines=both) == NEXT.fingerprint
    assert outcome(tmp_path, signer=RELEASE, lines=both[1:]) == "signer_unknown"


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = signed(DATA, RELEASE)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert outcome(tmp_path, signature=signature) == "client_missing"


def test_the_judge_agrees(tmp_path: Path) -> None:
    """ssh-keygen as a receiver without us calls it, with the operator's own lines."""
    (tmp_path / "data.sig").write_bytes(signed(DATA, RELEASE))
    (tmp_path / "signers").write_text(LINE + "\n")
    judged = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", PRINCIPAL, "-n", NAMESPACE,
         "-s", tmp_path / "data.sig"],
        input=DATA, capture_output=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0
    assert outcome(tmp_path) == RELEASE.fingerprint


def test_a_refusal_by_an_old_program_names_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts stand for OpenSSH 8.6, which refuses every line with a time."""
    signature = signed(DATA, RELEASE)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, line in {"ssh": "echo OpenSSH_8.6p1 >&2", "ssh-keygen": "exit 255"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert outcome(tmp_path, signature=signature) == "client_missing"

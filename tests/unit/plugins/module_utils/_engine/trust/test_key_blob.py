# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire form of public keys; the judge is ssh-keygen -l, for thousands of damaged keys."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import (
    authority_blob,
    parse_public_key,
    plain_blob,
    principals,
    rsa_bits,
    validity,
)
from support.servers import ssh_keys

_PLAIN = ("ed25519", "rsa", "ecdsa", "ecdsa-384", "ecdsa-521")
_SECURITY_KEYS = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _strings(blob: bytes) -> list[bytes]:
    found, position = [], 0
    while position < len(blob):
        end = position + 4 + int.from_bytes(blob[position : position + 4], "big")
        found.append(blob[position + 4 : end])
        position = end
    return found


def _plain(kind: str) -> tuple[str, bytes]:
    key_type, encoded = ssh_keys.key("blob", kind).public.split()
    return key_type, base64.b64decode(encoded)


def _security_key(key_type: str) -> tuple[str, bytes]:
    """The public half needs no token: it is the public half of a plain key with the name of an application."""
    _type, *fields = _strings(_plain("ed25519" if "ed25519" in key_type else "ecdsa")[1])
    return key_type, b"".join(map(_string, (key_type.encode(), *fields, b"ssh:")))


def _certificate(
    subject: tuple[str, bytes], authority: str, directory: Path, *, host: bool, valid: str = "+1h"
) -> tuple[str, bytes]:
    path = directory / "subject.pub"
    path.write_text("%s %s\n" % (subject[0], base64.b64encode(subject[1]).decode()))
    about = ["-h"] if host else ["-O", "force-command=true", "-O", "no-pty"]
    signer = str(ssh_keys.key("blob-ca", authority).path)
    subprocess.run(
        ["ssh-keygen", "-q", "-s", signer, "-I", "id", "-n", "a,b", "-V", valid, *about, str(path)], check=True
    )
    key_type, encoded = (directory / "subject-cert.pub").read_text().split()[:2]
    return key_type, base64.b64decode(encoded)


def _subjects(directory: Path) -> list[tuple[str, bytes]]:
    plain = [_plain(kind) for kind in _PLAIN] + [_security_key(key_type) for key_type in _SECURITY_KEYS]
    authorities = ("ed25519", "rsa", "ecdsa", "ecdsa-384", "ecdsa-521", "ed25519", "ecdsa")
    certified = [
        _certificate(subject, authority, directory, host=number % 2 == 0)
        for number, (subject, authority) in enumerate(zip(plain, authorities, strict=True))
    ]
    return plain + certified


def _ssh_keygen(lines: list[str], directory: Path) -> dict[int, str]:
    """The fingerprints of the lines that ssh-keygen takes, by their number."""
    path = directory / "lines"
    path.write_text("".join(f"{line} n{number}\n" for number, line in enumerate(lines)))
    done = subprocess.run(["ssh-keygen", "-l", "-f", str(path)], check=False, capture_output=True, text=True)
    fields = (line.split() for line in done.stdout.splitlines())
    return {int(words[2][1:]): words[1] for words in fields}


def _ours(lines: list[str]) -> dict[int, str]:
    found = {}
    for number, line in enumerate(lines):
        with contextlib.suppress(ValueError):
            found[number] = parse_public_key(*line.split(" ")).fingerprint
    return found


def _line(key_type: str, blob: bytes) -> str:
    return "%s %s" % (key_type, base64.b64encode(blob).decode())


def _flipped(blob: bytes, step: int = 1) -> Iterator[bytes]:
    number = int.from_bytes(blob, "big")
    return ((number ^ 1 << bit).to_bytes(len(blob), "big") for bit in range(0, 8 * len(blob), step))


def _damaged(key_type: str, blob: bytes) -> Iterator[str]:
    """Cut off at every byte, longer, each bit turned, under every other name, and the text of the base64 changed."""
    yield from (_line(key_type, blob[:length]) for length in range(len(blob)))
    yield from (_line(key_type, blob + more) for more in (b"\0", b"\0\0\0\0", b"\0\0\0\1x", b"\n", blob))
    yield from (_line(key_type, changed) for changed in _flipped(blob))
    yield from (_line(name, blob) for name in ("ssh-rsa", "ssh-ed25519", "rsa-sha2-512", "ssh-dss", key_type.upper()))
    whole = _line(key_type, blob)
    yield from (whole[:-1], whole + "=", whole + "A", whole[:-2] + "B=", whole[:-3] + "B==", whole[:-4] + whole[-3:])


def test_whole_keys_and_certificates_of_every_type_are_read_as_ssh_keygen_reads_them(tmp_path: Path) -> None:
    lines = [_line(*subject) for subject in _subjects(tmp_path)]
    assert len(lines) == 14
    assert _ours(lines) == _ssh_keygen(lines, tmp_path)
    assert len(_ours(lines)) == len(lines)


def test_damaged_keys_are_read_as_ssh_keygen_reads_them(tmp_path: Path) -> None:
    subjects = _subjects(tmp_path)[: len(_PLAIN) + len(_SECURITY_KEYS)]
    lines = [line for subject in subjects for line in _damaged(*subject)]
    ours, theirs = _ours(lines), _ssh_keygen(lines, tmp_path)
    assert {number: theirs.get(number) for number in ours} == ours
    weaker = [lines[number] for number in theirs if number not in ours and theirs[number] == _named(lines[number])]
    # RSA numbers that prove nothing, and the name of a signature in the place of a key's.
    assert [line for line in weaker if not line.startswith(("ssh-rsa ", "rsa-sha2-512 "))] == []
    assert len(weaker) < 20
    assert len(lines) > 8000


def _named(line: str) -> str:
    """The fingerprint of the given bytes, without validation."""
    digest = hashlib.sha256(base64.b64decode(line.split()[1] + "===")).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def test_damaged_certificates_that_are_no_longer_whole_are_refused_as_by_ssh_keygen(tmp_path: Path) -> None:
    subjects = _subjects(tmp_path)[len(_PLAIN) + len(_SECURITY_KEYS) :]
    for key_type, blob in subjects:
        cut = [_line(key_type, blob[:length]) for length in range(len(blob))]
        longer = [_line(key_type, blob + more) for more in (b"\0", b"\0\0\0\0", blob)]
        assert _ours(cut + longer) == {}
        flipped = [_line(key_type, changed) for changed in _flipped(blob, step=23)]
        assert set(_ssh_keygen(flipped, tmp_path)) <= set(_ours(flipped))


def test_the_authority_of_a_certificate_is_in_it(tmp_path: Path) -> None:
    signer = _plain_of("blob-ca", "ecdsa")
    certificate = _certificate(_plain("ed25519"), "ecdsa", tmp_path, host=True)
    assert authority_blob(*certificate) == signer
    assert plain_blob(*certificate) == _plain("ed25519")[1]
    assert authority_blob(*_plain("rsa")) == b""


def test_the_validity_of_a_certificate_is_in_it(tmp_path: Path) -> None:
    between = _certificate(_plain("rsa"), "ed25519", tmp_path, host=False, valid="0x3e8:0x7d0")
    assert validity(*between) == (1000, 2000)
    always = _certificate(_plain("rsa"), "ed25519", tmp_path, host=False, valid="always:forever")
    assert validity(*always) == (0, 2**64 - 1)
    assert validity(*_plain("rsa")) is None


def test_the_principals_of_a_certificate_are_in_it(tmp_path: Path) -> None:
    certificate = _certificate(_plain("rsa"), "ed25519", tmp_path, host=False)
    assert principals(*certificate) == (b"a", b"b")
    assert principals(*_plain("rsa")) == ()


def _plain_of(name: str, kind: str) -> bytes:
    return base64.b64decode(ssh_keys.key(name, kind).public.split()[1])


@pytest.mark.parametrize("exponent", [1, 2, 65536])
def test_an_rsa_key_with_an_exponent_that_proves_nothing_is_refused(exponent: int) -> None:
    _type, _exponent, modulus = _strings(_plain("rsa")[1])
    blob = b"".join(map(_string, (b"ssh-rsa", exponent.to_bytes(4, "big").lstrip(b"\0"), modulus)))
    with pytest.raises(ValueError, match="not an RSA key"):
        plain_blob("ssh-rsa", blob)


def test_the_length_of_an_rsa_key() -> None:
    assert rsa_bits(_plain("rsa")[1]) == 2048
    assert rsa_bits(_plain("rsa-3072")[1]) == 3072

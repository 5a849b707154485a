# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of OpenPGP, made by gpg in a home of their own; and a certificate that no gpg at hand makes."""

from __future__ import annotations

__all__ = ["OpenPgpKey", "certificate_with_ocb", "gpg", "key", "revoked"]

import atexit
import base64
import functools
import hashlib
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..running.scratch import scratch


class OpenPgpKey(NamedTuple):
    """A certificate and its private key, in armour."""

    certificate: str
    private: str
    fingerprint: str


def gpg(*words: str, given: bytes = b"", check: bool = True) -> bytes:
    """Run gpg in the home of the tests, without an agent that stays; raises CalledProcessError."""
    always = ("--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--trust-model", "always")
    environment = dict(os.environ, GNUPGHOME=str(_home()))
    try:
        return subprocess.run(
            ["gpg", *always, *words], input=given, capture_output=True, check=check, env=environment
        ).stdout
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=True, env=environment)


@functools.cache
def key(
    name: str, algorithm: str = "default", usage: str = "default", *, passphrase: str = "", made: str = ""
) -> OpenPgpKey:
    """Return the key `name`, the same throughout a run, valid for a year. made: time, as in 20200101T000000"""
    past = ["--faked-system-time", made] if made else []
    locked = ["--passphrase", passphrase]
    gpg(*past, *locked, "--quick-gen-key", f"{name} <{name}@example.org>", algorithm, usage, "1y")
    listed = gpg("--with-colons", "--list-keys", f"{name}@example.org").decode()
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
    return OpenPgpKey(
        gpg("--armor", "--export", fingerprint).decode(),
        gpg(*locked, "--armor", "--export-secret-keys", fingerprint).decode(),
        fingerprint,
    )


def revoked(subject: OpenPgpKey) -> str:
    """Return the certificate of a key, revoked by the file that gpg made with the key."""
    file = _home() / "openpgp-revocs.d" / f"{subject.fingerprint}.rev"
    gpg("--import", given=file.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
    return gpg("--armor", "--export", subject.fingerprint).decode()


def certificate_with_ocb() -> str:
    """Return a certificate that advertises OCB, as GnuPG 2.3 and newer makes it outside of Debian."""
    private = rsa.generate_private_key(65537, 2048)
    numbers, made = private.public_key().public_numbers(), struct.pack(">I", int(time.time()) - 60)
    body = b"\4" + made + b"\1" + _mpi(numbers.n) + _mpi(numbers.e)
    public, user = b"\x99" + struct.pack(">H", len(body)) + body, b"ocb <ocb@example.org>"
    key_id = hashlib.sha1(public).digest()[-8:]  # noqa: S324 - the number of a version 4 key
    # Creation time, uses, preferred cipher and mode, features: SEIPD version 1 and OCB.
    parts = ((2, made), (27, b"\x0f"), (11, b"\x09"), (34, b"\2"), (30, b"\3"))
    hashed = b"".join(bytes([len(value) + 1, kind]) + value for kind, value in parts)
    head = b"\4\x13\1\x08" + struct.pack(">H", len(hashed)) + hashed
    signed = public + b"\xb4" + struct.pack(">I", len(user)) + user + head + b"\4\xff" + struct.pack(">I", len(head))
    signature = private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    issuer = b"\x00\x0a\x09\x10" + key_id
    tail = issuer + hashlib.sha256(signed).digest()[:2] + _mpi(int.from_bytes(signature, "big"))
    packets = b"".join(_packet(tag, content) for tag, content in ((6, body), (13, user), (2, head + tail)))
    lines = base64.encodebytes(packets).decode()
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{lines}-----END PGP PUBLIC KEY BLOCK-----\n"


def _mpi(number: int) -> bytes:
    return struct.pack(">H", number.bit_length()) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _packet(tag: int, content: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + struct.pack(">I", len(content)) + content


@functools.cache
def _home() -> Path:
    home = scratch("gpg")
    home.chmod(0o700)
    owner = os.getpid()
    atexit.register(lambda: shutil.rmtree(home, ignore_errors=True) if os.getpid() == owner else None)
    return home

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH keys and certificates for tests, made by ssh-keygen once a test run and kept in a private directory."""

from __future__ import annotations

__all__ = ["SshKey", "certify_host", "certify_user", "key", "pem_key", "revocation_list"]

import atexit
import functools
import hashlib
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..running.scratch import scratch

VALID = "-5m:+1d"
"""As ssh-keygen -V: longer than any run, as some certificates are made when a test file is imported."""
_BITS = {"rsa": "2048", "rsa-1024": "1024", "rsa-3072": "3072", "ecdsa": "256", "ecdsa-384": "384", "ecdsa-521": "521"}
_serial = itertools.count(1)


@dataclass(frozen=True)
class SshKey:
    """A key pair on disk (0600, OpenSSH format); `certificate` is the path of its certificate, if any."""

    path: Path
    public: str
    fingerprint: str
    passphrase: str = ""
    certificate: Path | None = None

    @property
    def text(self) -> str:
        """The private key as text."""
        return self.path.read_text()

    @property
    def certificate_text(self) -> str:
        """The line of the certificate."""
        if self.certificate is None:
            raise ValueError(f"{self.path} has no certificate")
        return self.certificate.read_text().strip()

    @property
    def algorithm(self) -> str:
        """The name of the key type, such as ssh-ed25519."""
        return self.public.split()[0]


def key(name: str, kind: str = "ed25519", passphrase: str = "") -> SshKey:
    """Return the key `name`, the same key throughout a run. kind: ed25519, ecdsa, rsa, or a key of `_BITS`."""
    return _made_once(name, kind, passphrase)


@functools.cache
def _made_once(name: str, kind: str, passphrase: str) -> SshKey:
    locked = f"-locked-{hashlib.sha256(passphrase.encode()).hexdigest()[:8]}" if passphrase else ""
    path = _directory() / f"{name}-{kind}{locked}"
    bits = ["-b", _BITS[kind]] if kind in _BITS else []
    # Few rounds of the key derivation: the strength of a test's passphrase is of no interest, its time is.
    algorithm = kind.partition("-")[0]
    _keygen("-t", algorithm, *bits, "-N", passphrase, "-Z", "aes256-ctr", "-a", "1", "-C", name, "-f", str(path))
    return _describe(path, passphrase)


@functools.cache
def pem_key(name: str) -> SshKey:
    """Return an RSA key in PEM, the form that secrets managers hand out; the same key throughout a run."""
    path = _directory() / f"{name}-pem"
    _keygen("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-C", name, "-f", str(path))
    return _describe(path, "")


def certify_user(
    subject: SshKey,
    authority: SshKey,
    *,
    principals: str,
    validity: str = VALID,
    options: tuple[str, ...] = (),
    identity: str = "",
) -> SshKey:
    """Return a copy of `subject` with a certificate for the users `principals`, if any. `validity` as ssh-keygen -V.
    identity: the id, if not the name of the file."""
    extra = ["-I", identity] if identity else []
    extra += [word for option in options for word in ("-O", option)]
    named = ["-n", principals] if principals else []
    return _certify(subject, authority, [*named, "-V", validity, *extra])


def certify_host(subject: SshKey, authority: SshKey, *, principals: str, validity: str = VALID) -> SshKey:
    """Return a copy of `subject` with a host certificate for the names `principals`. `validity` as ssh-keygen -V."""
    return _certify(subject, authority, ["-h", "-n", principals, "-V", validity])


def revocation_list(*revoked: SshKey) -> Path:
    """Write a key revocation list for the RevokedKeys option of sshd and give its path."""
    target = _directory() / f"revoked-{next(_serial)}"
    sources = [str(each.path) + ".pub" for each in revoked]
    _keygen("-k", "-f", str(target), *sources)
    target.chmod(0o644)
    return target


def _certify(subject: SshKey, authority: SshKey, arguments: list[str]) -> SshKey:
    number = next(_serial)
    copy = subject.path.with_name(f"{subject.path.name}-cert{number}")
    shutil.copy2(subject.path, copy)
    shutil.copy2(f"{subject.path}.pub", f"{copy}.pub")
    _keygen("-s", str(authority.path), "-I", copy.name, "-z", str(number), *arguments, f"{copy}.pub")
    return SshKey(copy, subject.public, subject.fingerprint, subject.passphrase, Path(f"{copy}-cert.pub"))


def _describe(path: Path, passphrase: str) -> SshKey:
    public = " ".join(Path(f"{path}.pub").read_text().split()[:2])
    listed = subprocess.run(["ssh-keygen", "-lf", f"{path}.pub"], check=True, capture_output=True, text=True)
    return SshKey(path, public, listed.stdout.split()[1], passphrase)


def _keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


@functools.cache
def _directory() -> Path:
    directory = scratch("keys")
    owner = os.getpid()
    atexit.register(lambda: shutil.rmtree(directory, ignore_errors=True) if os.getpid() == owner else None)
    return directory

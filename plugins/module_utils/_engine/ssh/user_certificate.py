# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH user certificate of a login: a text or a file, its key, its time, and its principals.

A server refuses a login without a reason, so the time of the certificate is compared with the clock after a refusal,
and the error names its principals.
The server alone decides whether a certificate is valid: nothing is refused here because of its time.

ssh ignores the certificate of another key, and logs in with the key alone. So the public part of the key is compared
first: it is read from OpenSSH's own form of a key file, and asked from an agent for any other key.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import time
from typing import List, NamedTuple, Optional, Tuple

from ..errors import AuthenticationFailed, PrivateKeyUnusable, SyncError
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..model.utc import utc
from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import PublicKey, parse_public_key, principals, validity
from .agent import list_keys, start_key_agent
from .openssh_messages import Askpass

_LONGEST = 1 << 16
_NEW_CURE = "Issue a new certificate that is valid for longer than a run takes, and set %s to it."
_PRINCIPALS_CURE = (
    "Check that the server accepts one of the principals for username, and trusts the authority of %s. If it does, "
    "look up the reason in the log of the server."
)
_EARLY_CURE = "Compare the clocks of this host and of the authority, or wait."
_PRIVATE = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END")
_MAGIC = b"openssh-key-v1\0"
_BEFORE_THE_PUBLIC_PART = ("cipher", "key derivation", "its options")
_LONGEST_KEY = 1 << 16


class UserCertificate(NamedTuple):
    """The certificate of a task. option: the option that holds it, for messages."""

    option: str
    text: str
    key: PublicKey

    def require(self, *, certifies: bool) -> None:
        """Refuse the certificate of another key. Raises PrivateKeyUnusable."""
        if not certifies:
            raise PrivateKeyUnusable(
                f"{self.option}: certifies another key, {self.key.fingerprint}",
                cure=f"Set the private key and {self.option} to values that belong together.",
            )


def user_certificate(credentials: Credentials) -> Optional[UserCertificate]:
    """Return the certificate of a task, None if it has none. Raises PrivateKeyUnusable for any other text."""
    if not credentials.has_certificate:
        return None
    option, text = _given(credentials)
    key = _certificate_in(text)
    if key is None:
        raise PrivateKeyUnusable(
            f"{option}: holds no SSH certificate",
            cure=f"Set {option} to the certificate, the line that begins with its type, such as ssh-ed25519-cert-v01.",
        )
    return UserCertificate(option, key.text + "\n", key)


def _given(credentials: Credentials) -> Tuple[str, str]:
    if credentials.certificate is not None:
        return "certificate", credentials.certificate
    with open(local_path(credentials.certificate_file or ""), encoding="utf-8", errors="surrogateescape") as file:
        return "certificate_file", file.read(_LONGEST)


def _certificate_in(text: str) -> Optional[PublicKey]:
    """Return the first certificate in a text, as ssh reads a file."""
    for line in text.splitlines():
        words = line.split(None, 2)
        with contextlib.suppress(ValueError):
            key = parse_public_key(words[0], words[1]) if len(words) > 1 else None
            if key is not None and key.is_certificate:
                return key
    return None


def explained(error: SyncError, credentials: Credentials) -> SyncError:
    """Return the error of a refused login, with the probable reason in the certificate: its time or its principals."""
    certificate = _offered(credentials) if error.code == AuthenticationFailed.code else None
    if certificate is None:
        return error
    reason = _outside_its_time(certificate) or (_principals(certificate) if credentials.has_certificate else None)
    if reason is None:
        return error
    fact, cure = reason
    return AuthenticationFailed(f"{error.message}; {certificate.option}: {fact}", cure=cure)


def _outside_its_time(certificate: UserCertificate) -> Optional[Tuple[str, str]]:
    times = validity(certificate.key.key_type, certificate.key.blob)
    now = time.time()
    if times is not None and now >= times.before:
        return f"ended at {utc(times.before)}", _NEW_CURE % certificate.option
    if times is not None and now < times.after:
        return f"is valid from {utc(times.after)} on", _EARLY_CURE
    return None


def _principals(certificate: UserCertificate) -> Tuple[str, str]:
    names = principals(certificate.key.key_type, certificate.key.blob)
    listed = ", ".join(name.decode("utf-8", "backslashreplace") for name in names)
    return (f"has the principals {listed}" if names else "has no principals"), _PRINCIPALS_CURE % certificate.option


def _offered(credentials: Credentials) -> Optional[UserCertificate]:
    """Return the certificate that was offered: the task's, else the file next to the key, which clients use too."""
    name = credentials.private_key_file
    if not credentials.has_certificate and name is not None and os.path.isfile(local_path(name) + "-cert.pub"):
        credentials = credentials._replace(certificate_file=name + "-cert.pub")
    try:
        return user_certificate(credentials)
    except (PrivateKeyUnusable, OSError):
        return None


def make_ready(guard: ChildProcesses, askpass: Askpass, credentials: Credentials) -> Tuple[Credentials, Optional[str]]:
    """Return the credentials for ssh and the socket of an agent that holds the key, None without an agent.

    A certificate as text becomes a file in the guard's directory. Raises PrivateKeyUnusable if the certificate is for
    another key. A key of the user's own agent is not compared: ssh offers only keys that fit.
    """
    certificate = user_certificate(credentials)
    if certificate is None:
        raise AssertionError("the task has no certificate")
    name = guard.write("user-cert.pub", certificate.text)
    ready = credentials._replace(certificate=None, certificate_file=name)
    if credentials.private_key_file is not None:
        text = _content(credentials.private_key_file)
        own = public_part(text)
        if own is not None:
            certificate.require(certifies=own == certificate.key.plain)
            return ready, None
        ready = ready._replace(private_key_file=None, private_key=text)
    if ready.private_key is None:
        return ready, None
    return ready, _agent(guard, askpass, ready, certificate, is_file=credentials.private_key_file is not None)


def _agent(
    guard: ChildProcesses, askpass: Askpass, ready: Credentials, certificate: UserCertificate, *, is_file: bool
) -> str:
    """Start an agent that holds the key and return its socket. Raises PrivateKeyUnusable."""
    try:
        agent = start_key_agent(guard, askpass, ready)
    except PrivateKeyUnusable as error:
        if not is_file:
            raise
        message, cure = (re.sub(r"\bprivate_key\b", "private_key_file", each) for each in (error.message, error.cure))
        raise PrivateKeyUnusable(message, cure=cure) from error
    certificate.require(certifies=certificate.key.plain in _held(guard, agent))
    return agent


def _held(guard: ChildProcesses, agent: str) -> List[PublicKey]:
    lines = (line.split(None, 2) for line in list_keys(guard, agent).splitlines())
    return [parse_public_key(words[0], words[1]) for words in lines if len(words) > 1]


def public_part(text: str) -> Optional[PublicKey]:
    """Return the public key in a private key of OpenSSH's own form, also of an encrypted key; None for other forms."""
    body = _PRIVATE.search(text)
    try:
        blob = base64.b64decode("".join(body.group(1).split()), validate=True) if body is not None else b""
        return _first_public(blob[len(_MAGIC) :]) if blob.startswith(_MAGIC) else None
    except (binascii.Error, ValueError):
        return None


def _first_public(fields: bytes) -> PublicKey:
    """Return the first public key after the magic word of PROTOCOL.key. Raises ValueError."""
    for _name in _BEFORE_THE_PUBLIC_PART:
        fields = _split(fields)[1]
    public = _split(fields[4:])[0]  # after the number of keys
    key_type = _split(public)[0].decode("ascii", "replace")
    return parse_public_key(key_type, base64.b64encode(public).decode("ascii"))


def _split(fields: bytes) -> Tuple[bytes, bytes]:
    """Return the first string of RFC 4251 section 5, and the rest."""
    end = 4 + int.from_bytes(fields[:4], "big")
    return fields[4:end], fields[end:]


def _content(name: str) -> str:
    with open(local_path(name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read(_LONGEST_KEY)

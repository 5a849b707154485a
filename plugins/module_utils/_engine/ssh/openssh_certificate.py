# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login with ssh by a user certificate.

ssh ignores the certificate of another key, and logs in with the key alone. So the public part of the key is compared
first: it is read from OpenSSH's own form of a key file, and asked from an agent for any other key.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import List, Optional, Tuple

from ..errors import PrivateKeyUnusable
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import PublicKey, parse_public_key
from .agent import list_keys, start_key_agent
from .askpass import Askpass
from .user_certificate import UserCertificate, user_certificate

_PRIVATE = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END")
_MAGIC = b"openssh-key-v1\0"
_BEFORE_THE_PUBLIC_PART = ("cipher", "key derivation", "its options")
_LONGEST_KEY = 1 << 16


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

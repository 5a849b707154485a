# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of a server to a login that offers no credential, or credentials that it should refuse.

The server is proven by its host key before a credential is sent. Its list of algorithms is a part of that proof: ssh
shows it, and the host key signs it (RFC 4253, section 8).

ssh can use the key of an attack, and its certificate has ended. A login without the key proves nothing.
"""

from __future__ import annotations

import re
import time
from contextlib import closing
from typing import List, Mapping, NamedTuple, Pattern, Sequence, Tuple

from ..errors import AuthenticationFailed, PrivateKeyUnusable, SyncError, TrustError
from ..jail.probe.login import SFTP, ProbeStream, started
from ..model.endpoint import Credentials, SshAccount
from ..model.local_path import local_path
from ..ssh.user_certificate import user_certificate
from ..system.program import ask_program
from ..trust.fingerprint import parse_plain_key, validity

LISTS: Mapping[str, str] = {
    "KEX algorithms": "KexAlgorithms",
    "host key algorithms": "HostKeyAlgorithms",
    "ciphers stoc": "Ciphers",
    "ciphers ctos": "Ciphers",
    "MACs stoc": "MACs",
    "MACs ctos": "MACs",
}
"""Lists of a server as ssh prints them -> keywords of sshd_config(5)."""
_PEER = "debug2: peer server KEXINIT proposal"
_SAME = "debug2: "
"""Any other line ends the lists."""
_LIST = re.compile(rf"debug2: ({'|'.join(map(re.escape, LISTS))}): (\S*)")
_METHODS = re.compile(r"debug1: Authentications that can continue: (\S+)")
_ACCEPTED = re.compile(r'Authenticated (using "publickey" )?with partial success')
"""Older clients name no method. Nothing but a key is sent here."""
_KEY = r"(?m)^debug1: %s: .* \S+?(-CERT)? (SHA256:\S+)"
_SENT, _TAKEN = re.compile(_KEY % "Offering public key"), re.compile(_KEY % "Server accepts key")
"""A server can write such lines in its banner, too. It gains nothing: it can also refuse the key."""


class Answer(NamedTuple):
    """lets_in: the login succeeded
    half_way: the server accepted the key and asks for a further factor, of any kind
    methods: by which the login may begin; empty if the server did not name them
    offered: keyword -> algorithms
    sent: the keys that ssh offered to the server
    taken: the keys among them that the server would accept; empty also if ssh is too old to name them
    """

    lets_in: bool
    half_way: bool
    methods: Tuple[str, ...]
    offered: Mapping[str, Tuple[str, ...]]
    sent: Tuple[SentKey, ...] = ()
    taken: Tuple[SentKey, ...] = ()


def ask(account: SshAccount, options: Sequence[str] = ()) -> Answer:
    """Try one login. Raises the errors of a login, except for a refusal."""
    stream = ProbeStream(account, SFTP, ["LogLevel DEBUG2", "FingerprintHash sha256", *options])
    with closing(started(stream)):
        lets_in = _lets_in(stream)
        messages = stream.messages
    keys = (_keys(_SENT, messages), _keys(_TAKEN, messages))
    return Answer(lets_in, _is_half_way(messages), _methods(messages), _offered(messages), *keys)


def _lets_in(stream: ProbeStream) -> bool:
    try:
        stream.refusal()
    except (PrivateKeyUnusable, TrustError):
        raise
    except AuthenticationFailed:
        return False
    except SyncError:
        if not _is_half_way(stream.messages):  # a further factor may take longer than the login waits
            raise
        return False
    return True


def _is_half_way(messages: Sequence[str]) -> bool:
    return any(map(_ACCEPTED.match, messages))


def _keys(pattern: Pattern[str], messages: Sequence[str]) -> Tuple[SentKey, ...]:
    found = (match for match in map(pattern.match, messages) if match is not None)
    return tuple(SentKey(match[2], match[1] is not None) for match in found)


def _methods(messages: Sequence[str]) -> Tuple[str, ...]:
    found = (match for match in map(_METHODS.match, messages) if match is not None)
    first = next(found, None)
    return () if first is None else tuple(first[1].split(","))


def _offered(messages: Sequence[str]) -> Mapping[str, Tuple[str, ...]]:
    """Return the lists of the server; ssh prints its own lists in the same form, before and after."""
    found: dict[str, List[str]] = {}
    of_peer = False
    for line in messages:
        of_peer = line.startswith(_PEER) or (of_peer and line.startswith(_SAME))
        match = _LIST.match(line) if of_peer else None
        if match is not None:
            found.setdefault(LISTS[match[1]], []).extend(match[2].split(","))
    return {keyword: tuple(dict.fromkeys(names)) for keyword, names in found.items()}


class SentKey(NamedTuple):
    """A key that ssh offers to a server. fingerprint: a certificate has the fingerprint of its plain key."""

    fingerprint: str
    is_certificate: bool = False


def own_key(credentials: Credentials, *, ended: bool = False) -> SentKey:
    """Return the key of an attack. ended: by its certificate, which must have ended. Raises PrivateKeyUnusable."""
    if ended:
        _require_ended(credentials)
    return SentKey(_fingerprint(credentials), is_certificate=ended)


def _fingerprint(credentials: Credentials) -> str:
    path = local_path(credentials.private_key_file or "")
    try:
        completed = ask_program("ssh-keygen", "-y", "-P", "", "-f", path)
    except FileNotFoundError:
        raise PrivateKeyUnusable("ssh-keygen is not installed", cure="Install it on this host.") from None
    fields = completed.out.split()
    try:
        if completed.status:
            raise ValueError(" ".join(completed.err.split())[-200:])
        return parse_plain_key(*fields[:2]).fingerprint
    except (ValueError, TypeError) as error:
        raise PrivateKeyUnusable(
            f"private_key_file: is no key without a passphrase, which this user alone may read: {error}",
            cure="Set private_key_file to a key that was made for this attempt.",
        ) from None


def _require_ended(credentials: Credentials) -> None:
    try:
        certificate = user_certificate(credentials)
    except OSError as error:
        raise PrivateKeyUnusable(f"certificate_file: {error.strerror}") from None
    times = None if certificate is None else validity(certificate.key.key_type, certificate.key.blob)
    if times is None or times.before > time.time():
        raise PrivateKeyUnusable("certificate_file: the certificate has not ended yet", cure="Wait for its end.")

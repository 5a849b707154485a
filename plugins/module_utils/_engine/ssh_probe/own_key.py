# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an attack: ssh can use it, and its certificate has ended. A login without the key proves nothing."""

from __future__ import annotations

import time
from typing import NamedTuple

from ..errors import PrivateKeyUnusable
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..ssh.user_certificate import user_certificate
from ..system.program import ask_program
from ..trust.fingerprint import parse_plain_key
from ..trust.key_blob import validity


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
            "private_key_file: is no key without a passphrase, which this user alone may read: %s" % error,
            cure="Set private_key_file to a key that was made for this attempt.",
        ) from None


def _require_ended(credentials: Credentials) -> None:
    try:
        certificate = user_certificate(credentials)
    except OSError as error:
        raise PrivateKeyUnusable("certificate_file: %s" % error.strerror) from None
    times = None if certificate is None else validity(certificate.key.key_type, certificate.key.blob)
    if times is None or times.before > time.time():
        raise PrivateKeyUnusable("certificate_file: the certificate has not ended yet", cure="Wait for its end.")

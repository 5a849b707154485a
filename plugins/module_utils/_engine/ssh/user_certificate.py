# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH user certificate of a login: a text or a file, its key, and its time.

A server refuses a login without a reason, so the time of the certificate is compared with the clock after a refusal.
The server alone decides whether a certificate is valid: nothing is refused here because of its time.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import NamedTuple, Optional, Tuple

from ..errors import AuthenticationFailed, PrivateKeyUnusable, SyncError
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from ..model.utc import utc
from ..trust.fingerprint import PublicKey, parse_public_key
from ..trust.key_blob import validity

__all__ = ["UserCertificate", "user_certificate", "with_time"]

_LONGEST = 1 << 16
_NEW_CURE = "Issue a new certificate that is valid for longer than a run takes, and set %s to it."
_EARLY_CURE = "Compare the clocks of this host and of the authority, or wait."


class UserCertificate(NamedTuple):
    """The certificate of a task. option: the option that holds it, for messages."""

    option: str
    text: str
    key: PublicKey

    def require(self, *, certifies: bool) -> None:
        """Refuse the certificate of another key. Raises PrivateKeyUnusable."""
        if not certifies:
            raise PrivateKeyUnusable(
                "%s: certifies another key, %s" % (self.option, self.key.fingerprint),
                cure="Set the private key and %s to values that belong together." % self.option,
            )


def user_certificate(credentials: Credentials) -> Optional[UserCertificate]:
    """Return the certificate of a task, None if it has none. Raises PrivateKeyUnusable for any other text."""
    if not credentials.has_certificate:
        return None
    option, text = _given(credentials)
    key = _certificate_in(text)
    if key is None:
        raise PrivateKeyUnusable(
            "%s: holds no SSH certificate" % option,
            cure="Set %s to the certificate, the line that begins with its type, such as ssh-ed25519-cert-v01."
            % option,
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


def with_time(error: SyncError, credentials: Credentials) -> SyncError:
    """Return the error of a login, with the time of the certificate if it was refused outside this time."""
    if error.code != AuthenticationFailed.code:
        return error
    certificate = _offered(credentials)
    times = certificate and validity(certificate.key.key_type, certificate.key.blob)
    if certificate is None or times is None:
        return error
    now = time.time()
    if now >= times.before:
        fact, cure = "ended at %s" % utc(times.before), _NEW_CURE % certificate.option
    elif now < times.after:
        fact, cure = "is valid from %s on" % utc(times.after), _EARLY_CURE
    else:
        return error
    return AuthenticationFailed("%s; %s: %s" % (error.message, certificate.option, fact), cure=cure)


def _offered(credentials: Credentials) -> Optional[UserCertificate]:
    """Return the certificate that was offered: the task's, else the file next to the key, which clients use too."""
    name = credentials.private_key_file
    if not credentials.has_certificate and name is not None and os.path.isfile(local_path(name) + "-cert.pub"):
        credentials = credentials._replace(certificate_file=name + "-cert.pub")
    try:
        return user_certificate(credentials)
    except (PrivateKeyUnusable, OSError):
        return None

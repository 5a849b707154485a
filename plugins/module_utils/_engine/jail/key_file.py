# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a jail's authorized keys and certificate authorities (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

An authority is a line of the same file, not sshd's TrustedUserCAKeys: a change from keys to certificates, or back,
replaces one file in one step, so the account can log in by the old or by the new way at any time. Every such line has
principals: without them sshd would accept certificates that have none.
"""

from __future__ import annotations

import re
from typing import Sequence

from ..errors import InvalidRequest
from ..trust.fingerprint import parse_plain_key, rsa_bits
from .request import Jail, JailKey

LEAST_RSA_BITS = 3072
_HEAD = "# Managed by Ansible (secure.ftp_synchronize.jail): changes are overwritten.\n"
ROTATED_HEAD = b"# Kept by the role client_key_rotation of the Ansible collection secure.ftp_synchronize.\n"
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
_CURE = "Use the single line of a .pub file: TYPE BASE64 COMMENT, without options before it."


def authorized_key(text: str, option: str = "authorized_keys") -> JailKey:
    """Return a key from the line of a .pub file. Raises InvalidRequest: no such line, a weak key, options before it.

    option: named in errors
    """
    key_type, _space, rest = text.strip().partition(" ")
    encoded, _space, comment = rest.strip().partition(" ")
    if key_type not in _TYPES or not _PLAIN.match(comment):
        raise InvalidRequest(f"{option}: must be a public key", cure=_CURE)
    try:
        key = parse_plain_key(key_type, encoded)
    except ValueError as error:
        raise InvalidRequest(f"{option}: {error}", cure=_CURE) from None
    if key_type == "ssh-rsa" and rsa_bits(key.blob) < LEAST_RSA_BITS:
        raise InvalidRequest(
            f"{option}: {key.fingerprint} is an RSA key of {rsa_bits(key.blob)} bits",
            cure=f"Use Ed25519, or RSA with at least {LEAST_RSA_BITS} bits.",
        )
    return JailKey(key, comment.strip())


def key_file_text(jail: Jail) -> str:
    """Return the text. `restrict` disables everything but the login, also features of later versions."""
    principals = ",".join(jail.principals or (jail.name,))
    certified = f'restrict,cert-authority,principals="{principals}"'
    return _HEAD + _lines("restrict", jail.keys) + _lines(certified, jail.authorities)


def _lines(options: str, keys: Sequence[JailKey]) -> str:
    return "".join(f"{' '.join(filter(None, (options, each.key.text, each.comment)))}\n" for each in keys)

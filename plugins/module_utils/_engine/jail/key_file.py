# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a jail's authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""

from __future__ import annotations

import re
from typing import Iterable

from ..errors import InvalidRequest
from ..trust.fingerprint import parse_plain_key
from ..trust.key_blob import rsa_bits
from .request import JailKey

__all__ = ["ROTATED_HEAD", "authorized_key", "key_file_text"]

LEAST_RSA_BITS = 3072
_HEAD = "# Managed by Ansible (secure.ftp_synchronize.jail_tree): changes are overwritten.\n"
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


def authorized_key(text: str) -> JailKey:
    """Return a key from the line of a .pub file. Raises InvalidRequest: no such line, a weak key, options before it."""
    key_type, _space, rest = text.strip().partition(" ")
    encoded, _space, comment = rest.strip().partition(" ")
    if key_type not in _TYPES or not _PLAIN.match(comment):
        raise InvalidRequest("authorized_keys: must be a public key that may log in", cure=_CURE)
    try:
        key = parse_plain_key(key_type, encoded)
    except ValueError as error:
        raise InvalidRequest("authorized_keys: %s" % error, cure=_CURE) from None
    if key_type == "ssh-rsa" and rsa_bits(key.blob) < LEAST_RSA_BITS:
        raise InvalidRequest(
            "authorized_keys: %s is an RSA key of %d bits" % (key.fingerprint, rsa_bits(key.blob)),
            cure="Use Ed25519, or RSA with at least %d bits." % LEAST_RSA_BITS,
        )
    return JailKey(key, comment.strip())


def key_file_text(keys: Iterable[JailKey]) -> str:
    """Return the text. `restrict` disables everything but the login, also features of later versions."""
    return _HEAD + "".join("restrict %s\n" % " ".join(filter(None, (each.key.text, each.comment))) for each in keys)

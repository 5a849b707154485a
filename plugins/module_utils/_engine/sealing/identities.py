# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities of age files: private keys, from the task or from a file that others cannot read."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from typing import Iterator, NamedTuple, Tuple

from ..errors import InvalidRequest
from ..model.display import display_text
from ..model.local_path import local_path
from ..model.request import Identities
from ..system.root_owned_path import closing

_X25519 = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\Z")
_SSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----\s(.*?)-----END OPENSSH PRIVATE KEY-----\s*\Z", re.DOTALL)
_SSH_START = "-----BEGIN "
_LARGEST = 1 << 20
_MAGIC = b"openssh-key-v1\0"
_PLAIN = b"\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01"
_ED25519 = b"\0\0\0\x33\0\0\0\x0bssh-ed25519"


class AgeIdentity(NamedTuple):
    """One private key. text: as the provider reads it; ssh: whether it is a key of OpenSSH; option: its origin"""

    text: str
    ssh: bool
    option: str

    def __repr__(self) -> str:
        return f"AgeIdentity({self.option})"


def age_identities(identities: Identities) -> Tuple[AgeIdentity, ...]:
    """Return all identities. Raises InvalidRequest."""
    found = tuple(key for option, text in secret_texts(identities) for key in _of_text(option, text))
    if not found:
        raise InvalidRequest(
            "decrypt.identities: no identity is given",
            cure="Set decrypt.identities to at least one private key.",
        )
    return found


def secret_texts(identities: Identities) -> Iterator[Tuple[str, str]]:
    """Yield the origin and the text of each item of the task, then of its file. Raises InvalidRequest."""
    for number, text in enumerate(identities.texts, 1):
        yield f"decrypt.identities: item {number}", text
    if identities.file is not None:
        yield "decrypt.identities_file", _private_file(identities.file)


def identity_invalid(option: str, fact: str) -> InvalidRequest:
    """Return the error of one identity, without its text."""
    name = option.partition(":")[0]
    return InvalidRequest(
        "%s %s" % (option if ":" in option else option + ":", fact),
        cure=f"Set {name} to AGE-SECRET-KEY lines or to an ssh-ed25519 private key without a passphrase.",
    )


def _of_text(option: str, text: str) -> Iterator[AgeIdentity]:
    if text.lstrip().startswith(_SSH_START):
        yield AgeIdentity(_openssh_key(option, text), True, option)
        return
    for line in filter(None, map(str.strip, text.splitlines())):
        if _X25519.match(line.upper()):
            yield AgeIdentity(line.upper(), False, option)
        elif not line.startswith("#"):
            raise identity_invalid(option, _fact(line))


def _fact(line: str) -> str:
    if line.upper().startswith("AGE-SECRET-KEY-PQ-"):
        return "is a post-quantum identity, which is not supported"
    return "is a public key" if line.startswith(("age1", "ssh-")) else "is not a private key"


def _openssh_key(option: str, text: str) -> str:
    """Return the key of OpenSSH with its lines ended by LF. Raises InvalidRequest if it has a passphrase."""
    clean = text.replace("\r\n", "\n").strip() + "\n"
    match = _SSH.match(clean)
    try:
        blob = base64.b64decode("".join(match.group(1).split()) if match else "", validate=True)
    except binascii.Error:
        blob = b""
    if not blob.startswith(_MAGIC):
        raise identity_invalid(option, "is not a private key of OpenSSH")
    if not blob.startswith(_MAGIC + _PLAIN):
        raise identity_invalid(option, "is encrypted with a passphrase")
    if not blob.startswith(_ED25519, len(_MAGIC + _PLAIN)):
        raise identity_invalid(option, "is not an ssh-ed25519 key")
    return clean


def _private_file(path: str) -> str:
    shown = f"decrypt.identities_file: {display_text(local_path(path))}"
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        with closing(os.open(local_path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)) as descriptor:
            _require_private(os.fstat(descriptor), shown)
            with os.fdopen(os.dup(descriptor), "rb") as file:
                return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidRequest(
            f"{shown}: {error.strerror or error}",
            cure="Set identities_file to a readable file on this host.",
        ) from None


def _require_private(status: os.stat_result, shown: str) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise InvalidRequest(
            f"{shown} is not a regular file of at most 1 MiB",
            cure="Set identities_file to a file with private keys.",
        )
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o077:
        raise InvalidRequest(
            f"{shown}: others may read it (uid {status.st_uid}, mode {stat.S_IMODE(status.st_mode):04o})",
            cure="Make identities_file yours with mode 0600. Replace the key if others had access.",
        )

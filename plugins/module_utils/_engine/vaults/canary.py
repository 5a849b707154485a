# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary: a file written through the mount of a vault, and sought in its store by name and content."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import NamedTuple

from ..errors import VaultUnsafe
from .request import Vault

_PREFIX = ".canary-"
_MOST_BYTES = 1 << 20


class Canary(NamedTuple):
    """name: of the file in the root of the vault"""

    name: str
    content: bytes


def placed(vault: Vault) -> Canary:
    """Write a canary through the mount, so that it is on the disk."""
    canary = Canary(_PREFIX + secrets.token_hex(16), secrets.token_hex(512).encode())
    descriptor = os.open(_path(vault, canary), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, canary.content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return canary


def removed(vault: Vault, canary: Canary) -> None:
    """Remove the canary through the mount."""
    with suppress(FileNotFoundError):
        os.unlink(_path(vault, canary))


def require_hidden(vault: Vault, canary: Canary) -> None:
    """Search the root of the store, where the canary must be. Raise VaultUnsafe if its name or content can be read."""
    with os.scandir(vault.cipher) as entries:
        for entry in entries:
            if canary.name in entry.name or canary.content in _content(entry):
                raise VaultUnsafe(
                    "store: %s shows a file unencrypted that was written to the vault %s" % (vault.store, vault.name),
                    cure="Treat the content of the vault as readable on this disk, and check the mount at %s."
                    % vault.mount,
                )


def _content(entry: os.DirEntry[str]) -> bytes:
    with suppress(OSError):
        if entry.is_file(follow_symlinks=False):
            with open(entry.path, "rb") as stream:
                return stream.read(_MOST_BYTES)
    return b""


def _path(vault: Vault, canary: Canary) -> str:
    return "%s/%s" % (vault.mount, canary.name)

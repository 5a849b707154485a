# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of key_revocation for a signed list, as the engine's value. Loaded for tasks with a list only."""

from __future__ import annotations

import os
import stat
from typing import Any, Mapping

from ..._engine.errors import InvalidRequest, NotFound
from ..._engine.rotation.server_keys.signed_list import SignedList
from ..._engine.signing.purpose import REVOCATIONS
from .. import paths
from ..verifying import signature_policy

_LARGEST = 64 << 20
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def signed_list(given: Mapping[str, Any]) -> SignedList:
    """Return the list. Raises InvalidRequest, NotFound, TrustStoreUnreadable, PinStoreUnsafe."""
    if given["state"] == "absent":
        raise InvalidRequest(
            "state: absent has no meaning with format: krl", cure="Remove the entry with key_revocation_list."
        )
    policy = signature_policy(given["verify"], REVOCATIONS)
    path = paths.local("list", given["list"])
    return SignedList(_read(path), _read(path + b".sig"), policy, _read(path + b".history", optional=True))


def _read(path: bytes, *, optional: bool = False) -> bytes:
    shown = os.fsdecode(path)
    try:
        with os.fdopen(os.open(path, _OPEN), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise InvalidRequest(
                    f"list: {shown} is not a file of at most {_LARGEST >> 20} MiB",
                    cure="Set list to the file that key_revocation_list made.",
                )
            return file.read()
    except OSError as error:
        if optional and isinstance(error, FileNotFoundError):
            return b""
        raise NotFound(f"list: {shown}: {error.strerror}", cure="Make the list with key_revocation_list.") from None

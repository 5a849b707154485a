# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of key_revocation for a signed list, as the engine's request. Loaded for tasks with a list only."""

from __future__ import annotations

import os
import stat
from typing import Any, Mapping

from ..._engine.errors import InvalidRequest, NotFound
from ..._engine.rotation.server_keys.key_lines import public_key
from ..._engine.rotation.server_keys.list_revocation import ListRevocation
from ..._engine.rotation.server_keys.signed_list import SignedList
from ..._engine.signing.purpose import REVOCATIONS
from .. import paths
from ..names import account_name, plain_path
from ..verifying import signature_policy

_LARGEST = 64 << 20
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def list_revocation(given: Mapping[str, Any], *, check_mode: bool) -> ListRevocation:
    """Return the request. Raises InvalidRequest, NotFound, TrustStoreUnreadable, PinStoreUnsafe."""
    if given["state"] == "absent":
        raise InvalidRequest(
            "state: absent has no meaning with format: krl", cure="Remove the entry with key_revocation_list."
        )
    policy = signature_policy(given["verify"], REVOCATIONS)
    path = paths.local("list", given["list"])
    return ListRevocation(
        plain_path(given["path"]),
        SignedList(_read(path), _read(path + b".sig"), policy, _read(path + b".history", optional=True)),
        tuple(map(public_key, given["keys"] or ())),
        account_name("account", given["account"]),
        given["end_sessions"],
        check_mode,
    )


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

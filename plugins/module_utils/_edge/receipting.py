# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `receipts` as the engine's frozen value."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.display import display
from .._engine.model.request import Receipting, Signing
from . import paths
from .login_words import signing_key

VERSION = "0.2.0"
"""Of this collection, as in galaxy.yml."""

_KEYS = ("private_key_file", "private_key", "public_key")
_LONGEST = 200

Params = Mapping[str, Any]


def receipting(params: Params, local_root: Optional[bytes]) -> Optional[Receipting]:
    """Return how a run leaves its receipt; None without the option. local_root: of the tree on this host, if any.

    Raises InvalidRequest, which never shows a secret.
    """
    given = params["receipts"]
    if given is None:
        return None
    path = paths.local("receipts.path", given["path"])
    if local_root is not None:
        require_outside("receipts.path", path, local_root)
    return Receipting(path, _key(params), require_words("receipts.job", given["job"]), VERSION)


def require_words(option: str, text: str) -> str:
    """Return a short text of one line. Raises InvalidRequest."""
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise InvalidRequest(
            f"{option}: is empty, has unprintable characters or more than {_LONGEST} characters",
            cure="Write a few words on one line.",
        )
    return text


def _key(params: Params) -> Signing:
    given, sign = params["receipts"], params.get("sign")
    if any(given[name] is not None for name in _KEYS):
        return signing_key("receipts", given)
    for name in ("passphrase", "certificate_file"):
        if given[name] is not None:
            raise InvalidRequest(f"receipts.{name}: needs a key", cure="Set private_key_file in receipts too.")
    if sign is None:
        raise InvalidRequest(
            "receipts: has no key that signs",
            cure="Set private_key_file, private_key or public_key in receipts%s."
            % ("; with sign, its key is the default" if "sign" in params else ""),
        )
    return signing_key("sign", sign)


def require_outside(option: str, path: bytes, root: bytes) -> None:
    """Refuse our own files in the tree itself: each would change the tree, and a pull could remove them."""
    real, tree = os.path.realpath(path), os.path.realpath(root)
    if real == tree or real.startswith(tree.rstrip(b"/") + b"/"):
        raise InvalidRequest(
            f"{option}: {display(path)} is in the tree {display(root)}",
            cure=f"Set {option} to a directory outside the tree.",
        )

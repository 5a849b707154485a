# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `sign` as the engine's frozen value. Loaded for tasks with it only."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS
from ..._engine.model.request import NONE, PUSH, SIZE_MTIME, Signing
from .. import paths, quantities
from ..login_words import signing_key
from ..verifying import tree

Params = Mapping[str, Any]


def signing(params: Params) -> Signing:
    """Return the options of a signed push. Raises InvalidRequest, which never shows a secret."""
    given = params["sign"]
    _require_fitting(params)
    if not any(given[name] is not None for name in ("private_key", "private_key_file", "public_key")):
        raise InvalidRequest("sign: has no key", cure="Set private_key_file, private_key or public_key in sign.")
    return signing_key("sign", given)._replace(
        valid_for=quantities.duration("sign.valid_for", given["valid_for"]),
        path=_path(params, given["path"]),
        keep=quantities.count("sign.keep", given["keep"], least=1),
        attributes=given["attributes"],
        sums=given["sums"],
        adopt=_adopted(given["adopt"]),
    )


def _adopted(given: Optional[Params]) -> Optional[Tuple[str, int]]:
    if given is None:
        return None
    return tree("sign.adopt.tree", given["tree"]), quantities.count("sign.adopt.sequence", given["sequence"], least=1)


def _require_fitting(params: Params) -> None:
    if params["direction"] != PUSH:
        raise InvalidRequest("sign: needs a push, and direction is pull", cure="Remove sign.")
    if params["compare"] == SIZE_MTIME:
        raise InvalidRequest(
            "sign: needs the digest of each file, and compare is size_mtime",
            cure="Set compare to recorded or checksum.",
        )
    if params["proof"] == NONE:
        raise InvalidRequest(
            "sign: signs only proven files, and proof is none", cure="Set proof to auto, server_hash or read_back."
        )
    if not params["lock"]:
        raise InvalidRequest("sign: needs the lock, so that no two runs publish at once", cure="Set lock to true.")


def _path(params: Params, text: str) -> bytes:
    path = paths.name("sign.path", text)
    if params["trash"] is not None and paths.trash("trash", params["trash"]).split(b"/")[0] == path:
        raise InvalidRequest("sign.path: is the directory of trash", cure="Set sign.path to another name.")
    if params["protocol"] == FTPS:
        paths.sendable("sign.path", path)
    return path

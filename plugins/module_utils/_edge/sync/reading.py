# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules that work at a server without a tree on this host: the server, a signed set there, and the part of
its files to read."""

from __future__ import annotations

import secrets
from typing import Any, Dict, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS
from ..._engine.model.request import PULL, SyncRequest
from ..._engine.model.tree_check import Sample
from .. import paths, quantities
from ..contract import Params
from ..receipting import receipting
from ..verifying import verifying
from . import params

MOST_PARTS = 1000


def reading_request(given: Params, *, check_mode: bool) -> SyncRequest:
    """Return how to reach the tree `src`, and the demands on its set. Raises InvalidRequest."""
    root = paths.remote("src", given["src"])
    if given["protocol"] == FTPS:
        paths.sendable("src", root)
    return request_at(given, root, check_mode=check_mode)._replace(
        state_dir=paths.state("state_dir", given["state_dir"] or ""),
        verify=verifying(given),
        receipts=receipting(given, None),
    )


def request_at(given: Params, root: bytes, *, check_mode: bool) -> SyncRequest:
    """Return how to reach `root` at the server. Raises InvalidRequest."""
    peer = params.endpoint(given)
    return SyncRequest(
        direction=PULL,
        local_root=b"/",
        remote_root=root,
        endpoint=peer,
        credentials=params.credentials(given),
        trust=params.trust(given),
        tls=params.tls(given, peer),
        state_dir=b"",
        run_id=secrets.token_hex(8),
        retries=quantities.count("retries", given["retries"], most=params.MOST_RETRIES),
        check_mode=check_mode,
    )


def sample_option() -> Dict[str, Any]:
    options = {"rotate": {"type": "int"}, "percent": {"type": "float"}, "bytes": {"type": "str"}}
    return {"sample": {"type": "dict", "options": options, "mutually_exclusive": [tuple(options)]}}


def sample(given: Params) -> Sample:
    """Return the part of the files. Raises InvalidRequest."""
    wanted = given["sample"] or {}
    if given["sample"] is not None and given["content"] != "sample":
        raise InvalidRequest(f"sample: has no meaning with content: {given['content']}", cure="Remove sample.")
    percent, rotate = wanted.get("percent"), wanted.get("rotate")
    if percent is not None and not 0 < percent <= 100:
        raise InvalidRequest(f"sample.percent: {percent} is out of range", cure="Write more than 0, at most 100.")
    if rotate is not None:
        return Sample(quantities.count("sample.rotate", rotate, least=1, most=MOST_PARTS))
    return Sample(percent=percent, size=_bytes(wanted.get("bytes")))


def _bytes(text: Optional[str]) -> Optional[int]:
    try:
        return None if text is None else max(1, quantities.byte_count(text))
    except ValueError:
        raise InvalidRequest(
            f"sample.bytes: {text!r} is not a number of bytes", cure="Write it like 500M, 10G or 1048576."
        ) from None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that name revoked keys and certificates, as entries of the engine."""

from __future__ import annotations

from typing import Any, Dict, Iterator

from ..._engine.errors import InvalidRequest
from ..._engine.krl.entries import Revoked, by_fingerprint, by_id, by_key, by_serial
from ..contract import Params


def revoked_spec() -> Dict[str, Any]:
    texts = {"type": "list", "elements": "str", "default": []}
    certificates = {"ca": {"type": "str", "required": True}, "serials": texts, "ids": texts}
    return {
        "fingerprints": texts,
        "keys": {**texts, "no_log": False},
        "certificates": {"type": "list", "elements": "dict", "default": [], "options": certificates},
    }


def revoked_entries(given: Params) -> Iterator[Revoked]:
    """Yield each entry. Raises InvalidRequest."""
    yield from map(by_fingerprint, given["fingerprints"])
    yield from map(by_key, given["keys"])
    for each in given["certificates"]:
        if not each["serials"] and not each["ids"]:
            raise InvalidRequest(
                "certificates: an authority has neither serials nor ids",
                cure="List serials or ids; to refuse the authority itself, add its key to keys.",
            )
        yield from (by_serial(each["ca"], text) for text in each["serials"])
        yield from (by_id(each["ca"], text) for text in each["ids"])

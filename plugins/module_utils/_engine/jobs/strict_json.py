# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict JSON: one meaning for each text. RFC 8259 leaves double names, NaN and lone surrogates to the reader."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple


def parse(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raises ValueError with a fact for people."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except UnicodeError:
        raise ValueError("is not UTF-8, or has half of a surrogate pair") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    return value


def _unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        first = next(name for index, (name, _value) in enumerate(pairs) if name in dict(pairs[:index]))
        raise ValueError(f"has the name {first!r} twice")
    return names


def _no_constant(text: str) -> None:
    raise ValueError(f"has the value {text}, which JSON does not have")

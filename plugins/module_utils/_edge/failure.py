# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cause of a failure, as each module and action returns it."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.errors import SyncError
from .._engine.model.display import plain
from .words import path_words, sentence

Result = Dict[str, Any]


def failure(error: SyncError, *, others: int = 0, finished: str = "") -> Result:
    """Return the part of a result with the cause of the failure.

    others: number of other failed items
    finished: the summary of the changes that were made nevertheless
    """
    parts = [sentence(error)]
    if others:
        parts.append("(%d more %s failed)" % (others, "item" if others == 1 else "items"))
    if finished:
        parts[-1] += "" if parts[-1].endswith((".", ")")) else "."
        parts.append(f"Finished: {finished}.")
    return {"failed": True, "msg": " ".join(parts), "error": error_result(error)}


def error_result(error: SyncError) -> Result:
    return {
        "code": error.code,
        "path": None if error.path is None else path_words(error.path),
        "message": plain(error.message),
        "cure": plain(error.cure),
    }

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The observed directories that lead to a file. Their owners can replace the file."""

from __future__ import annotations

import os
from typing import Any, Collection, Iterator, Mapping, Sequence, Tuple

from .control import NotMeasured
from .values import octal

__all__ = ["changeable", "require_way"]

_WRITABLE = 0o022


def changeable(parts: Sequence[Mapping[str, Any]], owners: Collection[int] = (0,)) -> Iterator[Tuple[str, str]]:
    """Yield each part of a way that others than the owners can change, and the requirement."""
    for part in parts:
        if part["uid"] not in owners:
            yield "%s: owned by the user id %d" % (part["path"], part["uid"]), "owned by root"
        if octal(part["mode"]) & _WRITABLE:
            yield "%s: mode %s" % (part["path"], part["mode"]), "writable for root alone"


def require_way(parts: Sequence[Mapping[str, Any]], target: str = "") -> None:
    """Raise NotMeasured if a directory is missing in a way, or its end. target: "" for a file that does not exist."""
    paths = {part["path"] for part in parts}
    missing = sorted(path for path in paths if os.path.dirname(path) not in paths)
    if missing or not paths:
        raise NotMeasured("the directory above %s was not observed" % (missing[0] if missing else target or "a file"))
    if target and parts[-1]["path"] != target:
        raise NotMeasured("%s was not observed" % target)

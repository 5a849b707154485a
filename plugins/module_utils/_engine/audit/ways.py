# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The observed directories that lead to a file. Their owners can replace the file."""

from __future__ import annotations

import os
from typing import Any, Collection, Iterator, Mapping, Sequence

from .control import Gap, NotMeasured
from .values import octal

_WRITABLE = 0o022
_Parts = Sequence[Mapping[str, Any]]


def changeable(parts: _Parts, shown: str = "%s", owners: Collection[int] = (0,)) -> Iterator[Gap | NotMeasured]:
    """Yield a gap for each part of a way that others than the owners can change. shown: text with a place for it."""
    for part in parts:
        if part["uid"] not in owners:
            yield Gap(shown % ("%s: owned by the user id %d" % (part["path"], part["uid"])), "owned by root", "high")
        try:
            if octal(part["mode"]) & _WRITABLE:
                yield Gap(shown % ("%s: mode %s" % (part["path"], part["mode"])), "writable for root alone", "high")
        except NotMeasured as reason:
            yield reason


def unseen(parts: _Parts, target: str = "") -> Iterator[NotMeasured]:
    """Yield the reason if a directory is missing in a way, or its end. target: "" for a file that does not exist."""
    paths = {part["path"] for part in parts}
    missing = sorted(path for path in paths if os.path.dirname(path) not in paths)
    if missing or not paths:
        yield NotMeasured("the directory above %s was not observed" % (missing[0] if missing else target or "a file"))
    elif target and parts[-1]["path"] != target:
        yield NotMeasured("%s was not observed" % target)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind and the age of the password of each account. Hashes are not reported."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Sequence

from ...model.utc import utc
from ...system.program import ask_program
from .accounts import Login

LOCKED = "locked"
"""The kind of a hash that no password has."""
_DAY = 86400
_DES = re.compile(r"_?[./0-9A-Za-z]{13,}\Z")


def passwords(logins: Sequence[Login]) -> List[Dict[str, Any]]:
    """Return the passwords by shadow(5).

    `kind` is the id of the hash in crypt(5), such as y or 6, or empty, locked, des or unknown. An account of which
    shadow(5) has no entry is left out.
    """
    return [found for name, entry in logins if entry is not None for found in _password(name)]


def _password(name: str) -> Iterator[Dict[str, Any]]:
    fields = ask_program("getent", "shadow", name).out.rstrip("\n").split(":")
    if len(fields) > 2 and fields[0] == name:
        changed = utc(int(fields[2]) * _DAY) if fields[2].isdigit() else ""
        yield {"account": name, "kind": _kind(fields[1]), "changed": changed}


def _kind(text: str) -> str:
    if not text:
        return "empty"
    if text[0] in "!*":
        return LOCKED
    if text[0] == "$":
        return text.split("$")[1]
    return "des" if _DES.match(text) else "unknown"

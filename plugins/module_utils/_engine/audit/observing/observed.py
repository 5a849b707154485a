# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observed: a value with its source, or the reason for which there is none. Nothing here is judged."""

from __future__ import annotations

import pwd
from typing import Any, NamedTuple, Optional, Tuple

MOST = 500
"""Entries of a list. A longer list is no value: the rest could have the defect."""
LONGEST = 4000
"""Characters of a text."""

Login = Tuple[str, Optional[pwd.struct_passwd]]
"""Name of an account, and its entry; None if there is no such account."""


class Unobservable(Exception):
    """There is no value. str() is the reason."""


class Observed(NamedTuple):
    """`what`: name of the observation. source: files and programs. method: a command that repeats the measurement."""

    what: str
    source: str
    method: str
    value: Any = None
    reason: str = ""


def bounded(value: Any) -> Any:
    """Return a value. Raises Unobservable if it is too large."""
    if isinstance(value, str) and len(value) > LONGEST:
        raise Unobservable(f"a text has more than {LONGEST} characters")
    if isinstance(value, (list, dict)):
        if len(value) > MOST:
            raise Unobservable(f"there are more than {MOST} entries")
        for each in value.values() if isinstance(value, dict) else value:
            bounded(each)
    return value

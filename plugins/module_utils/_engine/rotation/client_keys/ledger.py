# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of a job: which servers are behind, since when, in which phase and why. It is for people."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, NamedTuple

from ...model.utc import utc

NOT_TRIED = "not tried in this run"
_FIELDS = ("since", "phase", "reason")


class Entry(NamedTuple):
    """since: UTC, when the server came to be behind."""

    since: str
    phase: str
    reason: str


Entries = Mapping[str, Entry]


def parse_ledger(content: bytes) -> Dict[str, Entry]:
    """Return the entries by server. An unreadable ledger counts as empty: it must not stop the revocation of a key."""
    try:
        servers: Any = json.loads(content.decode("utf-8"))["servers"]
        return {name: Entry(*(str(each[field]) for field in _FIELDS)) for name, each in servers.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def ledger_text(entries: Entries) -> bytes:
    servers = {name: entries[name]._asdict() for name in sorted(entries)}
    return (json.dumps({"servers": servers}, indent=2) + "\n").encode("utf-8")


def noted(entries: Entries, server: str, phase: str, reason: str, now: float) -> Entry:
    """Return the entry of a server that is behind: it keeps the time of the first entry."""
    before = entries.get(server)
    return Entry(utc(now) if before is None else before.since, phase, reason)

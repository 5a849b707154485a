# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of AIDE in its format `json`: all differences of files from the accepted state, its database."""

from __future__ import annotations

import hashlib
import json
from typing import Any, List, Mapping, NamedTuple

from .event import CONFIGURATION_ADDED, CONFIGURATION_CHANGED, CONFIGURATION_REMOVED

_ACTIONS = {"added": CONFIGURATION_ADDED, "removed": CONFIGURATION_REMOVED, "changed": CONFIGURATION_CHANGED}
_OBSERVED = {CONFIGURATION_ADDED: "a new file", CONFIGURATION_REMOVED: "no file"}


class Difference(NamedTuple):
    """One file. observed: its difference, for people. digest: of old and new values, to recognize a further change."""

    action: str
    path: bytes
    observed: str
    digest: str


class Report(NamedTuple):
    """state: SHA-256 of the database, as AIDE writes it. uncompared: files of which not all attributes were compared,
    because settings and database ask for different attributes."""

    differences: List[Difference]
    state: str
    uncompared: int


def parse_report(text: bytes) -> Report:
    """Return a report. Raises ValueError."""
    try:
        # AIDE writes names as they are; not all are UTF-8.
        return _report(json.loads(text.decode("utf-8", "surrogateescape"), strict=False))
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("not a report of AIDE: %r" % error) from None


def _report(values: Any) -> Report:
    details = values.get("details", {})
    differences = [
        _difference(action, name, details.get(name, {}))
        for part, action in _ACTIONS.items()
        for name in values.get(part, {})
    ]
    if len(differences) < sum(values["number_of_entries"].get(part, 0) for part in _ACTIONS):
        raise ValueError("not all differences are in the report")
    (database,) = values["databases"].values()
    return Report(differences, str(database["sha256"]), len(values.get("different_attributes", {})))


def _difference(action: str, name: str, detail: Mapping[str, Any]) -> Difference:
    observed = _OBSERVED.get(action) or "another " + ", ".join(detail or ["content"])
    digest = hashlib.sha256(json.dumps([action, detail], sort_keys=True).encode("utf-8")).hexdigest()[:32]
    return Difference(action, name.encode("utf-8", "surrogateescape"), observed, digest)

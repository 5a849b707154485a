# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets hidden in a result, also single lines and escaped forms, as they come in the text of exceptions."""

from __future__ import annotations

from typing import Any, Iterable, List, Set

SHORTEST_LINE = 12
HIDDEN = "********"


def forms(secrets: Iterable[str]) -> List[str]:
    """Return the texts to hide for these secrets, the longest first."""
    found: Set[str] = set()
    for secret in filter(None, secrets):
        found.update((secret, secret.strip(), repr(secret)[1:-1]))
        found.update(
            line for line in secret.splitlines() if len(line) >= SHORTEST_LINE and not line.startswith("-----")
        )
    return sorted(filter(None, found), key=len, reverse=True)


def hidden(value: Any, texts: List[str]) -> Any:
    """Return a value of a result with HIDDEN in the place of each text; keys stay."""
    if isinstance(value, dict):
        return {name: hidden(each, texts) for name, each in value.items()}
    if isinstance(value, list):
        return [hidden(each, texts) for each in value]
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, HIDDEN)
    return value

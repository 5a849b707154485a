# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers from observed settings of sshd. Keywords are in lower case, as `sshd -T` prints them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional

from .control import NotMeasured, Subject

__all__ = ["Settings", "first", "logins", "never_punished", "partners", "seconds", "words"]

Settings = Mapping[str, List[str]]


def logins(subject: Subject) -> Iterator[Dict[str, Any]]:
    """Yield the accounts of a host that exist."""
    found = [each for each in subject.values["sshd_settings"] if each["exists"]]
    if not found:
        raise NotMeasured("sshd_settings: no account was observed")
    yield from found


def partners(subject: Subject, what: str) -> Iterator[Dict[str, Any]]:
    """Yield the entry of each partner's account. Raises NotMeasured, after the others, if an entry is missing."""
    if not subject.named.accounts:
        raise NotMeasured("accounts: no account of a partner is named")
    entries = {each["account"]: each for each in subject.values[what]}
    yield from (entries[name] for name in subject.named.accounts if _exists(entries.get(name)))
    for name in subject.named.accounts:
        if not _exists(entries.get(name)):
            raise NotMeasured(
                "%s: the account %s %s" % (what, name, "does not exist" if name in entries else "is missing")
            )


def _exists(entry: Optional[Mapping[str, Any]]) -> bool:
    return entry is not None and entry.get("exists") is not False


def first(settings: Settings, keyword: str) -> str:
    """Return the value of a keyword. Raises NotMeasured, because a keyword without a value decides nothing."""
    values = settings.get(keyword)
    if not values:
        raise NotMeasured("sshd_settings: sshd has no %s" % keyword)
    return values[0]


def words(settings: Settings, keyword: str) -> List[str]:
    """Return the parts of a list of names, such as of ciphers. Raises NotMeasured if it is empty."""
    found = [part for part in first(settings, keyword).split(",") if part]
    if not found:
        raise NotMeasured("sshd_settings: %s is empty" % keyword)
    return found


def seconds(settings: Settings, keyword: str) -> int:
    """Return a number. Raises NotMeasured."""
    text = first(settings, keyword)
    if not (text.isascii() and text.isdigit()):
        raise NotMeasured("sshd_settings: %s %s is not a number" % (keyword, text))
    return int(text)


def never_punished(subject: Subject) -> List[str]:
    """Return the addresses that sshd never punishes. OpenSSH before 9.8 does not print the keyword."""
    lists = (login["settings"].get("persourcepenaltyexemptlist") or () for login in logins(subject))
    return sorted({each for addresses in lists for each in addresses if each != "none"})

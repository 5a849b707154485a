# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers from observed settings of sshd. Keywords are in lower case, as `sshd -T` prints them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping

from .control import NotMeasured, Subject

Settings = Mapping[str, List[str]]
_ROOT = "root"


def logins(subject: Subject) -> Iterator[Dict[str, Any]]:
    """Yield the accounts of a host that exist, each with its name for people as `shown`; an account several times, if
    its settings depend on the port or on the address of the client. Raises NotMeasured, after the others, if root or a
    named account is missing."""
    found = [each for each in subject.values["sshd_settings"] if each["exists"]]
    yield from map(_with_name, found)
    missing = {_ROOT} - {each["account"] for each in found}
    missing |= set(subject.named.accounts) - {each["account"] for each in subject.values["sshd_settings"]}
    if missing:
        raise NotMeasured("sshd_settings: not observed: %s" % ", ".join(sorted(missing)))


def _with_name(entry: Mapping[str, Any]) -> Dict[str, Any]:
    ports = entry.get("ports")
    numbers = [str(each) for each in ports if isinstance(each, int)] if isinstance(ports, list) else []
    words = " on port%s %s" % ("s" if len(numbers) > 1 else "", ", ".join(numbers)) if numbers else ""
    client = entry.get("client")
    return {**entry, "shown": entry["account"] + words + (" from %s" % client if client else "")}


def partners(subject: Subject, what: str) -> Iterator[Dict[str, Any]]:
    """Yield the entries of each partner's account, as `logins` does. Raises NotMeasured, after the others, if an entry
    is missing."""
    if not subject.named.accounts:
        raise NotMeasured("accounts: no account of a partner is named")
    named = [each for each in subject.values[what] if each["account"] in subject.named.accounts]
    there = [each for each in named if each.get("exists") is not False]
    yield from map(_with_name, there)
    for name in subject.named.accounts:
        if name not in {each["account"] for each in there}:
            known = name in {each["account"] for each in named}
            raise NotMeasured("%s: the account %s %s" % (what, name, "does not exist" if known else "is missing"))


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
    return _number(first(settings, keyword), keyword)


def _number(text: str, shown: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise NotMeasured("sshd_settings: %s %s is not a number" % (shown, text))
    return int(text)


def penalties(settings: Settings) -> Dict[str, int]:
    """Return the numbers of PerSourcePenalties by their names, none if sshd punishes no address. OpenSSH before 9.8 has
    no penalties, and does not print the keyword. Raises NotMeasured."""
    text = " ".join(settings.get("persourcepenalties") or ["no"])
    pairs = [] if text == "no" else [word.partition(":") for word in text.split()]
    found = {name: value for name, _colon, value in pairs if not name.startswith("overflow")}
    return {name: _number(value, "persourcepenalties %s" % name) for name, value in found.items()}


def never_punished(subject: Subject) -> List[str]:
    """Return the addresses that sshd never punishes, none if it punishes no address at all."""
    punishing = (each["settings"] for each in logins(subject) if penalties(each["settings"]).get("authfail"))
    lists = (settings.get("persourcepenaltyexemptlist") or () for settings in punishing)
    return sorted({each for addresses in lists for each in addresses if each != "none"})

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of sshd_config(5) that a profile and the role's options mean, for the sshd that is installed."""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Sequence

from .daemon import Version, known_algorithms
from .profiles import SINCE, Profile

DROP_IN = "/etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf"
OURS = "/etc/ssh/sshd_config.d/*-secure_ftp_synchronize*.conf"
EXPECTED_WORDS = "persourcepenalties"
_HEAD = "# Written by the Ansible collection secure.ftp_synchronize; changes made here are undone by its next run.\n"
_QUERIES = {"KexAlgorithms": "kex", "Ciphers": "cipher", "MACs": "mac"}
_SUBSYSTEMS_OVERRIDE = (9, 5)
_SHARE = 5
"""Of sshd's own MaxStartups, 10:30:100."""
_KEPT = ("port", "listenaddress", "addressfamily", "usepam", "acceptenv", "authorizedkeysfile", "trustedusercakeys")

Settings = Mapping[str, str]
"""Keyword, as sshd_config(5) spells it -> value."""


def settings_of(profile: Profile, own: Settings, version: Version) -> Dict[str, str]:
    """Return the profile's settings overridden by `own`; settings that this sshd does not know are left out."""
    merged = {keyword: ",".join(_known(keyword, names)) for keyword, names in profile.algorithms.items()}
    merged.update(profile.settings)
    for keyword, value in own.items():
        merged = {name: old for name, old in merged.items() if name.lower() != keyword.lower()}
        merged[keyword] = value
    merged = {**_shares(merged), **merged}
    return {keyword: value for keyword, value in merged.items() if SINCE.get(keyword, (0, 0)) <= version}


def lines_of(settings: Settings, matches: Mapping[str, Settings]) -> str:
    """Return a file of settings. matches: criteria of Match -> their settings."""
    text = _HEAD + _lines(settings)
    for criteria, own in matches.items():
        text += f"\nMatch {criteria}\n{re.sub('(?m)^', '    ', _lines(own)).rstrip(' ')}"
    return text


def whole_file(text: str, settings: Settings, version: Version) -> str:
    """Return a whole sshd_config that replaces `text`, with its listening addresses and the settings the system
    needs."""
    top = re.split(r"(?im)^[ \t]*Match\s", text)[0]
    kept = [line for line in top.splitlines(keepends=True) if line.split()[:1] and line.split()[0].lower() in _KEPT]
    if version < _SUBSYSTEMS_OVERRIDE:
        kept.append(f"Subsystem {settings['Subsystem']}\n")
    return _HEAD + f"Include {OURS}\n" + "".join(kept)


def without_subsystem(settings: Settings, version: Version) -> Settings:
    """Return the settings that a drop-in may have: an older sshd takes a second definition of a subsystem for an
    error."""
    return {name: value for name, value in settings.items() if name != "Subsystem" or version >= _SUBSYSTEMS_OVERRIDE}


def main_file(text: str, settings: Settings, version: Version, *, include: bool) -> str:
    """Return the distribution's sshd_config with the lines that a drop-in needs. include: put our Include first."""
    if version < _SUBSYSTEMS_OVERRIDE:
        text = re.sub(r"(?im)^[ \t]*Subsystem[ \t]+sftp[ \t].*$", "Subsystem " + settings["Subsystem"], text)
    lines = text.splitlines(keepends=True)
    wanted = f"Include {OURS}\n"
    if include and wanted not in lines[:1]:
        lines = [wanted, *(line for line in lines if line != wanted)]
    return "".join(lines)


def _shares(settings: Settings) -> Dict[str, str]:
    """Return how many of the connections that may wait for their login one address may have: half of those after which
    sshd begins to refuse any. A network of IPv6 that one site has counts as one address."""
    given = {keyword.lower(): value for keyword, value in settings.items()}
    first = str(given.get("maxstartups", "")).partition(":")[0]
    share = max(1, int(first) // 2) if first.isdigit() else _SHARE
    shares = {"PerSourceMaxStartups": str(share), "PerSourceNetBlockSize": "32:64"}
    return {keyword: value for keyword, value in shares.items() if keyword.lower() not in given}


def _lines(settings: Settings) -> str:
    """Return the lines of the settings: a value of several lines means a repeated keyword."""
    return "".join(f"{keyword} {line}\n" for keyword, value in settings.items() for line in value.splitlines())


def _known(keyword: str, names: Sequence[str]) -> List[str]:
    known = known_algorithms(_QUERIES.get(keyword, "key-sig"))
    return [name for name in names if name in known]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files in which sshd may look for the keys of an account, and its other ways to let an account in.

A block of sshd's configuration may hold for certain addresses alone, so sshd is asked about an address of each block.
"""

from __future__ import annotations

import glob
import ipaddress
import os
import re
import shlex
from contextlib import suppress
from typing import Callable, Iterator, List, Tuple

from ..rotation.server_keys.read_by_sshd import Ask, asked, expanded
from ..sshd.administrators import LOOPBACK
from ..sshd.daemon import CONFIG, Client, installed
from ..sshd.views import values

_KEYS, _INCLUDE, _MATCH, _AUTHORITIES = "authorizedkeysfile", "include", "match", "trustedusercakeys"
_LINE = re.compile(r"^[ \t]*(include|match|trustedusercakeys)(?:[ \t]*=|[ \t])(.*)$", re.IGNORECASE | re.MULTILINE)
_ADDRESSES = re.compile(r"(?<![a-z])address[ \t=]+(\S+)", re.IGNORECASE)
_DEEPEST = 16
_MOST_ADDRESSES = 64
WAYS = ("AuthorizedKeysCommand", "HostbasedAuthentication", "TrustedUserCAKeys")
"""Settings of sshd by which an account gets in without its authorized keys and its password."""
_CLOSED = ("none", "no", "")


def _asked_from(account: str, address: str) -> Tuple[str, ...]:
    return values(Client(account, address), _KEYS) if installed() else ()


def key_words(
    account: str, *, ask: Callable[[str, str], Tuple[str, ...]] = _asked_from, config: str = CONFIG
) -> List[str]:
    """Return the words of AuthorizedKeysFile for an account, from any address and on any port. Raises
    ConfigurationInvalid."""
    found = [value for address in (LOOPBACK, *match_addresses(config)) for value in ask(account, address)]
    return [word for word in dict.fromkeys(" ".join(found).split()) if word != "none"]


def key_paths(account: str, words: List[str]) -> List[str]:
    """Return the paths behind these words. Raises KeyError if there is no such account."""
    return list(dict.fromkeys(expanded(words, account)))


def authority_files(account: str, *, ask: Ask = asked, config: str = CONFIG) -> List[str]:
    """Return the files of all authorities of certificates, also those in blocks for other accounts."""
    named = [word for keyword, value in configured(config) if keyword == _AUTHORITIES for word in _words(value)]
    return [path for path in dict.fromkeys([*named, *ask(account, _AUTHORITIES)]) if path.startswith("/")]


def other_ways(account: str, *, ask: Ask = asked) -> List[str]:
    """Return the names of those that are in force for an account."""
    return [name for name in WAYS if " ".join(ask(account, name.lower())) not in _CLOSED]


def match_addresses(config: str) -> List[str]:
    """Return an address of each block that holds for certain addresses."""
    values = [value for keyword, value in configured(config) if keyword == _MATCH]
    patterns = [each for value in values for found in _ADDRESSES.findall(value) for each in found.split(",")]
    return list(dict.fromkeys(address for each in patterns for address in _address_of(each)))[:_MOST_ADDRESSES]


def _address_of(pattern: str) -> Iterator[str]:
    with suppress(ValueError):
        text = pattern.strip('"').lstrip("!").replace("*", "1").replace("?", "1")
        yield str(ipaddress.ip_network(text, strict=False).network_address)


def configured(path: str, depth: int = 0) -> Iterator[Tuple[str, str]]:
    """Yield keyword and value of these lines in a file of sshd's configuration, and in the files that it includes."""
    with suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as stream:
        for keyword, value in _LINE.findall(stream.read()):
            value = value.strip()
            if keyword.lower() != _INCLUDE:
                yield keyword.lower(), value
            elif depth < _DEEPEST:
                for each in _included(value):
                    yield from configured(each, depth + 1)


def _included(value: str) -> List[str]:
    patterns = [os.path.join(os.path.dirname(CONFIG), word) for word in _words(value)]
    return [each for pattern in patterns for each in sorted(glob.glob(pattern))]


def _words(value: str) -> List[str]:
    try:
        return shlex.split(value, comments=True)
    except ValueError:
        return value.split()

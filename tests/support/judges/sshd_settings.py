# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second opinion on the settings of sshd: `sshd -T` for each account, judged by rules that share no code with the
product.

found = opinion(host.inside)
assert found == {("6.2", "root", "aes128-cbc")} == reported(rows)
"""

from __future__ import annotations

__all__ = ["accounts", "opinion", "reported"]

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Opinion = set[tuple[str, str, str]]
"""Row, account, and the weakness: a cipher, or `password`."""

_ASK = """getent passwd | while IFS=: read -r name _password uid _gid _gecos home _shell; do
  [ "$uid" = 0 ] || { [ "$uid" -ge 1000 ] && [ "$uid" -lt 65534 ]; } || [ -s "$home/.ssh/authorized_keys" ] || continue
  echo "account $name"
  sshd -T -C "user=$name,host=client.example.com,addr=192.0.2.1"
done
"""
_CIPHERS = re.compile(r"chacha20-poly1305@openssh\.com|aes(128|256)-gcm@openssh\.com|aes(128|192|256)-ctr")
_FINDING = re.compile(r"(\S+): (?:Ciphers has (?P<ciphers>.*)|PasswordAuthentication yes)\Z")


def opinion(inside: Callable[[str], str]) -> Opinion:
    """Return the weaknesses of the accounts. inside: runs a script as root on the host and returns its output."""
    return {each for name, settings in _settings(inside(_ASK)) for each in _judged(name, settings)}


def accounts(inside: Callable[[str], str]) -> list[str]:
    """Return the names of the accounts of the opinion."""
    return [name for name, _settings_of in _settings(inside(_ASK))]


def _settings(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for part in re.split(r"^account ", text, flags=re.M)[1:]:
        name, *lines = part.splitlines()
        yield name, dict(line.split(" ", 1) for line in lines if " " in line)


def _judged(name: str, settings: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for cipher in settings["ciphers"].split(","):
        if not _CIPHERS.fullmatch(cipher):
            yield "6.2", name, cipher
    is_open = name != "root" or settings["permitrootlogin"] == "yes"
    if is_open and settings["passwordauthentication"] == "yes":
        yield "2.1", name, "password"


def reported(rows: Mapping[str, Mapping[str, Any]]) -> Opinion:
    """Return the same weaknesses as the rows of a report name them."""
    return {
        (control, found[1], weakness)
        for control in ("2.1", "6.2")
        for each in rows[control]["findings"]
        for found in [_FINDING.match(each["observed"])]
        if found
        for weakness in (found["ciphers"] or "password").split(", ")
    }

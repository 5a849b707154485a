# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""known_hosts in sshd(8)'s form (SSH_KNOWN_HOSTS FILE FORMAT): parsed and matched; and a file as it counts now,
since ssh reads the file itself and does not know of pins that end."""

from __future__ import annotations

import base64
import binascii
import contextlib
import fnmatch
import re
from typing import Iterable, List, NamedTuple, Optional, Tuple

from ..model.local_path import local_path
from .fingerprint import PublicKey, parse_public_key
from .validity import VALIDITY_MARK, validity_of

USER_STORES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
GLOBAL_STORES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
"""ssh's own files."""

CERT_AUTHORITY = "@cert-authority"
REVOKED = "@revoked"
_DEFAULT_PORT = 22
# Only blanks and tabs separate fields, and only a line feed ends a line, as in ssh: str.split and str.splitlines
# accept many more, and would find keys inside text that ssh treats as a comment.
_FIELDS = re.compile(
    r"[ \t]*(?:(?P<marker>@[^ \t]*)[ \t]+)?(?P<hosts>[^ \t@#][^ \t]*)[ \t]+(?P<type>[^ \t]+)[ \t]+(?P<key>[^ \t\r]+)"
    r"(?P<comment>(?:[ \t\r].*)?)\Z",
    re.DOTALL,
)


class KnownHost(NamedTuple):
    """One line of the file.

    hosts: the first field as it stands (patterns or a hashed name).
    marker: "" or an @ word.
    comment: the text after the key.
    sound: whether ssh-keygen -l would take the key; such a line proves nothing otherwise, and can only be removed.
    place: file and line, for people.
    """

    marker: str
    hosts: str
    key: PublicKey
    comment: str = ""
    sound: bool = True
    place: str = ""


def parse_known_hosts(text: str, path: str = "") -> List[KnownHost]:
    """Return the lines that hold a sound key; other lines are passed over, as ssh does. path: the file, for people."""
    entries = ((number, parse_line(line)) for number, line in enumerate(text.split("\n"), 1))
    sound = ((number, entry) for number, entry in entries if entry is not None and entry.sound)
    return [entry._replace(place=f"{path} line {number}" if path else "") for number, entry in sound]


def split_fields(line: str) -> Optional[re.Match[str]]:
    """Return the fields of a line that may hold a key, without its line feed: marker, hosts, type, key and comment."""
    found = _FIELDS.match(line)
    return found if found is not None and found.group("marker") in (None, CERT_AUTHORITY, REVOKED) else None


def parse_line(line: str) -> Optional[KnownHost]:
    """Return the key of a line without its line feed, even if damaged; None if it holds no key."""
    fields = split_fields(line)
    if fields is None:
        return None
    key, sound = _key(fields.group("type"), fields.group("key"))
    comment = fields.group("comment").strip(" \t\r")
    return None if key is None else KnownHost(fields.group("marker") or "", fields.group("hosts"), key, comment, sound)


def _key(key_type: str, encoded: str) -> Tuple[Optional[PublicKey], bool]:
    """Return the key, and whether it is sound. ssh of another version may read a key that this version cannot judge."""
    with contextlib.suppress(ValueError):
        return parse_public_key(key_type, encoded), True
    with contextlib.suppress(ValueError):
        damaged = PublicKey(key_type, base64.b64decode(encoded, validate=True))
        return (None if damaged.is_certificate else damaged), False
    return None, False


def host_name(host: str, port: Optional[int]) -> str:
    """Return the name under which known_hosts knows a server: "host", or "[host]:port" away from port 22."""
    lowered = host.lower()
    return lowered if port in (None, _DEFAULT_PORT) else f"[{lowered}]:{port}"


def matching(entries: Iterable[KnownHost], host: str, port: Optional[int]) -> List[KnownHost]:
    """Return the entries for this server.

    As in ssh, a key that is known for the bare host counts on another port too, when no entry names the port.
    """
    wanted = list(entries)
    exact = [entry for entry in wanted if matches(entry.hosts, host_name(host, port))]
    if any(not entry.marker for entry in exact) or port in (None, _DEFAULT_PORT):
        return exact
    return exact + [entry for entry in wanted if entry not in exact and matches(entry.hosts, host.lower())]


def matches(hosts: str, name: str) -> bool:
    """Return whether the first field of a line, `hosts`, covers `name` (as of `host_name`)."""
    if hosts.startswith("|"):
        return _matches_hash(hosts, name)
    found = False
    for pattern in hosts.lower().split(","):
        if pattern.startswith("!"):
            if _matches_pattern(pattern[1:], name):
                return False
        elif _matches_pattern(pattern, name):
            found = True
    return found


def _matches_pattern(pattern: str, name: str) -> bool:
    """Match a pattern. Only "*" and "?" are special; brackets belong to [host]:port."""
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), name) is not None


def _matches_hash(hosts: str, name: str) -> bool:
    """ "|1|base64(salt)|base64(HMAC-SHA1(salt, name))" (ssh-keygen -H)."""
    parts = hosts.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return False
    try:
        salt, digest = base64.b64decode(parts[2], validate=True), base64.b64decode(parts[3], validate=True)
    except (binascii.Error, ValueError):
        return False
    # Few files have such names, and OpenSSL's library takes time to load.
    import hashlib  # pylint: disable=import-outside-toplevel
    import hmac  # pylint: disable=import-outside-toplevel

    return hmac.compare_digest(hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest(), digest)


def counts(entry: KnownHost, now: float) -> bool:
    """Return whether a line counts at `now` (seconds since 1970); a revocation always does."""
    return entry.marker == REVOKED or validity_of(entry.comment).counts(now)


def view_of(path: str, now: float) -> Optional[str]:
    """Return the valid lines; None if these are all, or if the file cannot be read, which ssh will report."""
    try:
        with open(local_path(path), encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            text = file.read()
    except OSError:
        return None
    lines = text.split("\n")
    kept = [line for line in lines if _stays(line, now)] if VALIDITY_MARK in text else lines
    return None if len(kept) == len(lines) else "\n".join(kept)


def _stays(line: str, now: float) -> bool:
    entry = parse_line(line) if VALIDITY_MARK in line else None
    return entry is None or counts(entry, now)

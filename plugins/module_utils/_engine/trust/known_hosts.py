# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""known_hosts in sshd(8)'s form (SSH_KNOWN_HOSTS FILE FORMAT): parsed and matched; and a file as it counts now, since
ssh reads the file itself and does not know of pins that end. The time of a pin stands in the comment of its line.

HostKeys: the option `host_keys`, the task's own list of a server's keys.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fnmatch
import re
from datetime import datetime
from typing import FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest
from ..model.display import display
from ..model.local_path import local_path
from .fingerprint import PublicKey, is_fingerprint, parse_plain_key, parse_public_key

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
_CURE = 'Use "TYPE BASE64", "SHA256:...", "@cert-authority TYPE BASE64" or "@revoked TYPE BASE64".'
ACTIVE, NEXT, RETIRING, EXPIRED = "active", "next", "retiring", "expired"
VALIDITY_MARK = "secure_sync:valid_"
_WORD = re.compile(r"(?:^|(?<=[ \t]))secure_sync:valid_(?P<end>from|until)=(?P<moment>[^ \t]*)[ \t]*")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:Z|\+00:00))?\Z")


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


class HostKeys(NamedTuple):
    """`entries`: keys, authorities and revoked keys, all for the host pattern "*"; `fingerprints`: "SHA256:..."."""

    entries: Tuple[KnownHost, ...]
    fingerprints: FrozenSet[str]

    @property
    def known_hosts_text(self) -> str:
        return "".join(f"{e.marker and e.marker + ' '}* {e.key.text}\n" for e in self.entries)


def parse_host_keys(lines: Iterable[str]) -> HostKeys:
    """Read the option; raises InvalidRequest naming the first line that is none of the forms."""
    entries, fingerprints = [], set()
    for line in lines:
        fields = line.split()
        marker = fields.pop(0) if fields and fields[0] in (CERT_AUTHORITY, REVOKED) else ""
        if not marker and len(fields) >= 1 and is_fingerprint(fields[0]):
            fingerprints.add(fields[0])
        else:
            entries.append(KnownHost(marker, "*", _public_key(line, fields)))
    return HostKeys(tuple(entries), frozenset(fingerprints))


def _public_key(line: str, fields: list[str]) -> PublicKey:
    try:
        return parse_plain_key(fields[0], fields[1])
    except (IndexError, ValueError):
        shown = display(line.encode("utf-8", "surrogateescape")[:80])
        raise InvalidRequest(f'host_keys: "{shown}" is not a host key', cure=_CURE) from None


class Validity(NamedTuple):
    """Seconds since 1970; None is without limit. readable: False if a line has a value that is no time."""

    valid_from: Optional[int] = None
    valid_until: Optional[int] = None
    readable: bool = True

    def phase(self, now: float) -> str:
        """ACTIVE, NEXT (not yet valid), RETIRING (valid, and its end is known) or EXPIRED.

        A time that cannot be parsed counts as EXPIRED.
        """
        if not self.readable or (self.valid_until is not None and now >= self.valid_until):
            return EXPIRED
        if self.valid_from is not None and now < self.valid_from:
            return NEXT
        return ACTIVE if self.valid_until is None else RETIRING

    def counts(self, now: float) -> bool:
        """Return whether a pin of this validity proves a server at `now`."""
        return self.phase(now) in (ACTIVE, RETIRING)


def parse_moment(text: str) -> int:
    """Return the seconds since 1970 of "2026-12-31T23:59:59Z" or "2026-12-31" (its first second, UTC); raises
    ValueError."""
    match = _MOMENT.match(text.strip())
    if match is None:
        raise ValueError("not a time in UTC")
    try:
        return int(datetime.fromisoformat(f"{match.group(1)}T{match.group(2) or '00:00:00'}+00:00").timestamp())
    except ValueError:
        raise ValueError("not a valid day or time") from None


def validity_of(comment: str) -> Validity:
    """Return the validity in the comment of a line; of several words for one end the narrower counts."""
    if VALIDITY_MARK not in comment:
        return Validity()
    starts: List[int] = []
    ends: List[int] = []
    readable = True
    for word in _WORD.finditer(comment):
        try:
            (starts if word.group("end") == "from" else ends).append(parse_moment(word.group("moment")))
        except ValueError:
            readable = False
    return Validity(max(starts, default=None), min(ends, default=None), readable)


def in_comment(comment: str, validity: Validity) -> str:
    """`comment` with the words for `validity` in place of those that it has."""
    from ..model.utc import utc  # pylint: disable=import-outside-toplevel

    words = [_WORD.sub("", comment).strip(" \t")]
    ends = (("from", validity.valid_from), ("until", validity.valid_until))
    words += [f"{VALIDITY_MARK}{end}={utc(moment)}" for end, moment in ends if moment is not None]
    return " ".join(filter(None, words))


def limits_in(comment: str) -> str:
    """Return the words of `comment` for a validity, unchanged, readable or not."""
    return " ".join(word.group(0).strip(" \t") for word in _WORD.finditer(comment))

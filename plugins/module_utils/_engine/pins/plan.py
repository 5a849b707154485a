# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the bytes of a known_hosts file and a request into the new bytes. Pure: nothing is read or written.

Lines of other servers are kept byte for byte. A line that names several servers keeps the others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import HostKeyRevoked, PinConflict, PinExpired
from ..model.display import display_text
from ..model.utc import utc
from ..trust.fingerprint import PublicKey
from ..trust.known_hosts import EXPIRED, REVOKED, Validity, in_comment, limits_in, validity_of
from .pin_lines import ABSENT, EXACT, Pin, PinLine, WantedPins, lines_about

ADD, UPDATE, REMOVE = "add", "update", "remove"
_SALT = 20  # bytes, as ssh-keygen -H


class PinChange(NamedTuple):
    """One difference for the server: ADD, UPDATE or REMOVE of a pin."""

    action: str
    marker: str
    key: PublicKey


class PinPlan(NamedTuple):
    """The planned change.

    content: the new content of the whole file
    about: its lines for the server
    before, after: those lines as text
    notes: messages for the operator
    """

    content: bytes
    about: Tuple[PinLine, ...]
    changes: Tuple[PinChange, ...]
    before: bytes
    after: bytes
    notes: Tuple[str, ...] = ()


def plan_pins(content: bytes, request: WantedPins, now: float) -> PinPlan:
    """Plan the change. Raises HostKeyRevoked (a wanted key is marked @revoked), PinExpired (a pin that would stay has
    expired) and PinConflict (EXACT, and a pattern of another line pins the server too)."""
    lines = split_lines(content)
    edit = _Edit(lines, request)
    edit.run()
    after = edit.result()
    about = tuple(lines_about(after, request.name, request.form))
    _check_revoked(about, request)
    notes = _check_patterns(about, request)
    if request.state != ABSENT:
        _check_expired(about, now)
    return PinPlan(
        b"".join(after), about, tuple(edit.changes), _own(lines, edit.about), _own(after, about), tuple(notes)
    )


def split_lines(content: bytes) -> List[bytes]:
    """Lines with their ends: a line feed alone ends a line."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", content)


class _Edit:
    """Edits the server's lines once, then adds the missing lines."""

    def __init__(self, lines: List[bytes], request: WantedPins) -> None:
        self._lines, self._request = lines, request
        self.about = lines_about(lines, request.name, request.form, damaged=True)
        self._edited: Dict[int, bytes] = {}
        self._wanted = {} if request.state == ABSENT else {pin.identity: pin for pin in request.pins}
        self._unwanted = {pin.identity for pin in request.pins} if request.state == ABSENT else set()
        self._revoked = {blob for marker, blob in self._wanted if marker == REVOKED}
        self._added: List[bytes] = []
        self.changes: List[PinChange] = []

    def run(self) -> None:
        kept = self._chosen()
        for line in self.about:
            if kept.get(line.identity) is line:
                self._keep(line, self._wanted[line.identity])
            elif line.own and self._goes(line):
                self._take_out(line)
                self._note(REMOVE, line.entry.marker, line.entry.key)
        for pin in self._wanted.values():
            if pin.identity not in kept:
                self._add(pin, _wanted_comment("", pin))
                self._note(ADD, pin.marker, pin.key)

    def _chosen(self) -> Dict[Tuple[str, bytes], PinLine]:
        """Return for each present wanted pin the line that stays: a line that needs no change, else the first."""
        chosen: Dict[Tuple[str, bytes], PinLine] = {}
        for line in self.about:
            pin = self._wanted.get(line.identity)
            if line.own and line.entry.sound and pin is not None:
                before = chosen.get(line.identity)
                if before is None or (self._suits(line, pin) and not self._suits(before, pin)):
                    chosen[line.identity] = line
        return chosen

    def _suits(self, line: PinLine, pin: Pin) -> bool:
        return _wanted_comment(line.entry.comment, pin) == line.entry.comment and self._is_named(line)

    def _is_named(self, line: PinLine) -> bool:
        """Return whether the server's name is already hashed or plain as requested."""
        return self._request.hash_host in (None, line.entry.hosts.startswith("|"))

    def result(self) -> List[bytes]:
        lines = [self._edited.get(index, line) for index, line in enumerate(self._lines)]
        lines = [line for line in lines if line]
        if self._added and lines and not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        return lines + self._added

    def _goes(self, line: PinLine) -> bool:
        marker, blob = line.identity
        if self._request.state == ABSENT:
            chosen = line.identity in self._unwanted
            if not self._request.pins and not self._request.fingerprints:
                return marker != REVOKED  # a revocation grants no trust: it is removed only by name
            return chosen or (not marker and line.entry.key.fingerprint in self._request.fingerprints)
        if line.identity in self._wanted:
            return True  # a second line for the same pin
        return blob in self._revoked or (self._request.state == EXACT and marker != REVOKED)

    def _keep(self, line: PinLine, pin: Pin) -> None:
        """Return the line unchanged if it already matches the request."""
        if self._suits(line, pin):
            return
        comment = _wanted_comment(line.entry.comment, pin)
        self._note(UPDATE, pin.marker, pin.key)
        if self._other_hosts(line) or not self._is_named(line):
            self._take_out(line)
            hashed = line.entry.hosts.startswith("|") if self._request.hash_host is None else self._request.hash_host
            self._add(pin, comment, hashed=hashed)
            return
        text, fields = self._fields(line)
        self._edited[line.place] = _bytes(" ".join(filter(None, (text[: fields.end("key")], comment))) + "\n")

    def _take_out(self, line: PinLine) -> None:
        """Remove only the server's name, if the line has others."""
        others = self._other_hosts(line)
        text, fields = self._fields(line)
        kept = text[: fields.start("hosts")] + ",".join(others) + text[fields.end("hosts") :]
        ending = b"\n" if self._lines[line.place].endswith(b"\n") else b""
        self._edited[line.place] = _bytes(kept) + ending if others else b""

    def _fields(self, line: PinLine) -> Tuple[str, re.Match[str]]:
        text = _text(self._lines[line.place])
        fields = self._request.form.split(text)
        if fields is None:
            raise AssertionError("a line that was parsed has fields")
        return text, fields

    def _other_hosts(self, line: PinLine) -> List[str]:
        """Return the other names of a line; none if only exceptions ("!name") would be left."""
        if line.entry.hosts.startswith("|"):
            return []
        others = [name for name in line.entry.hosts.split(",") if name and name.lower() != self._request.name]
        return others if any(not name.startswith("!") for name in others) else []

    def _add(self, pin: Pin, comment: str, *, hashed: Optional[bool] = None) -> None:
        hashed = bool(self._request.hash_host) if hashed is None else hashed
        name = _hashed(self._request.name) if hashed else self._request.name
        words = (pin.marker, name, pin.key.text, comment)
        self._added.append(_bytes(" ".join(filter(None, words)) + "\n"))

    def _note(self, action: str, marker: str, key: PublicKey) -> None:
        self.changes.append(PinChange(action, marker, key))


def _wanted_comment(old: str, pin: Pin) -> str:
    """Keep the parts that the task does not set, even if they cannot be parsed: removed, they would mean no limit."""
    text = in_comment(old if pin.comment is None else pin.comment, Validity())
    if pin.limits == Validity() and not pin.unlimited:
        return old if pin.comment is None else " ".join(filter(None, (text, limits_in(old))))
    had, wanted = validity_of(old), pin.limits
    start = had.valid_from if wanted.valid_from is None else wanted.valid_from
    end = had.valid_until if wanted.valid_until is None else wanted.valid_until
    limits = Validity(None if "valid_from" in pin.unlimited else start, None if "valid_until" in pin.unlimited else end)
    return in_comment(text, limits)


def _check_revoked(about: Tuple[PinLine, ...], request: WantedPins) -> None:
    revoked = {line.entry.key.blob for line in about if line.entry.marker == REVOKED}
    for pin in request.pins if request.state != ABSENT else ():
        if pin.marker != REVOKED and pin.key.blob in revoked:
            raise HostKeyRevoked(
                f"{pin.key.key_type} {pin.key.fingerprint} is marked @revoked for {request.name}",
                cure="Do not pin it. If the mark is an error, remove it first: state absent with this key in revoked.",
            )


def _check_patterns(about: Tuple[PinLine, ...], request: WantedPins) -> List[str]:
    """Report pattern lines, never edit them: they also match other hosts."""
    wanted = {pin.identity for pin in request.pins}
    conflicting = [
        f"line {line.place + 1} pins {line.entry.key.fingerprint} for "
        f'"{display_text(line.entry.hosts)}", which also matches {request.name}'
        for line in about
        if not line.own and line.entry.marker != REVOKED and line.identity not in wanted
    ]
    if conflicting and request.state == EXACT:
        raise PinConflict(
            conflicting[0], cure=f'Narrow that pattern by hand (add ",!{request.name}"), then run this again.'
        )
    return conflicting


def _check_expired(about: Tuple[PinLine, ...], now: float) -> None:
    for line in about:
        if line.own and line.validity.phase(now) == EXPIRED:
            limit = line.validity.valid_until
            when = "its validity cannot be read" if limit is None else f"it was valid until {utc(limit)}"
            raise PinExpired(
                f"the pin {line.entry.key.key_type} {line.entry.key.fingerprint} has expired: {when}",
                cure="Renew it with valid_until, or remove it: state exact with the current keys, or absent with it.",
            )


def _hashed(name: str) -> str:
    salt = os.urandom(_SALT)
    digest = hmac.new(salt, name.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode('ascii')}|{base64.b64encode(digest).decode('ascii')}"


def _own(lines: Sequence[bytes], about: Iterable[PinLine]) -> bytes:
    return b"".join(lines[line.place].rstrip(b"\n") + b"\n" for line in about if line.own)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").rstrip("\n")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work: the file work of one session, as events and as its summary.

An upload under a temporary name becomes an event at its rename, with the final name; if no rename comes, at the end of
the session. Bytes that are read from a file which the same client has just written prove it by reading back: they are
counted apart, each written byte once. A rename or a deletion takes the proof of a name along, so that
another file cannot be read in its place.

A work is kept between runs as values of JSON (`saved`); in them, a name is a text of Latin-1 characters, one a byte.

A line may not show where the first of the two names of a rename ends. A client chooses the names, so a line can have
thousands of meanings. Only the first are sought, so that the work for a line, and its memory, have a limit. A line
with more meanings than that decides nothing.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, AnyStr, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple

from .event import (
    DELETE,
    DENIED,
    DOWNLOAD,
    FAILURE,
    LINK,
    MKDIR,
    RENAME,
    SESSION_SUMMARY,
    SETSTAT,
    UNKNOWN,
    UPLOAD,
    Event,
    Summary,
)

_TEMPORARY = re.compile(rb"(?:.*/)?(?:\.[^/]*|[^/]*\.(?:tmp|temp|part|partial|filepart|upload))", re.DOTALL)
_MOST_NAMES = 2000
"""Names that a session may have waiting; beyond it, the oldest is given up."""
MOST_MEANINGS = 16


def is_temporary(path: bytes) -> bool:
    """Return whether clients use such names until an upload is complete."""
    return _TEMPORARY.fullmatch(path) is not None


def oldest(kept: Mapping[str, Any]) -> str:
    """Return the key that was added first."""
    return next(iter(kept))


class Remembers(Protocol):
    """A session. names: the characters of all names that it remembers."""

    @property
    def names(self) -> int: ...
    def forget(self) -> Iterator[Event]: ...


def limited(sessions: Iterable[Remembers], most: int) -> Iterator[Event]:
    """Let the sessions with the most characters forget their names, until the others have at most `most`."""
    sizes = [(each.names, each) for each in sessions]
    total = sum(size for size, _each in sizes)
    if total > most:
        for size, each in sorted(sizes, key=lambda pair: pair[0], reverse=True):
            if total <= most:
                return
            total -= size
            yield from each.forget()


class Who(NamedTuple):
    """The login of a session, as far as it is known."""

    account: str = ""
    address: str = ""
    protocol: str = "sftp"
    key: str = ""
    session: str = ""


class Result(NamedTuple):
    """When and where a request was logged, and the server's reason if it failed."""

    moment: float
    cursor: str
    failure: str = ""


class Work:
    """The file work of one session.

    began: seconds since 1970
    has_renames: whether the server logs renames; if not, no upload waits for a rename, and nothing counts as a proof
    saved: the result of `saved` in an earlier run
    """

    def __init__(self, began: float, saved: Optional[Mapping[str, Any]] = None, *, has_renames: bool = True) -> None:
        saved = saved or {}
        self._has_renames = has_renames
        self.began: float = saved.get("began", began)
        self._counts: Dict[str, int] = dict(saved.get("counts", {}))
        self._written: Dict[str, int] = dict(saved.get("written", {}))
        self._waiting: Dict[str, List[Any]] = dict(saved.get("waiting", {}))

    def saved(self) -> Dict[str, Any]:
        """Return the work as values of JSON."""
        return {"began": self.began, "counts": self._counts, "written": self._written, "waiting": self._waiting}

    def uploaded(self, who: Who, result: Result, path: bytes, count: int) -> Iterator[Event]:
        """Record a file that was written, completely or not."""
        self._count("received", count)
        self._remember(path, count)
        if result.failure:
            yield _event(UPLOAD, who, result, path, received=count)
        elif is_temporary(path) and self._has_renames:
            yield from self._wait(who, result, path, count)
        else:
            self._count("uploads")
            yield _event(UPLOAD, who, result, path, received=count, temporary=is_temporary(path))

    def downloaded(self, who: Who, result: Result, path: bytes, count: int) -> Iterator[Event]:
        """Record a file that was read; a proof by reading back is no event."""
        proof = self._prove(path, count)
        self._count("read_back", proof)
        self._count("sent", count - proof)
        if proof < count or not self._knows(path):
            if not result.failure:
                self._count("downloads")
            yield _event(DOWNLOAD, who, result, path, sent=count - proof)

    def renamed(self, who: Who, result: Result, meanings: Sequence[Tuple[bytes, bytes]]) -> Iterator[Event]:
        """Record a rename. After a line with too many meanings, no name has a proof left.

        meanings: all that the line can mean, at least one
        """
        known = [] if are_too_many(meanings) else [meaning for meaning in meanings if self._knows(meaning[0])]
        certain = len(meanings) == 1 or len(known) == 1
        old, new = (known if len(known) == 1 else meanings)[0]
        if result.failure:
            yield _event(RENAME, who, result, new or old, old_path=old if new else b"", ambiguous=not certain)
            return
        if are_too_many(meanings):
            self._written.clear()
        for _old, other in meanings:
            self._written.pop(_place(other), None)
        self._move(old, new)
        waiting = self._waiting.pop(_place(old), None)
        if waiting is not None:
            self._count("uploads")
            yield _event(UPLOAD, who, result, new, old_path=old, received=waiting[1], ambiguous=not certain)
        else:
            self._count("renames")
            yield _event(RENAME, who, result, new, old_path=old, ambiguous=not certain)

    def deleted(self, who: Who, result: Result, path: bytes) -> Iterator[Event]:
        """Record a deletion of a file or a directory."""
        if result.failure:
            yield _event(DELETE, who, result, path)
            return
        yield from self._give_up(who, _place(path))
        self._written.pop(_place(path), None)
        self._count("deletes")
        yield _event(DELETE, who, result, path)

    def made(self, who: Who, result: Result, path: bytes) -> Iterator[Event]:
        yield _event(MKDIR, who, result, path)

    def changed(self, who: Who, result: Result, path: bytes) -> Iterator[Event]:
        """Record new attributes; before the final name of an upload they are a part of it."""
        if result.failure or _place(path) not in self._waiting:
            yield _event(SETSTAT, who, result, path)

    def linked(self, who: Who, result: Result, path: bytes, target: bytes) -> Iterator[Event]:
        """Record a symbolic or hard link."""
        yield _event(LINK, who, result, path, old_path=target)

    def failed(self, action: str, who: Who, result: Result, path: bytes) -> Iterator[Event]:
        """Record a file that could not be opened."""
        yield _event(action, who, result, path)

    def denied(self, who: Who, result: Result, path: bytes) -> Iterator[Event]:
        """Record a request that the server refused for want of a permission."""
        self._count("denied")
        yield _event(DENIED, who, result, path)

    @property
    def names(self) -> int:
        """The characters of all names that are remembered."""
        return sum(map(len, self._written)) + sum(map(len, self._waiting))

    def forget(self, who: Who) -> Iterator[Event]:
        """Forget all names: uploads keep their temporary names, and all that is read later is a download."""
        for place in list(self._waiting):
            yield from self._give_up(who, place)
        self._written.clear()

    def uncounted(self) -> None:
        """Record a line that the server had cut."""
        self._count("uncounted")

    def ended(self, who: Who, result: Result, outcome: str) -> Iterator[Event]:
        """Record the end of the session: uploads that still have their temporary names, and the summary."""
        yield from self.forget(who)
        counts = {name: self._counts.get(name, 0) for name in Summary._fields[1:]}
        yield _event(
            SESSION_SUMMARY,
            who,
            result,
            b"",
            outcome=outcome,
            received=self._counts.get("received", 0),
            sent=self._counts.get("sent", 0),
            summary=Summary(self.began, **counts),
        )

    def _count(self, name: str, number: int = 1) -> None:
        if number:
            self._counts[name] = self._counts.get(name, 0) + number

    def _remember(self, path: bytes, count: int) -> None:
        """Remember the bytes of a name. FTP servers write `?` for several characters: such a name is no name."""
        if not self._has_renames or b"?" in path:
            return
        self._written[_place(path)] = count
        if len(self._written) > _MOST_NAMES:
            del self._written[oldest(self._written)]

    def _prove(self, path: bytes, count: int) -> int:
        """Return how many of the bytes prove written bytes: each byte once, so that a later pull is a download."""
        written = self._written.get(_place(path), 0)
        proof = min(count, written)
        if proof:
            self._written[_place(path)] = written - proof
        return proof

    def _knows(self, path: bytes) -> bool:
        return _place(path) in self._written

    def _move(self, old: bytes, new: bytes) -> None:
        count = self._written.pop(_place(old), None)
        if count is not None:
            self._remember(new, count)

    def _wait(self, who: Who, result: Result, path: bytes, count: int) -> Iterator[Event]:
        self._waiting.pop(_place(path), None)
        self._waiting[_place(path)] = [result.moment, count, result.cursor]
        if len(self._waiting) > _MOST_NAMES:
            yield from self._give_up(who, oldest(self._waiting))

    def _give_up(self, who: Who, place: str) -> Iterator[Event]:
        """Report an upload that will not get its final name."""
        waiting = self._waiting.pop(place, None)
        if waiting is not None:
            moment, count, cursor = waiting
            path = place.encode("latin-1")
            self._count("uploads")
            yield _event(UPLOAD, who, Result(moment, cursor), path, received=count, temporary=True)


def _place(path: bytes) -> str:
    """Return the key of a name: different spellings of a path are the same file."""
    plain = posixpath.normpath(path)
    return (plain[1:] if plain.startswith(b"//") else plain).decode("latin-1")


def _event(action: str, who: Who, result: Result, path: bytes, **fields: Any) -> Event:
    outcome = FAILURE if result.failure else "success"
    reason = "" if result.failure == UNKNOWN else result.failure
    return Event(
        result.moment,
        action,
        **{"outcome": UNKNOWN if result.failure == UNKNOWN else outcome, **fields},
        account=who.account,
        address=who.address,
        protocol=who.protocol,
        key=who.key,
        session=who.session,
        path=path,
        reason=reason,
        cursor=result.cursor,
    )


def ends_of_first(names: AnyStr, mark: AnyStr, start: int = 0) -> List[int]:
    """Return the places of a mark from a place on: all, or one more than the limit."""
    found: List[int] = []
    place = names.find(mark, start)
    while place >= 0 and len(found) <= MOST_MEANINGS:
        found.append(place)
        place = names.find(mark, place + 1)
    return found


def are_too_many(meanings: Sequence[Tuple[bytes, bytes]]) -> bool:
    """Return whether a line has more meanings than the limit."""
    return len(meanings) > MOST_MEANINGS

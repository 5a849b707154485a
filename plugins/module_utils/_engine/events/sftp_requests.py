# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests: the requests of one SFTP process, each joined with its failure.

The server logs a request, and after it `sent status` if it failed. A request has therefore succeeded when another line
of the process follows, or when none has followed for a while (`settled`).
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional

from .event import DOWNLOAD, UNKNOWN, UPLOAD, Event
from .internal_sftp_lines import (
    CLOSE,
    CUT,
    FORBIDDEN,
    LINK,
    LOOK,
    MKDIR,
    OPEN,
    REMOVE,
    RENAME,
    RMDIR,
    SET,
    STATUS,
    Line,
)
from .work import Result, Who, Work, oldest

_REQUESTS = (OPEN, CLOSE, REMOVE, RENAME, MKDIR, RMDIR, SET, LINK, LOOK, FORBIDDEN)
_NO_PERMISSION = ("Permission denied", "Operation unsupported")
_MOST_OPEN = 1000


class Requests:
    """The requests of one process. saved: the result of `saved` in an earlier run."""

    def __init__(self, saved: Optional[Dict[str, Any]] = None) -> None:
        saved = saved or {}
        self._open: Dict[str, bool] = dict(saved.get("open", {}))
        self._last: Optional[List[Any]] = saved.get("last")

    def saved(self) -> Dict[str, Any]:
        """Return the requests as values of JSON."""
        return {"open": self._open, "last": self._last}

    @property
    def names(self) -> int:
        """The characters of the names of all open files."""
        return sum(map(len, self._open))

    def forget(self) -> None:
        """Forget all open files: an empty file, or a file that nothing was written to, has no event at its end."""
        self._open.clear()

    def take(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        """Take the next line of the process."""
        if line.kind == STATUS:
            yield from self._end(line.words, who, work)
        elif not self._is_the_same(line):
            yield from self._end("", who, work)
        if line.kind == CUT:
            work.uncounted()
        if line.kind in _REQUESTS:
            self._last = [_as_json(line), result.moment, result.cursor]

    def settled(self, before: float, who: Who, work: Work) -> Iterator[Event]:
        """Report the last request as successful if it is older than this."""
        if self._last is not None and self._last[1] < before:
            yield from self._end("", who, work)

    def _is_the_same(self, line: Line) -> bool:
        """Return whether a line is a further part of the last request: each attribute that is set has a line."""
        return self._last is not None and line.kind == SET and self._last[0][:2] == _as_json(line)[:2]

    def _end(self, failure: str, who: Who, work: Work) -> Iterator[Event]:
        if self._last is not None:
            (values, moment, cursor), self._last = self._last, None
            yield from self._report(_of_json(values), Result(moment, cursor, failure), who, work)

    def _report(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        if result.failure in _NO_PERMISSION and line.kind != CLOSE:
            yield from work.denied(who, result, line.path)
        elif line.kind == OPEN:
            yield from self._opened(line, result, who, work)
        elif line.kind == CLOSE:
            yield from self._closed(line, result, who, work)
        elif line.kind == RENAME:
            yield from work.renamed(who, result, line.meanings)
        elif line.kind in (REMOVE, RMDIR):
            yield from work.deleted(who, result, line.path)
        elif line.kind == MKDIR:
            yield from work.made(who, result, line.path)
        elif line.kind == SET:
            if not self._open.get(line.path.decode("latin-1")):
                yield from work.changed(who, result, line.path)
        elif line.kind == LINK:
            target, path = line.meanings[0]
            yield from work.linked(who, result, path, target)

    def _opened(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        if result.failure:
            yield from work.failed(UPLOAD if line.writing else DOWNLOAD, who, result, line.path)
            return
        name = line.path.decode("latin-1")
        self._open[name] = line.writing or self._open.get(name, False)
        if len(self._open) > _MOST_OPEN:
            del self._open[oldest(self._open)]

    def _closed(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        writing = self._open.pop(line.path.decode("latin-1"), None)
        if line.forced and not result.failure:
            result = result._replace(failure=UNKNOWN)
        if line.received or writing:
            yield from work.uploaded(who, result, line.path, line.received)
        if line.sent or writing is False:
            yield from work.downloaded(who, result, line.path, line.sent)


def _as_json(line: Line) -> List[Any]:
    meanings = [[old.decode("latin-1"), new.decode("latin-1")] for old, new in line.meanings]
    return [line.kind, line.path.decode("latin-1"), meanings, line.received, line.sent, line.writing, line.forced]


def _of_json(values: List[Any]) -> Line:
    kind, path, meanings, received, sent, writing, forced = values
    pairs = tuple((old.encode("latin-1"), new.encode("latin-1")) for old, new in meanings)
    return Line(kind, path.encode("latin-1"), pairs, received, sent, writing, forced)

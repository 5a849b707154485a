# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing files over FTPS: by reading them back, or by the server (HASH, XSHA256)."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Iterator, List, Mapping, Optional

from ...errors import ItemError, OperationFailed
from ...ftps.replies import Features, Reply, item_error
from ...model.relpath import RelPath
from ..base import Digested, longer
from .lane import Halfway, Lane, PartRefused, SharedPacer
from .pool import Job, Run

HASH = "hash"
XSHA256 = "xsha256"

_BLOCK = 1 << 18
_HEX = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")


def server_hash_of(features: Features) -> Optional[str]:
    """Return how the server hashes with SHA-256, if it does."""
    if b"SHA-256" in features.hashes:
        return HASH
    return XSHA256 if features.has(b"XSHA256") else None


class _Hashed:
    """The bytes of a file that are hashed so far."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.reached = 0

    def give_up(self) -> None:
        """Implement HalfDone: nothing is open."""


class Digests:
    """Hashes files of one server. halfway: see FtpsTransport."""

    def __init__(self, pacer: SharedPacer, halfway: Halfway) -> None:
        self._pacer = pacer
        self._halfway = halfway

    # by reading

    def job(self, portion: List[RelPath], sizes: Mapping[RelPath, int]) -> Job:
        """Read each of `portion`. sizes: see Transport.digest"""
        return partial(self._read_all, portion, sizes)

    def _read_all(self, portion: List[RelPath], sizes: Mapping[RelPath, int], lane: Lane, run: Run) -> None:
        view = memoryview(bytearray(_BLOCK))
        for path in portion:
            run.check()
            try:
                run.emit(self._read(lane, run, path, sizes[path], view))
            except ItemError as error:
                if lane.session.closed:  # ProFTPD now and then ends a session whose transfer is given up
                    lane.log_in()
                run.emit(Digested(path, None, 0, lane.explain([(path, error)])[path]))

    def _read(self, lane: Lane, run: Run, path: RelPath, size: int, view: memoryview) -> Digested:
        hashed = self._halfway.pop(path, None)
        # Behind the end of a file that became shorter, a server sends nothing.
        if not isinstance(hashed, _Hashed) or lane.size(path) <= hashed.reached:
            hashed = _Hashed()
        try:
            reader = lane.reader(path, hashed.reached)
        except PartRefused:
            hashed = _Hashed()
            reader = lane.reader(path)
        try:
            while True:
                count = reader.read_into(view[: size + 1 - hashed.reached])
                if not count:
                    break
                self._pacer.pay(count, run.check)
                hashed.digest.update(view[:count])
                hashed.reached += count
                if hashed.reached > size:
                    raise longer(path, size)
                run.check()
            reader.finish()
        except BaseException as error:
            reader.abandon()
            if not isinstance(error, ItemError):
                self._halfway[path] = hashed
            raise
        return Digested(path, hashed.digest.digest(), hashed.reached)

    # by the server

    def ask(self, lane: Lane, paths: List[RelPath], way: str) -> Iterator[Digested]:
        """HASH (draft-bryan-ftpext-hash-02) or XSHA256 for each path."""
        verb = b"HASH" if way == HASH else b"XSHA256"
        replies = lane.ask(verb, paths)
        found = [(path, reply, _digest_in(reply, way)) for path, reply in zip(paths, replies)]
        refusals = [(path, _refusal(reply, path)) for path, reply, digest in found if digest is None]
        errors = lane.explain(refusals)
        return (Digested(path, digest, 0, errors.get(path)) for path, _reply, digest in found)


def _digest_in(reply: Reply, way: str) -> Optional[bytes]:
    if not reply.good:
        return None
    text = b" ".join(reply.lines)
    if way == HASH and b"SHA-256" not in text.upper().split():
        return None
    # Where the name comes too, the hash stands before it.
    match = _HEX.search(text)
    return None if match is None else bytes.fromhex(match.group().decode("ascii"))


def _refusal(reply: Reply, path: RelPath) -> ItemError:
    if reply.good:
        return OperationFailed("the server's hash is not a SHA-256", path=path)
    return item_error(reply, path)

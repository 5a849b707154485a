# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests of files, read back or given by the server."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    OperationFailed,
    SourceChanged,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Features, Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Digested
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.digest import (
    HASH,
    XSHA256,
    Digests,
    server_hash_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import SharedPacer
from support.scripted.scripted_session import MISSING, MLST, Content, mlst, told_lane

A, B = RelPath(b"a"), RelPath(b"b")
CONTENT = b"hello" * 100_000
DIGEST = hashlib.sha256(CONTENT).digest()
HEX = DIGEST.hex().encode()
THERE = {b"MLST /t/a": mlst(b"/t/a")}


class Run:
    def __init__(self) -> None:
        self.results: list[Digested] = []
        self.emit = self.results.append

    def check(self) -> None:
        pass


@pytest.mark.parametrize(
    ("features", "way"),
    [
        ([b" HASH SHA-256;SHA-1*"], HASH),
        ([b" HASH SHA-1*", b" XSHA256"], XSHA256),
        ([b" HASH SHA-256*", b" XSHA256"], HASH),
        ([b" XSHA1", b" XMD5"], None),
    ],
)
def test_how_a_server_hashes(features: list[bytes], way: str | None) -> None:
    assert server_hash_of(Features(features)) == way


def read(
    contents: dict[bytes, Content], replies: dict[bytes, Reply], *paths: RelPath, size: int = len(CONTENT)
) -> list[Digested]:
    lane, run = told_lane(replies, features=MLST, contents=contents), Run()
    Digests(SharedPacer(None), {}).job(list(paths), dict.fromkeys(paths, size))(lane, run)
    ended = {reader.ended for reader in lane.session.readers}
    assert ended == {"finished" if any(found.digest for found in run.results) else "abandoned"}
    return run.results


def test_a_file_is_read_to_its_end() -> None:
    assert read({b"/t/a": CONTENT}, {}, A) == [Digested(A, DIGEST, len(CONTENT))]


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1])
def test_a_file_is_not_read_behind_its_size(size: int) -> None:
    (found,) = read({b"/t/a": CONTENT}, THERE, A, size=size)
    assert (type(found.error), found.error and found.error.message) == (
        SourceChanged,
        f"it has more than its {size} bytes",
    )


def test_a_missing_file_does_not_end_the_others() -> None:
    missing, found = read({b"/t/b": CONTENT}, {b"MLST /t/a": MISSING}, A, B)
    assert isinstance(missing.error, NotFound)
    assert (found.path, found.digest) == (B, DIGEST)


def test_a_file_that_cannot_be_read_whole_has_no_digest() -> None:
    (found,) = read({b"/t/a": [b"hel", OperationFailed("read error")]}, THERE, A)
    assert (found.digest, type(found.error)) == (None, OperationFailed)


@pytest.mark.parametrize(
    ("way", "reply", "error"),
    [
        (HASH, Reply(213, (b"SHA-256 0-500000 %s /t/a" % HEX,)), None),
        (HASH, Reply(213, (b"sha-256 0-500000 %s /t/a" % HEX.upper(),)), None),
        (HASH, Reply(213, (b"SHA-512 0-500000 %s /t/a" % HEX,)), OperationFailed),
        (XSHA256, Reply(250, (HEX,)), None),
        (XSHA256, Reply(250, (b"%s %s" % (HEX, b"0" * 64),)), None),
        (XSHA256, Reply(250, (HEX + b"0",)), OperationFailed),
        (XSHA256, Reply(250, (HEX[:-1],)), OperationFailed),
        (XSHA256, Reply(550, (b"Failed %s" % HEX,)), OperationFailed),
        (XSHA256, MISSING, NotFound),
    ],
)
def test_the_answer_of_a_server(way: str, reply: Reply, error: type[SyncError] | None) -> None:
    verb = b"HASH" if way == HASH else b"XSHA256"
    lane = told_lane({verb + b" /t/a": reply, **THERE}, features=MLST)
    (found,) = Digests(SharedPacer(None), {}).ask(lane, [A], way)
    assert found.digest == (None if error else DIGEST)
    assert found.error is None or ("not a SHA-256" in found.error.message) is reply.good
    assert type(found.error) is (error or type(None))


def test_a_vague_refusal_of_a_hash_is_explained() -> None:
    lane = told_lane({b"MLST /t/a": MISSING}, features=MLST)
    (found,) = Digests(SharedPacer(None), {}).ask(lane, [A], XSHA256)
    assert isinstance(found.error, NotFound)

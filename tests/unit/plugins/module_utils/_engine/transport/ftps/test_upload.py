# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are sent: the checks of each, before and after its content."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ConnectionLost,
    NoSpace,
    NotFound,
    OperationFailed,
    PermissionDenied,
    SourceChanged,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    SourceFile,
    Staged,
    Transfer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import upload
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import (
    Lane,
    SharedPacer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.names import Names
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import Stopped
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_MODES,
    WIDE_UMASK,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.times import Times
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.upload import (
    Uploads,
    portions,
)
from support.scripted.scripted_session import MISSING, MLST, OK, mlst, told_lane

CONTENT = b"hello"
MODE = Attributes(mode=0o640)
FREE = {b"MLST /t/d/s": MISSING}
STORED = {**FREE, b"SIZE /t/d/s": Reply(213, (b"5",)), b"SITE CHMOD 640 /t/d/s": OK, b"SITE CHMOD 600 /t/d/s": OK}
REST = (*MLST, b" REST STREAM")
SHARED = (*REST, b" SHARED")
"""A link is in the place of the stage."""
DENIED = Reply(550, (b"Permission denied",))


class Source(SourceFile):
    """A file of this host. size: when it was opened; altered: whether it changed meanwhile."""

    def __init__(self, content: bytes = CONTENT, *, size: int = len(CONTENT), altered: bool = False) -> None:
        self.size, self.mtime, self.closed = size, 0, False
        self._content, self._altered, self._at = content, altered, 0

    def read(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]

    def go_back(self, offset: int) -> bool:
        self._at = offset
        return True

    def changed(self, _read: object) -> bool:
        return self._altered

    def close(self) -> None:
        self.closed = True


class Run:
    """Keeps the results. stopping: the check at which the results are no longer needed."""

    def __init__(self, stopping: int = 0) -> None:
        self.results: list[Staged] = []
        self._left = stopping

    def emit(self, result: Staged) -> None:
        self.results.append(result)

    def check(self) -> None:
        self._left -= 1
        if not self._left:
            raise Stopped


def transfer(attributes: Attributes = MODE, *, in_place: bool = False) -> Transfer:
    entry = Entry(FILE, len(CONTENT), 0, 0o644)
    return Transfer(RelPath(b"a"), RelPath(b"d/a"), RelPath(b"d/s"), entry, attributes, in_place)


def uploaded(
    lane: Lane,
    source: Source | None = None,
    *,
    private: bool | None = True,
    attributes: Attributes = MODE,
    in_place: bool = False,
) -> Staged:
    lane.server.private = private
    source, run, portion = source or Source(), Run(), [transfer(attributes, in_place=in_place)]
    side = SimpleNamespace(open_source=lambda _path: source)
    Uploads(Names(Times(lane.server)), side, SharedPacer(None), {}).job(portion)(lane, run)
    (staged,) = run.results
    assert source.closed or isinstance(staged.error, AlreadyExists)
    assert staged.error is None or staged.error.path == b"d/a"
    return staged


def test_a_file_is_sent_and_checked() -> None:
    lane = told_lane(STORED, features=MLST)
    staged = uploaded(lane)
    assert (staged.size, staged.digest, staged.error) == (5, hashlib.sha256(CONTENT).digest(), None)
    assert (lane.session.stored[b"/t/d/s"].data, lane.session.stored[b"/t/d/s"].ended) == (CONTENT, "finished")
    assert lane.session.sent == [b"MLST /t/d/s", b"STOR /t/d/s", b"SIZE /t/d/s", b"SITE CHMOD 640 /t/d/s"]


@pytest.mark.parametrize(
    ("features", "replies"), [(MLST, {b"MLST /t/d/s": mlst(b"/t/d/s")}), ((), {b"SIZE /t/d/s": Reply(213, (b"5",))})]
)
def test_a_temporary_name_that_is_taken_is_not_overwritten(
    features: tuple[bytes, ...], replies: dict[bytes, Reply]
) -> None:
    lane = told_lane(replies, features=features)
    assert isinstance(uploaded(lane).error, AlreadyExists)
    assert lane.session.stored == {}


@pytest.mark.parametrize(
    "source",
    [Source(b"hell"), Source(b"hello!"), Source(b""), Source(altered=True)],
    ids=["short", "long", "empty", "new"],
)
def test_a_source_that_changes_leaves_nothing(source: Source) -> None:
    lane = told_lane(STORED, features=MLST)
    assert isinstance(uploaded(lane, source).error, SourceChanged)
    assert lane.session.stored[b"/t/d/s"].ended == "abandoned"
    assert lane.session.sent[-1] == b"DELE /t/d/s"


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({b"SIZE /t/d/s": Reply(213, (b"4",))}, OperationFailed),
        ({b"SIZE /t/d/s": Reply(213, (b"",))}, None),
        ({b"SIZE /t/d/s": Reply(500, (b"Unknown command",))}, None),
        ({b"SIZE /t/d/s": DENIED}, None),
        ({b"SIZE /t/d/s": Reply(550, (b"Input/output error",))}, OperationFailed),
        ({b"SITE CHMOD 640 /t/d/s": Reply(500, (b"Unknown command",))}, None),
    ],
)
def test_replies_behind_the_content(replies: dict[bytes, Reply], error: type[SyncError] | None) -> None:
    lane = told_lane({**STORED, **replies}, features=MLST)
    staged = uploaded(lane)
    assert type(staged.error) is (error or type(None))
    assert (b"DELE /t/d/s" in lane.session.sent) is (error is not None)
    noted = [NO_MODES % "500 Unknown command"]
    assert (lane.server.notes == noted) is (b"SITE CHMOD 640 /t/d/s" in replies and error is None)


def test_a_refused_mode_leaves_the_content() -> None:
    lane = told_lane({**STORED, b"SITE CHMOD 640 /t/d/s": DENIED}, features=MLST)
    staged = uploaded(lane)
    assert (staged.error, staged.unset, staged.size) == (None, None, 5)
    assert lane.server.notes == [NO_MODES % "550 Permission denied"]
    assert b"DELE /t/d/s" not in lane.session.sent


@pytest.mark.parametrize("in_place", [True, False])
def test_a_file_in_place_may_be_gone_before_its_mode_is_set(in_place: bool) -> None:
    lane = told_lane({**STORED, b"SITE CHMOD 640 /t/d/s": Reply(550, (b"SITE CHMOD failed",))}, features=MLST)
    staged = uploaded(lane, in_place=in_place)
    assert (staged.error, staged.unset is None) == (None, in_place)


@pytest.mark.parametrize("there", [True, False])
def test_a_file_in_place_that_breaks_off_is_removed_if_this_run_made_it(there: bool) -> None:
    lane = told_lane({**STORED, **({b"MLST /t/d/s": mlst(b"/t/d/s")} if there else {})}, features=MLST)
    assert isinstance(uploaded(lane, Source(altered=True), in_place=True).error, SourceChanged)
    assert (b"DELE /t/d/s" in lane.session.sent) is not there


@pytest.mark.parametrize(
    ("reply", "parent", "error"),
    [
        (Reply(452, (b"full",)), MISSING, NoSpace),
        (DENIED, mlst(b"/t/d", kind=b"dir"), PermissionDenied),
        (Reply(553, (b"Could not create",)), MISSING, NotFound),
    ],
)
def test_a_file_that_cannot_be_begun(reply: Reply, parent: Reply, error: type[SyncError]) -> None:
    lane = told_lane({**FREE, b"STOR /t/d/s": reply, b"MLST /t/d": parent}, features=MLST)
    assert type(uploaded(lane).error) is error
    assert b"DELE /t/d/s" in lane.session.sent


def test_a_refusal_at_the_end_of_the_content() -> None:
    lane = told_lane(STORED, features=MLST, ends={b"/t/d/s": Reply(452, (b"full",))})
    assert isinstance(uploaded(lane).error, NoSpace)
    assert lane.session.sent[-1] == b"DELE /t/d/s"


@pytest.mark.parametrize(
    ("private", "mode", "sent"),
    [(True, None, None), (False, None, b"600"), (False, 0o640, b"640"), (True, 0o640, b"640")],
)
def test_a_file_is_private_until_its_mode_is_set(private: bool, mode: int | None, sent: bytes | None) -> None:
    lane = told_lane(STORED, features=MLST)
    uploaded(lane, private=private, attributes=Attributes(mode=mode))
    modes = [line for line in lane.session.sent if b"CHMOD" in line]
    assert modes == ([b"SITE CHMOD %s /t/d/s" % sent] if sent else [])


@pytest.mark.parametrize(("mode", "private"), [(b"0600", True), (b"0644", False), (b"0640", False)])
def test_the_first_file_shows_the_umask(mode: bytes, *, private: bool) -> None:
    lane = told_lane({**STORED, b"MLST /t/d/s": [MISSING, mlst(b"/t/d/s", mode=mode)]}, features=MLST)
    uploaded(lane, private=None)
    assert lane.server.private is private
    assert lane.server.notes == ([] if private else [WIDE_UMASK])


@pytest.mark.parametrize("stopping", [1, 2])
def test_an_upload_that_is_stopped_leaves_nothing(stopping: int) -> None:
    lane, source = told_lane(STORED, features=MLST), Source()
    lane.server.private = True
    side = SimpleNamespace(open_source=lambda _path: source)
    with pytest.raises(Stopped):
        Uploads(Names(Times(lane.server)), side, SharedPacer(None), {}).job([transfer()])(lane, Run(stopping))
    assert (lane.session.sent[-1] == b"DELE /t/d/s") is (stopping == 2)


def test_a_lost_session_is_not_asked_to_remove() -> None:
    lane = told_lane({**FREE, b"STOR /t/d/s": Reply(452, (b"full",))}, features=MLST)
    lane.session.closed = True
    uploaded(lane)
    assert not any(line.startswith(b"DELE") for line in lane.session.sent)


@pytest.mark.parametrize(
    ("sizes", "width", "counts"),
    [
        ([], 2, []),
        ([1] * 8, 1, [4, 2, 1, 1]),
        ([1] * 8, 4, [1] * 8),
        ([1] * 200, 1, [32, 32, 32, 32, 32, 20, 10, 5, 2, 1, 1, 1]),
        ([8 << 20] * 8, 1, [1] * 8),
        ([4 << 20] * 8, 1, [2, 2, 2, 1, 1]),
        ([20 << 20, 1, 1, 1], 1, [1, 1, 1, 1]),
    ],
)
def test_portions_become_smaller(sizes: list[int], width: int, counts: list[int]) -> None:
    transfers = [transfer()._replace(entry=Entry(FILE, size, number, 0o644)) for number, size in enumerate(sizes)]
    found = list(portions(transfers, width))
    assert [len(portion) for portion in found] == counts
    assert [one for portion in found for one in portion] == transfers


@pytest.mark.parametrize(
    ("there", "features", "refused", "lines"),
    [
        (3, REST, False, [b"REST 3 STOR /t/d/s"]),
        (5, REST, False, []),
        (3, SHARED, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
        (5, SHARED, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
        (3, REST, True, [b"REST 3 STOR /t/d/s", b"DELE /t/d/s", b"STOR /t/d/s"]),
        (3, MLST, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
        (0, REST, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
        (6, REST, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
        (None, REST, False, [b"DELE /t/d/s", b"STOR /t/d/s"]),
    ],
)
def test_where_an_upload_continues(
    there: int | None, features: tuple[bytes, ...], refused: bool, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the server's file, if that can be, and if only the owner of its directories can put another entry
    in its place; else from the first byte, and the former file is removed."""
    monkeypatch.setattr(upload, "WORTH_RESUMING", 1)
    sizes = [MISSING if there is None else Reply(213, (b"%d" % there,)), Reply(213, (b"5",))]
    replies = {**STORED, b"MLST /t/d/s": MISSING, b"SIZE /t/d/s": sizes, b"DELE /t/d/s": OK}
    if refused:
        replies[b"REST 3 STOR /t/d/s"] = DENIED
    mode = b"drwxrwxr-x" if features is SHARED else b"drwxr-xr-x"
    lines_of = {name: b"%s 2 1 1 4096 Jan  1 00:00 %s" % (mode, name) for name in (b".", b"..")}
    listings = {b"LIST -a " + path: list(lines_of.values()) for path in (b"/t/d", b"/t")}
    lane = told_lane(replies, listings, features=features)
    lane.server.private = True
    sources = [Source(), Source()]
    left, halfway, pacer = list(sources), {}, SharedPacer(None)
    uploads = Uploads(Names(Times(lane.server)), SimpleNamespace(open_source=lambda _path: left.pop(0)), pacer, halfway)
    with monkeypatch.context() as patch:
        patch.setattr(type(lane.session), "later", lost)
        with pytest.raises(ConnectionLost):
            uploads.job([transfer()])(lane, Run())
    assert {stage: state.reached for stage, state in halfway.items()} == {b"d/s": 0}
    sent, before, run = len(lane.session.sent), pacer.spent, Run()
    lane.session._queue.clear()
    uploads.job([transfer()])(lane, run)
    (staged,) = run.results
    assert (staged.size, staged.digest, staged.error) == (5, hashlib.sha256(CONTENT).digest(), None)
    verbs = (b"STOR", b"REST", b"DELE")
    assert [line for line in lane.session.sent[sent:] if line.startswith(verbs)] == lines
    from_its_beginning = lines[-1:] == [b"STOR /t/d/s"]
    assert [source.closed for source in sources] == [True, from_its_beginning]
    if lines:
        assert lane.session.stored[b"/t/d/s"].data == (CONTENT if from_its_beginning else CONTENT[there:])
    assert pacer.spent - before == 5, "the bytes that the server has count as well"
    assert halfway == {}


def lost(_session: object, *_command: object) -> None:
    raise ConnectionLost("gone")


@pytest.mark.parametrize(("size", "in_place"), [(5, True), (2, False)])
def test_an_upload_that_is_not_continued(size: int, in_place: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in place may be another by then; a short file is not worth it."""
    monkeypatch.setattr(upload, "WORTH_RESUMING", 5)
    lane, halfway = told_lane(STORED, features=MLST), {}
    lane.server.private, source = True, Source(CONTENT[:size], size=size)
    side = SimpleNamespace(open_source=lambda _path: source)
    monkeypatch.setattr(type(lane.session), "later", lost)
    with pytest.raises(ConnectionLost):
        Uploads(Names(Times(lane.server)), side, SharedPacer(None), halfway).job([transfer(in_place=in_place)])(
            lane, Run()
        )
    assert halfway == {}
    assert source.closed

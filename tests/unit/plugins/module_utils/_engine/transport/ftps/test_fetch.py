# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a file, or of a part of it, in its stage."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NotFound,
    OperationFailed,
    SourceChanged,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import StageFile, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.download import Fetch, Part
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import (
    Lane,
    PartRefused,
    SharedPacer,
)
from support.scripted.scripted_session import MISSING, Content, told_lane

CONTENT = b"0123456789"
TRANSFER = Transfer(RelPath(b"a"), RelPath(b"b"), RelPath(b"s"), Entry(FILE, 10, 0, 0o644), Attributes())
WHOLE = (0, 10)


class Stage(StageFile):
    """Keeps the bytes at their places."""

    def __init__(self) -> None:
        self.data = bytearray(b"." * 10)

    def write_at(self, data: memoryview, offset: int) -> None:
        self.data[offset : offset + len(data)] = data

    def finish(self, attributes: Attributes) -> None:
        raise AssertionError("a stage is finished by others")

    leave = abandon = finish


class Paid(SharedPacer):
    """Counts the bytes."""

    def __init__(self) -> None:
        super().__init__(None)
        self.bytes = 0

    def pay(self, size: int, check: object = None) -> None:
        self.bytes += size


class Scene:
    def __init__(self, content: Content) -> None:
        self.lane: Lane = told_lane(contents={b"/t/a": content})
        self.pacer, self.stage, self.opened = Paid(), Stage(), 0

    def fetch(self, part: tuple[int, int] = WHOLE) -> Part:
        fetched = Part(*part)
        Fetch(self.pacer)(self.lane, TRANSFER, fetched, self._open, lambda: None)
        return fetched

    def _open(self) -> Stage:
        self.opened += 1
        return self.stage


@pytest.mark.parametrize(
    ("part", "line", "end"),
    [
        (WHOLE, b"RETR /t/a", "finished"),
        ((0, 4), b"RETR /t/a", "abandoned"),
        ((4, 7), b"REST 4 RETR /t/a", "abandoned"),
        ((7, 10), b"REST 7 RETR /t/a", "finished"),
    ],
)
def test_a_part_lands_in_its_place(part: tuple[int, int], line: bytes, end: str) -> None:
    scene = Scene(CONTENT)
    begin, stop = part
    assert scene.fetch(part).size == 0
    assert scene.stage.data == b"." * begin + CONTENT[begin:stop] + b"." * (10 - stop)
    assert scene.lane.session.sent == [line]
    assert scene.lane.session.readers[0].ended == end
    assert (scene.pacer.bytes, scene.opened) == (stop - begin, 1)


@pytest.mark.parametrize(("content", "part"), [(b"0123", WHOLE), (CONTENT + b"x", WHOLE), (b"0123", (2, 5))])
def test_a_file_of_another_length_has_changed(content: bytes, part: tuple[int, int]) -> None:
    scene = Scene(content)
    with pytest.raises(SourceChanged) as caught:
        scene.fetch(part)
    assert caught.value.path == b"b"


def test_a_file_that_grows_is_given_up_at_once() -> None:
    with pytest.raises(SourceChanged, match="grew"):
        Scene([CONTENT, b"x", OperationFailed("read error")]).fetch()


def test_the_error_of_the_server_comes_first() -> None:
    scene = Scene([b"0123", OperationFailed("read error")])
    with pytest.raises(OperationFailed):
        scene.fetch()
    assert scene.lane.session.readers[0].ended == "abandoned"


@pytest.mark.parametrize(("part", "error"), [(WHOLE, NotFound), ((0, 5), NotFound), ((5, 10), PartRefused)])
def test_only_a_later_part_can_be_refused_as_a_part(part: tuple[int, int], error: type[Exception]) -> None:
    scene = Scene(MISSING)
    with pytest.raises(error):
        scene.fetch(part)
    assert scene.opened == 0, "no stage for a file that the server does not send"


def test_a_part_that_breaks_off_knows_where() -> None:
    scene, part = Scene([b"01", b"23", ConnectionLost("gone")]), Part(0, 10)
    with pytest.raises(ConnectionLost):
        Fetch(scene.pacer)(scene.lane, TRANSFER, part, lambda: scene.stage, lambda: None)
    assert (part.begin, part.end) == (4, 10)

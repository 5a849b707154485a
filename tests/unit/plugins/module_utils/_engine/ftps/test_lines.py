# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.data import DataReader
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.lines import lines_of


class Pieces:
    """A data connection whose content arrives in these pieces."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = list(pieces)

    def read_into(self, view: memoryview) -> int:
        piece = self._pieces.pop(0) if self._pieces else b""
        view[: len(piece)] = piece
        return len(piece)


def lines(*pieces: bytes) -> list[bytes]:
    return list(lines_of(cast("DataReader", Pieces(pieces))))


@pytest.mark.parametrize(
    "pieces",
    [[b"one\r\ntwo\r\n"], [b"one\ntwo\n"], [b"one\r", b"\ntw", b"o\r\n"], [b"one\n", b"two"], [b"o", b"ne\ntwo\n"]],
)
def test_lines_whatever_their_ends_and_pieces(pieces: list[bytes]) -> None:
    assert lines(*pieces) == [b"one", b"two"]


def test_nothing_and_empty_lines() -> None:
    assert lines() == []
    assert lines(b"\n\r\na\n") == [b"", b"", b"a"]


def test_a_carriage_return_inside_stays() -> None:
    assert lines(b"a\rb\r\r\n") == [b"a\rb\r"]


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match="longer than 65536 bytes"):
        lines(*[b"x" * 1000] * 100)
    assert len(lines(b"x" * 65536)[0]) == 65536

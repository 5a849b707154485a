# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories of lists: which lists they have, and to which list they belong."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import KrlHeader
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.history import (
    History,
    comment_of,
    entries_of,
    history_of,
)


def chain(length: int) -> tuple[list[KrlHeader], History]:
    """Return lists, each made from the last, and the history of the newest list."""
    history, made = History(), [KrlHeader(1, 0, comment_of("sha256:1", History()))]
    for version in range(2, length + 1):
        history = history.with_list(made[-1])
        made.append(KrlHeader(version, 0, comment_of("sha256:%d" % version, history)))
    return made, history


def test_the_earlier_lists() -> None:
    made, history = chain(4)
    found = history_of(made[-1], history.content)
    assert [found.has(each) for each in made] == [True, True, True, False]
    assert not found.has(made[0]._replace(version=2))
    assert not found.has(made[0]._replace(comment="sha256:1"))
    assert entries_of(made[-1]) == "sha256:4"


def test_a_run_that_was_killed_before_the_list() -> None:
    made, history = chain(4)
    assert history_of(made[-1], history.with_list(made[-1]).content) == history


@pytest.mark.parametrize("content", [b"", b"1 x\n", b"\xff\n", b"\n"])
def test_a_file_of_another_list(content: bytes) -> None:
    made, _history = chain(3)
    assert history_of(made[-1], content) == History()
    assert history_of(made[0], b"") == History()


def test_a_list_of_another_program() -> None:
    header = KrlHeader(3, 0, "by hand")
    assert history_of(header, b"") == History()
    assert not History().leads_to(header)
    assert entries_of(header) == "by hand"


def test_the_oldest_lists_are_forgotten() -> None:
    made, history = chain(2004)
    assert len(history.lines) == 2001
    assert [history.has(made[number]) for number in (2, 3)] == [False, True]
    assert history_of(made[-1], history.content) == history


@pytest.mark.parametrize("length", [2000, 2001, 2002, 2004])
def test_a_run_that_was_killed_after_the_oldest_list_was_forgotten(length: int) -> None:
    """The list that stayed still has the 2,000 lists before it, also after a second such run."""
    made, history = chain(length)
    found = history
    for _run in range(3):
        found = history_of(made[-1], found.with_list(made[-1]).content)
        assert found.leads_to(made[-1])
        assert [found.has(each) for each in made[-2001:]] == [history.has(each) for each in made[-2001:]]
    following = found.with_list(made[-1])
    assert following.leads_to(KrlHeader(length + 1, 0, comment_of("sha256:x", history.with_list(made[-1]))))


def test_a_line_that_is_not_signed_does_not_count() -> None:
    """Of a long file the digest covers the end: anybody could write lines before it."""
    made, history = chain(2002)
    forged = history.with_list(KrlHeader(7, 0, "x")).lines[-1]
    content = "".join(f"{line}\n" for line in (forged, *history.lines[-2000:])).encode()
    found = history_of(made[-1], content)
    assert found.has(made[-2])
    assert not found.has(KrlHeader(7, 0, "x"))

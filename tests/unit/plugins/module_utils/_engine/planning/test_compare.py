# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When content counts as equal, and which mtimes survive being stored."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import (
    content_reason,
    representable,
    undecided,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from hypothesis import given
from hypothesis import strategies as st

SECOND = 10**9
EXACT = Capabilities()
WHOLE = Capabilities(mtime_precision=SECOND, mtime_limits=(0, (2**32 - 1) * SECOND))
EVEN = Capabilities(mtime_precision=2 * SECOND, mtime_limits=(0, (2**32 - 1) * SECOND))


def file(size: int = 1, mtime: int = 0) -> Entry:
    return Entry(FILE, size, mtime, 0o644)


def test_representable_rounds_down_within_the_limits() -> None:
    assert representable(5 * SECOND + 7, EXACT) == 5 * SECOND + 7
    assert representable(5 * SECOND + 7, WHOLE) == 5 * SECOND
    assert representable(5 * SECOND + 7, EVEN) == 4 * SECOND
    assert representable(-7, WHOLE) == 0
    assert representable(2**40 * SECOND, WHOLE) == (2**32 - 1) * SECOND
    assert representable(-7, Capabilities(mtime_precision=SECOND)) == -SECOND


@given(
    mtime=st.integers(-(2**70), 2**70),
    precision=st.sampled_from([1, 100, SECOND, 2 * SECOND]),
    first=st.integers(-(2**62), 0),
    last=st.integers(1, 2**62),
)
def test_representable_twice_is_representable_once(mtime: int, precision: int, first: int, last: int) -> None:
    capabilities = Capabilities(mtime_precision=precision, mtime_limits=(first, last))
    once = representable(mtime, capabilities)
    assert first <= once <= last
    assert representable(once, capabilities) == once


@pytest.mark.parametrize(
    ("present", "digests", "reason"),
    [
        (None, (b"1", None), "missing"),
        (Entry(DIRECTORY, 0, 0, 0o755), (b"1", None), "kind"),
        (file(2), (b"1", b"1"), "size"),
        (file(), (b"1", b"1"), None),
        (file(mtime=99), (b"1", b"1"), None),
        (file(), (b"1", b"2"), "digest"),
        (file(), (b"1", None), "forced"),
        (file(), (None, b"1"), "forced"),
        (file(), (None, None), "forced"),
    ],
)
def test_digests_decide(present: Entry | None, digests: tuple[bytes | None, bytes | None], reason: str | None) -> None:
    assert content_reason(file(), present, capabilities=EXACT, digests=digests) == reason


@pytest.mark.parametrize(
    ("wanted", "present", "capabilities", "reason"),
    [
        (100, 100, EXACT, None),
        (100, 101, EXACT, "mtime"),
        (5 * SECOND + 1, 5 * SECOND, WHOLE, None),
        (5 * SECOND + 1, 4 * SECOND, WHOLE, "mtime"),
        (5 * SECOND + 1, 4 * SECOND, EVEN, None),
        (2**40 * SECOND, (2**32 - 1) * SECOND, WHOLE, None),
        (-5, 0, WHOLE, None),
    ],
)
def test_size_and_mtime_decide(wanted: int, present: int, capabilities: Capabilities, reason: str | None) -> None:
    assert content_reason(file(1, wanted), file(1, present), capabilities=capabilities) == reason
    assert content_reason(file(1, wanted), file(2, present), capabilities=capabilities) == "size"


def test_where_mtimes_are_not_preserved_only_a_later_source_differs() -> None:
    def reason(wanted: int, present: int) -> str | None:
        return content_reason(file(1, wanted), file(1, present), capabilities=EXACT, mtime_preserved=False)

    assert reason(5, 9) is None
    assert reason(5, 5) is None
    assert reason(9, 5) == "mtime"


def test_undecided_are_files_of_one_size_whose_digest_is_lacking_somewhere() -> None:
    names = [b"both", b"left", b"right", b"none", b"size", b"missing", b"kind", b"directory"]
    both, left, right, none, size, missing, kind, directory = map(RelPath, names)
    source = dict.fromkeys([both, left, right, none, size, missing, kind], file())
    source[directory] = Entry(DIRECTORY, 0, 0, 0o755)
    destination = {**source, size: file(2), kind: Entry(LINK, 1, 0, 0o777)}
    del destination[missing]
    ours, theirs = {both: b"1", left: b"1"}, {both: b"2", right: b"2"}
    assert undecided(source, destination, ours, theirs) == [left, right, none]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries need a closer look, and that no other does."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import PlanPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import AttributeRules
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import unsettled
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities

PATH = RelPath(b"p")
SECOND = 10**9
FILE_ENTRY = Entry(FILE, 3, 5 * SECOND, 0o644)
ONE, OTHER = b"1" * 32, b"2" * 32


def looks(wanted: Entry, present: Entry | None, digests: tuple | None = None, **policy: bool) -> bool:
    """Whether the entry needs a closer look."""
    rules = AttributeRules(PlanPolicy(**policy), Capabilities(mtime_precision=SECOND))
    known = None if digests is None else tuple({} if one is None else {PATH: one} for one in digests)
    found = list(unsettled({PATH: wanted}, {} if present is None else {PATH: present}, rules, known))
    assert found in ([], [(PATH, wanted, present)])
    return bool(found)


def test_equal_files_and_directories_are_settled() -> None:
    assert not looks(FILE_ENTRY, FILE_ENTRY)
    assert not looks(FILE_ENTRY, FILE_ENTRY._replace(mtime=5 * SECOND + 7)), "the same second"
    assert not looks(Entry(DIRECTORY, 0, 5, 0o755), Entry(DIRECTORY, 0, 5, 0o755))


@pytest.mark.parametrize(
    "present",
    [
        None,
        Entry(DIRECTORY, 3, 5 * SECOND, 0o644),
        FILE_ENTRY._replace(size=4),
        FILE_ENTRY._replace(mtime=6 * SECOND),
        FILE_ENTRY._replace(mode=0o600),
    ],
)
def test_what_differs_is_not(present: Entry | None) -> None:
    assert looks(FILE_ENTRY, present)


@pytest.mark.parametrize("kind", [LINK, SPECIAL])
def test_links_and_special_files_are_always_looked_at(kind: str) -> None:
    assert looks(FILE_ENTRY._replace(kind=kind), FILE_ENTRY._replace(kind=kind))


@pytest.mark.parametrize(
    ("digests", "needs"),
    [((ONE, ONE), False), ((ONE, OTHER), True), ((ONE, None), True), ((None, ONE), True), ((None, None), True)],
)
def test_where_content_decides_it_must_be_known(digests: tuple, needs: bool) -> None:
    assert looks(FILE_ENTRY, FILE_ENTRY, digests) is needs


def test_what_is_not_compared_does_not_count() -> None:
    assert not looks(FILE_ENTRY, FILE_ENTRY._replace(mode=0o600), preserve_mode=False)
    assert not looks(FILE_ENTRY, FILE_ENTRY._replace(mode=0o600), modes_kept=False)
    later = FILE_ENTRY._replace(mtime=9 * SECOND)
    assert not looks(FILE_ENTRY, later, (ONE, ONE), preserve_mtime=False)
    assert looks(FILE_ENTRY, later, preserve_mtime=False), "there the time decides about the content"

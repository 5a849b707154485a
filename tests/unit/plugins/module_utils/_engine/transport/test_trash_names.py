# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in the trash: the first one first, none twice, all possible, and an end."""

from __future__ import annotations

from itertools import islice

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, QuotaExceeded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Done
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.trash_names import (
    kept_directories,
    kept_names,
    with_directory,
)


def test_in_order() -> None:
    assert list(islice(kept_names(RelPath(b"t/d/f")), 3)) == [b"t/d/f", b"t/d/f.1", b"t/d/f.2"]


def test_a_long_name_is_cut_and_none_comes_twice() -> None:
    names = list(islice(kept_names(RelPath(b"t/" + b"n" * 255)), 200))
    assert {len(name.name) for name in names} == {255}
    assert len(set(names)) == 200
    assert {name.parent for name in names} == {b"t"}


def test_they_end() -> None:
    names = list(kept_names(RelPath(b"f")))
    assert len(names) == len(set(names)) == 10_000


def test_the_directories_of_what_is_kept() -> None:
    paths = [RelPath(b"a"), RelPath(b"d/e/f"), RelPath(b"d/g")]
    assert kept_directories(RelPath(b".t/u"), paths) == [b".t", b".t/u", b".t/u/d", b".t/u/d/e"]
    assert kept_directories(RelPath(b".t"), []) == []


def test_what_has_no_directory_in_the_trash_fails_with_the_topmost_one() -> None:
    a, f, g = RelPath(b"a"), RelPath(b"d/e/f"), RelPath(b"g/h")
    made = [
        Done(RelPath(b".t")),
        Done(RelPath(b".t/d"), QuotaExceeded("full")),
        Done(RelPath(b".t/d/e"), NotFound("no")),
    ]
    good, bad = with_directory(RelPath(b".t"), [a, f, g], made)
    assert good == [a, g]
    assert [(done.path, done.error.code, done.error.message) for done in bad] == [
        (f, "quota_exceeded", "its directory in .t cannot be made: full")
    ]

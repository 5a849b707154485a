# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a sealed side."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.local import SealedNames


def names() -> SealedNames:
    return SealedNames(b".age", lambda path: path.name == b".lock")


def test_files_get_the_extension_except_those_of_the_engine() -> None:
    assert names().stored(RelPath(b"d/a")) == b"d/a.age"
    assert names().stored(RelPath(b"d/.lock")) == b"d/.lock"


def test_a_shown_name_leads_back() -> None:
    assert names().plain(RelPath(b"d/a.age")) == b"d/a"
    assert names().plain(RelPath(b"d/.age")) == b"d/.age"
    assert names().plain(RelPath(b"stage.tmp")) == b"stage.tmp"


def test_an_entry_that_is_no_file_keeps_its_name_until_it_is_gone() -> None:
    known = names()
    assert not known.keep(RelPath(b"d"))
    assert known.keep(RelPath(b"d.age"))
    assert known.plain(RelPath(b"d.age")) == b"d.age"
    assert not known.is_stored(RelPath(b"d.age"))
    known.forget(RelPath(b"d.age"))
    assert known.plain(RelPath(b"d.age")) == b"d"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of names of sealed files."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import (
    has_form,
    plain_of,
    stored_of,
)


@pytest.mark.parametrize(
    ("path", "sealed"), [(b"a.age", True), (b"d/a.age.age", True), (b"a", False), (b".age", False), (b"d/.age", False)]
)
def test_the_form(path: bytes, sealed: bool) -> None:
    assert has_form(path, b".age") is sealed


def test_only_files_have_another_name() -> None:
    assert stored_of(RelPath(b"d/a"), b".age") == b"d/a.age"
    assert plain_of(RelPath(b"d/a.age"), Entry(FILE, 0, 0, 0), b".age") == b"d/a"
    assert plain_of(RelPath(b"d/a.age"), Entry(DIRECTORY, 0, 0, 0), b".age") == b"d/a.age"
    assert plain_of(RelPath(b"d/a"), Entry(FILE, 0, 0, 0), b".age") == b"d/a"

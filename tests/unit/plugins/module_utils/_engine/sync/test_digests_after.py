# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of one side after a run."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import ProvenFiles
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Proven
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.remember import DigestsAfter
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer

KEPT, NEW, BLIND = (RelPath(name) for name in (b"kept", b"new", b"blind"))
OLD, FRESH = b"o" * 32, b"f" * 32


@pytest.fixture
def stored() -> ProvenFiles:
    made = ProvenFiles()
    for path, source in ((NEW, FRESH), (BLIND, None)):
        transfer = Transfer(path, path, path, Entry(FILE, 1, 1, 0o644), Attributes())
        made[path] = Proven(Staged(transfer, 1), source, FRESH)
    return made


def test_stored_files_count_first(stored: ProvenFiles) -> None:
    before = {b"kept": OLD, b"new": OLD, b"blind": OLD}
    assert dict(DigestsAfter(before, stored, source=True)) == {b"kept": OLD, b"new": FRESH}
    assert dict(DigestsAfter(before, stored, source=False)) == {b"kept": OLD, b"new": FRESH, b"blind": FRESH}
    assert dict(DigestsAfter({}, stored, source=True)) == {b"new": FRESH}


def test_removed_digests_stay_in_the_digests_before(stored: ProvenFiles) -> None:
    before = {b"kept": OLD}
    after = DigestsAfter(before, stored, source=True)
    for path in (b"kept", b"new"):
        del after[path]
        assert path not in after
        assert after.get(path) is None
        with pytest.raises(KeyError):
            after[path]
        with pytest.raises(KeyError):
            del after[path]
    assert (dict(after), len(after), before) == ({}, 0, {b"kept": OLD})


def test_none_is_learned_afterwards(stored: ProvenFiles) -> None:
    with pytest.raises(NotImplementedError):
        DigestsAfter({}, stored, source=True)[b"a"] = OLD

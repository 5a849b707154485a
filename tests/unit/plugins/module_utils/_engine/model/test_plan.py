# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a request that determines a plan."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import PlanPolicy, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry
from support.scenes.sync_pair import SyncPair

FOUND = Entry(FILE, 1, 0, 0o600)
DECIDED = {
    "compare": "checksum",
    "delete": True,
    "max_delete": DeleteLimit(7, False),
    "allow_empty_source": True,
    "links": "copy",
    "preserve_mode": False,
    "preserve_mtime": False,
}


def test_every_option_is_taken_from_the_request() -> None:
    policy = PlanPolicy.of(SyncPair({}, {}).request(**DECIDED))
    assert {name: getattr(policy, name) for name in DECIDED} == DECIDED
    assert set(PlanPolicy._fields) - DECIDED.keys() == {"modes_kept", "directory_modes_kept", "directory_mtimes_kept"}


def test_a_request_that_says_nothing_means_the_defaults() -> None:
    request = SyncPair({}, {}).request(max_delete=PlanPolicy().max_delete)
    assert PlanPolicy.of(request) == PlanPolicy()


def test_what_the_destination_does_not_keep() -> None:
    request = SyncPair({}, {}).request()
    assert PlanPolicy.of(request, mtimes_kept=False).preserve_mtime is False
    forgetful = PlanPolicy.of(request, modes_kept=False)
    assert (forgetful.preserve_mode, forgetful.modes_kept) == (True, False)


@pytest.mark.parametrize(
    ("action", "present", "respells"),
    [("move", None, False), ("move", FOUND, True), ("update", FOUND, False), ("create", None, False)],
)
def test_only_a_move_onto_itself_changes_the_name_alone(action: str, present: Entry | None, respells: bool) -> None:
    assert Write(RelPath(b"A"), action, "", FOUND, present).respells is respells

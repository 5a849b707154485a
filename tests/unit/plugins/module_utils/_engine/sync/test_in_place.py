# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files under their final names at once: see test_drop_box.py for whole runs."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DropBoxRequest
from support.scenes.sync_pair import SyncPair, codes
from support.trees.tree_spec import File, Link

IN_PLACE = DropBoxRequest(in_place=True)


def test_a_link_in_the_place_of_a_file_is_not_followed() -> None:
    pair = SyncPair({b"a": b"new"}, {b"a": Link(b"b"), b"b": b"old"}, lock=False, proof="none", drop_box=IN_PLACE)
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot() == {b"a": File(b"new"), b"b": File(b"old")}


def test_a_link_that_cannot_be_removed_fails_the_file() -> None:
    pair = SyncPair({b"a": b"new"}, {b"a": Link(b"b"), b"b": b"old"}, lock=False, proof="none", drop_box=IN_PLACE)
    pair.peer.faults.fail("remove_files", b"a", PermissionDenied("no"))
    assert codes(pair.run()) == {"permission_denied"}
    assert pair.destination.snapshot()[b"b"] == File(b"old")


def test_a_file_that_its_owner_cannot_read_gets_its_mode() -> None:
    pair = SyncPair({b"a": File(b"1", mode=0o200)}, {}, lock=False, proof="none", drop_box=IN_PLACE)
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot()[b"a"].mode == 0o200
    assert pair.peer.faults.asked("set_attributes") == []


def test_no_file_tests_whether_the_server_keeps_times() -> None:
    pair = SyncPair({b"a": b"1"}, {}, lock=False, proof="none", drop_box=IN_PLACE)

    def forget(_operation: str, _path: bytes) -> None:
        for path in pair.destination.snapshot():
            pair.destination.node(path).mtime = 5

    pair.peer.faults.on_operation = forget
    assert codes(pair.run()) == set()
    assert [path for _name, path in pair.peer.faults.log if b".secure_sync" in path] == []

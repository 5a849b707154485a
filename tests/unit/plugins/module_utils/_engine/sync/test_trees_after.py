# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of both trees after a run: equal for equal trees, also with other modes and times."""

from __future__ import annotations

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import TreesAfter
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DELETE,
    DropBoxRequest,
    Receipting,
    Signing,
)
from support.scenes.sync_pair import SyncPair
from support.servers.ssh_keys import key
from support.trees.tree_spec import Directory, File, Link


def after(pair: SyncPair, tmp: str, **options: Any) -> TreesAfter:
    signing = Signing(private_key_file=str(key("receipts").path))
    report = pair.run(receipts=Receipting(tmp.encode(), signing, "sync", "0"), **options)
    assert report.after is not None
    return report.after


TREE: dict[bytes, Any] = {b"a": b"1", b"d": Directory(), b"d/b": b"22", b"l": Link(b"a")}


def test_modes_times_and_direction_do_not_count(tmp_path: Any) -> None:
    path = str(tmp_path / "receipts")
    pushed = after(SyncPair(TREE, {}, links="copy"), path)
    later: dict[bytes, Any] = {**TREE, b"a": File(b"1", 0o600, 10**18)}
    pulled = after(SyncPair(later, {}, push=False, links="copy"), path)
    assert pushed.local == pushed.remote == pulled.local == pulled.remote


def test_content_target_and_extra_entries_count(tmp_path: Any) -> None:
    path = str(tmp_path / "receipts")
    plain = after(SyncPair(TREE, {}, links="copy"), path).local
    for change in ({b"a": b"2"}, {b"l": Link(b"d")}, {b"new": b""}):
        assert after(SyncPair({**TREE, **change}, {}, links="copy"), path).local != plain
    extra = after(SyncPair(TREE, {b"extra": b""}, links="copy"), path)
    assert (extra.local, extra.remote == plain) == (plain, False)


def test_local_is_this_host(tmp_path: Any) -> None:
    path = str(tmp_path / "receipts")
    push = after(SyncPair({b"a": b"1"}, {b"extra": b""}), path)
    pull = after(SyncPair({b"a": b"1"}, {b"extra": b""}, push=False), path)
    assert (push.local, push.remote) == (pull.remote, pull.local)


def test_files_that_left_the_source_do_not_count(tmp_path: Any) -> None:
    path = str(tmp_path / "receipts")
    found = after(SyncPair({b"a": b"1"}, {}), path, drop_box=DropBoxRequest(after_transfer=DELETE))
    assert found.remote == after(SyncPair({b"a": b"1"}, {}), path).remote
    assert found.local == after(SyncPair({}, {}), path).local


def test_a_failed_file_is_not_counted_as_stored(tmp_path: Any) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.peer.faults.fail("rename", b"a", PermissionDenied("no"))
    found = after(pair, str(tmp_path / "receipts"))
    assert found.local != found.remote

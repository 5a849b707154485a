# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pulls with `verify`: the source is the signed set, and a set that is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from support.scenes.signed_scene import FILES, Signed
from support.scenes.sync_pair import SyncPair, codes, done
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, TREE
from support.trees.tree_spec import File, Link, Special


def test_a_signed_set_is_pulled_and_proven_by_its_digests() -> None:
    scene = Signed()
    report = scene.run()
    assert codes(report) == set()
    assert scene.here() == {b"kept": b"mine", b"a": b"alpha", b"sub/b": b"beta", b"sub/deep/c": b""}
    assert report.proofs["signed"] == 3
    assert {outcome.proof for outcome in report.outcomes if outcome.action.action == "store"} == {"signed"}
    accepted = report.signed_set
    assert accepted is not None
    assert (accepted.path, accepted.tree, accepted.sequence) == (b"MANIFEST/000001.mtree", TREE, 1)
    assert (accepted.principal, accepted.key_fingerprint) == (PRINCIPAL, key("release").fingerprint)
    assert accepted.digest == scene.sender.last


def test_nothing_is_hashed_or_read_twice_at_the_peer() -> None:
    scene = Signed(here={})
    scene.run()
    assert scene.server.faults.asked("digest") == []
    assert scene.server.faults.asked("digest_by_server") == []
    everything = [each.content for each in scene.server.snapshot().values() if isinstance(each, File)]
    assert scene.pair.content_moved() == sum(map(len, everything))


@pytest.mark.parametrize("proof", ["auto", "server_hash", "read_back"])
def test_no_policy_of_proofs_asks_the_peer(proof: str) -> None:
    scene = Signed(here={})
    assert codes(scene.run(proof=proof)) == set()
    assert scene.server.faults.asked("server_hash") == []


def test_a_second_run_does_nothing() -> None:
    scene = Signed()
    scene.run()
    report = scene.run()
    assert done(report) == []
    assert report.proofs["signed"] == 3
    assert report.stats["bytes_received"] == 0


def test_removals_follow_the_manifest() -> None:
    scene = Signed()
    scene.server.fill({b"kept": b"planted"})
    report = scene.run(delete=True)
    assert codes(report) == set()
    assert b"kept" not in scene.here()
    assert [bytes(item.path) for item in report.plan.skipped] == [b"kept"]


def test_the_directory_of_the_manifests_stays_out_of_both_trees() -> None:
    scene = Signed(here={b"MANIFEST/mine": b"x"})
    report = scene.run(delete=True)
    assert codes(report) == set()
    assert set(scene.here()) == {b"MANIFEST/mine", *FILES}


def test_links_have_their_signed_targets() -> None:
    scene = Signed({b"a": b"alpha", b"link": Link(b"a")}, here={})
    scene.server.discard(b"link")
    scene.server.fill({b"link": Link(b"/etc/passwd")})
    report = scene.run(links="copy")
    assert codes(report) == set()
    assert scene.pair.destination.snapshot()[b"link"] == Link(b"a")


def test_filters_choose_a_part_of_the_set() -> None:
    scene = Signed(here={})
    scene.server.discard(b"a")  # missing, and not wanted
    report = scene.run(include=("sub/deep/",))
    assert codes(report) == set()
    assert set(scene.here()) == {b"sub/deep/c"}


def test_a_single_file_of_the_root_is_pulled() -> None:
    scene = Signed(here=None)
    scene.pair = SyncPair(scene.server, {b"other": b"x"}, push=False)
    report = scene.run(remote_root=scene.server.root + b"/a", local_root=scene.pair.local.root + b"/renamed")
    assert codes(report) == set()
    assert scene.here() == {b"other": b"x", b"renamed": b"alpha"}
    assert report.proofs["signed"] == 1
    scene.server.fill({b"stranger": b"?"})
    report = scene.run(remote_root=scene.server.root + b"/stranger", local_root=scene.pair.local.root + b"/s")
    assert codes(report) == {"content_unsigned"}


# Content that is not the signed content


def test_a_changed_file_of_equal_size_never_gets_its_name() -> None:
    scene = Signed()
    scene.server.fill({b"sub/b": b"BETA"})
    report = scene.run()
    assert codes(report) == {"digest_mismatch"}
    assert scene.here() == {b"kept": b"mine", b"a": b"alpha", b"sub/deep/c": b""}
    assert report.proofs["signed"] == 2


def test_a_file_that_is_damaged_once_is_fetched_again() -> None:
    scene = Signed()
    scene.server.faults.flip(b"sub/b", times=1)
    report = scene.run()
    assert codes(report) == set()
    assert scene.here()[b"sub/b"] == b"beta"


@pytest.mark.parametrize(
    "change",
    [{b"a": b"alpha and more"}, {b"a": Link(b"sub/b")}, {b"a": Special()}, None],
    ids=["size", "link", "special", "missing"],
)
def test_a_set_that_is_not_whole_changes_nothing(change: dict[bytes, Any] | None) -> None:
    scene = Signed()
    scene.server.discard(b"a")
    if change:
        scene.server.fill(change)
    assert scene.refused() == "set_incomplete"
    assert scene.refused(check_mode=True) == "set_incomplete"


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ((b"a",), "1 entry of the signed set is missing at the server, or has another type or size"),
        ((b"a", b"sub/b"), "2 entries of the signed set are missing at the server, or have another type or size"),
    ],
)
def test_the_entries_that_a_set_lacks_are_counted(gone: tuple[bytes, ...], words: str) -> None:
    scene = Signed()
    for path in gone:
        scene.server.discard(path)
    error = scene.run().error
    assert error is not None
    assert (error.message, error.path) == (words, b"a")


def test_a_directory_that_cannot_be_listed_is_named() -> None:
    scene = Signed()
    scene.server.faults.fail("scan", b"sub/deep", OperationFailed("the disk is broken"))
    before = scene.here()
    report = scene.run()
    assert report.error is not None
    assert report.error.code == "set_incomplete"
    assert "the disk is broken" in report.error.message
    assert scene.here() == before


def test_unsigned_entries_are_left_alone_or_refused() -> None:
    scene = Signed()
    scene.server.fill({b"more/x": b"1", b"more/y": b"2"})
    assert scene.refused(demands={"unsigned": "error"}) == "content_unsigned"
    report = scene.run()
    assert [bytes(item.path) for item in report.plan.skipped] == [b"more"]
    assert b"more/x" not in scene.here()


# A sender at work


def test_a_reader_waits_for_a_sender_and_takes_the_new_set() -> None:
    scene = Signed()
    scene.server.fill({b"a": b"new content", LOCK_NAME: b"a sender"})

    class AtWork(list[float]):
        def append(self, seconds: float) -> None:
            super().append(seconds)
            scene.server.discard(LOCK_NAME)
            scene.files = {**FILES, b"a": b"new content"}
            scene.publish()

    scene.pair.sleeps = AtWork()
    report = scene.run()
    assert codes(report) == set()
    assert report.signed_set is not None
    assert report.signed_set.sequence == 2
    assert scene.here()[b"a"] == b"new content"
    assert scene.pair.sleeps == [5]


def test_a_reader_waits_three_times_at_most() -> None:
    scene = Signed()
    scene.server.fill({b"a": b"new content", LOCK_NAME: b"a sender"})
    assert scene.refused() == "set_incomplete"
    assert scene.pair.sleeps == [5.0, 5.0, 5.0]


def test_without_a_sender_there_is_no_wait() -> None:
    scene = Signed()
    scene.server.fill({b"a": b"new content"})
    assert scene.refused() == "set_incomplete"
    assert scene.pair.sleeps == []


def test_a_root_that_a_refused_run_made_is_removed() -> None:
    scene = Signed(here=None)
    scene.server.discard(b"a")
    report = scene.run()
    assert codes(report) == {"set_incomplete"}
    assert report.outcomes == ()


def some(*paths: bytes) -> dict[str, Any]:
    """Return demands on a part of the set."""
    return {"choose": lambda tree_id, tree: [RelPath(path) for path in paths if tree_id == TREE and path in tree]}


def test_a_part_of_a_set_has_its_directories_and_the_size_of_the_whole() -> None:
    scene = Signed(here={})
    report = scene.run(demands=some(b"sub/deep/c"))
    assert codes(report) == set()
    assert report.set_size == (3, 9)
    assert set(scene.pair.destination.snapshot()) == {b"sub", b"sub/deep", b"sub/deep/c"}
    assert codes(scene.run(demands=some(b"a"))) == set()
    assert scene.here() == {b"a": b"alpha", b"sub/deep/c": b""}


def test_for_a_part_the_whole_listing_is_held_against_the_set() -> None:
    scene = Signed(here={})
    scene.server.fill({b"planted": b"x"})
    assert scene.refused(demands={**some(b"a"), "unsigned": "error"}) == "content_unsigned"
    scene.server.fill({b"sub/b": b"longer than signed"})
    assert scene.refused(demands=some(b"a")) == "set_incomplete"


def test_the_size_of_a_set_is_known_without_a_sample() -> None:
    assert Signed().run().set_size == (3, 9)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest manifest of a tree: only the highest pair counts, the signature comes first, and nothing refused moves the
state."""

from __future__ import annotations

import hashlib
import time
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import verified_manifest
from support.scenes.signed_scene import FILES, Signed
from support.scenes.sync_pair import codes
from support.servers.ssh_keys import key
from support.trees.signed_tree import signed


def test_a_server_without_a_manifest_is_refused() -> None:
    scene = Signed()
    scene.server.discard(b"MANIFEST/000001.mtree.sig")
    assert scene.refused() == "manifest_missing"


def test_only_the_newest_pair_counts() -> None:
    scene = Signed()
    scene.publish()
    scene.server.fill({b"MANIFEST/000003.mtree.sig": b"the next set is under way"})
    report = scene.run()
    assert report.signed_set is not None
    assert report.signed_set.sequence == 2


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({b"MANIFEST/000002.mtree": b"#mtree\n", b"MANIFEST/000002.mtree.sig": b"rubbish"}, "signature_invalid"),
        ({b"MANIFEST/000002.mtree": b"", b"MANIFEST/000002.mtree.sig": b""}, "signature_invalid"),
    ],
)
def test_a_newest_manifest_that_fails_never_makes_an_older_one_count(files: dict[bytes, bytes], code: str) -> None:
    scene = Signed()
    scene.server.fill(files)
    assert scene.refused() == code


def test_nothing_is_parsed_before_its_signature_is_good() -> None:
    scene = Signed()
    manifest = scene.sender.manifest(FILES, format=2)
    stranger = signed(manifest, key("stranger"))
    scene.server.fill({b"MANIFEST/000002.mtree": manifest, b"MANIFEST/000002.mtree.sig": stranger})
    assert scene.refused() == "signer_unknown"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ({"format": 2}, "protocol_violation"),
        ({"sequence": 1}, "manifest_misnamed"),
        ({"tree": "f" * 32}, "manifest_foreign"),
        ({"issued": 4_000_000_000, "expires": 4_000_100_000}, "manifest_not_yet_valid"),
        ({"issued": 1_600_000_000, "expires": 1_600_100_000}, "manifest_expired"),
        ({"previous": "sha256 " + "0" * 64}, "manifest_fork"),
        ({"lines": ["./../out type=file size=1 sha256digest=" + "0" * 64]}, "protocol_violation"),
        ({"lines": ["./a/../../out type=file size=1 sha256digest=" + "0" * 64]}, "protocol_violation"),
        ({"lines": ["./\\056\\056/out type=file size=1 sha256digest=" + "0" * 64]}, "protocol_violation"),
        (
            {"lines": ["./a type=file size=5 sha256digest=" + hashlib.sha256(b"alpha").hexdigest()]},
            "protocol_violation",
        ),
        ({"lines": ["./MANIFEST/x type=file size=1 sha256digest=" + "0" * 64]}, "protocol_violation"),
    ],
)
def test_a_signed_manifest_that_a_reader_may_not_take_changes_nothing(head: dict[str, Any], code: str) -> None:
    scene = Signed()
    scene.run()
    scene.publish(**head)
    assert scene.refused() == code


@pytest.mark.parametrize(("hours", "code"), [(-1, "manifest_not_yet_valid"), (1, ""), (15 * 24, "manifest_expired")])
def test_the_readers_clock_may_be_wrong(monkeypatch: pytest.MonkeyPatch, hours: int, code: str) -> None:
    """No test may change the clock of the machine."""
    scene, now = Signed(), time.time()
    monkeypatch.setattr(verified_manifest, "time", SimpleNamespace(time=lambda: now + hours * 3600))
    if code:
        assert scene.refused() == code
    else:
        assert codes(scene.run()) == set()


def test_the_high_water_mark_never_falls() -> None:
    scene = Signed()
    first = {path: scene.server.snapshot()[path] for path in (b"MANIFEST/000001.mtree", b"MANIFEST/000001.mtree.sig")}
    scene.publish()
    scene.run()
    for path in (b"MANIFEST/000002.mtree", b"MANIFEST/000002.mtree.sig"):
        scene.server.discard(path)
    scene.server.fill(first)
    assert scene.refused() == "manifest_rollback"
    assert scene.refused() == "manifest_rollback"


def test_a_refused_manifest_does_not_move_the_high_water_mark() -> None:
    scene = Signed()
    scene.run()
    scene.publish(lines=["./a type=rubbish"])
    assert scene.refused() == "protocol_violation"
    scene.server.discard(b"MANIFEST/000002.mtree")
    assert codes(scene.run()) == set()


def test_check_mode_leaves_no_state() -> None:
    scene = Signed()
    report = scene.run(check_mode=True)
    assert codes(report) == set()
    assert len(report.plan.actions) == 5
    scene.sender.tree = "f" * 32
    scene.publish(previous="sha256 " + "0" * 64)
    assert codes(scene.run()) == set(), "another tree was not seen before"


def test_a_reader_without_state_is_told_what_protects_it() -> None:
    scene = Signed()
    assert any("an older set is noticed only by" in note for note in scene.run().notes)
    assert not any("an older set" in note for note in scene.run().notes)


def test_too_large_and_too_many_are_refused_before_reading() -> None:
    scene = Signed()
    scene.server.fill({b"MANIFEST/000002.mtree": b"", b"MANIFEST/000002.mtree.sig": b"x" * (65 << 10)})
    moved = scene.pair.content_moved()
    assert scene.refused() == "manifest_too_large"
    assert scene.pair.content_moved() == moved


def test_a_reader_is_a_witness_of_the_receipts_of_the_sender() -> None:
    scene = Signed()
    plain = scene.run().signed_set
    assert plain is not None
    assert plain.receipt is None
    scene.publish(receipt="sha256 " + "0d" * 32)
    found = scene.run().signed_set
    assert found is not None
    assert found.receipt == "0d" * 32

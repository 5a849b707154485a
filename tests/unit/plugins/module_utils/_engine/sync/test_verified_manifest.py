# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest manifest of a tree: only the highest pair counts, the signature comes first, and nothing refused moves the
state."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import verified_manifest
from support.scenes.former_state import ACCOUNT, former_name, make_former
from support.scenes.signed_scene import FILES, Signed
from support.scenes.sync_pair import codes
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, Sender, signed
from support.trees.tree_spec import File


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
    assert any("An older, still valid set cannot be recognised" in note for note in scene.run().notes)
    assert not any("An older" in note for note in scene.run().notes)


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


def rolled_back(scene: Signed) -> None:
    """Publish a second set, let the reader take it, and put the first back."""
    names = (b"MANIFEST/000001.mtree", b"MANIFEST/000001.mtree.sig")
    first = {path: scene.server.snapshot()[path] for path in names}
    scene.run()
    scene.publish()
    assert codes(scene.run()) == set()
    scene.server.discard(b"MANIFEST")
    scene.server.fill(first)


def test_an_attack_is_noticed_behind_every_path_that_the_server_answers() -> None:
    scene = Signed()
    rolled_back(scene)
    for number in range(2):
        scene.server.answered_root = b"/answer/%d" % number
        assert scene.refused() == "manifest_rollback"
    scene.sender.tree = "f" * 32
    scene.publish()
    assert scene.refused() == "manifest_foreign"


def test_a_server_that_calls_src_a_file_shows_no_other_set() -> None:
    """The manifests of a single file are in the directory above, where the server can have an older or another set."""
    scene = Signed()
    scene.run()
    other = Sender(key("release"), tree="f" * 32)
    del scene.server.disk.get(b"/memory").children[b"tree"]
    scene.server.disk.fill(b"/memory", {b"tree": b"x", **other.publish({b"tree": b"x"})})
    assert scene.refused() == "manifest_foreign"


def test_a_fork_is_noticed_behind_another_path() -> None:
    scene = Signed()
    scene.run()
    scene.sender.sequence = 0
    scene.publish(expires=time.time() + 5000)
    scene.server.answered_root = b"/answer"
    assert scene.refused() == "manifest_fork"


def test_each_spelling_of_src_has_one_state(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Signed()
    scene.run()
    monkeypatch.setattr(scene.pair, "_open_peer", lambda _request: scene.server)
    report = scene.run(remote_root=b"/memory//./tree/.", endpoint=Endpoint("memory", "Files.Example.com"))
    assert (codes(report), [note for note in report.notes if "an older set" in note]) == (set(), [])


def words(root: bytes) -> tuple[bytes, ...]:
    """Give the words in the name of a former state. root: as the server answered."""
    return PRINCIPAL.encode(), *ACCOUNT, root, b"MANIFEST"


def newest(scene: Signed) -> bytes:
    """Give the manifest that the server shows."""
    (found,) = (each for path, each in scene.server.snapshot().items() if path.endswith(b".mtree"))
    assert isinstance(found, File)
    return found.content


def former(scene: Signed) -> Path:
    return make_former(scene.pair.state_dir, "sets", *words(b"/memory/tree"))


@pytest.mark.parametrize("answered", [b"", b"/unknown", b"/older"])
def test_no_answer_hides_the_newest_state_of_a_former_version(answered: bytes) -> None:
    scene = Signed()
    rolled_back(scene)
    file = former(scene)
    older = {**json.loads(file.read_text()), "sequence": 1, "digest": hashlib.sha256(newest(scene)).hexdigest()}
    file.with_name(former_name(*words(b"/older")) + ".json").write_text(json.dumps(older))
    scene.server.answered_root = answered
    assert scene.refused() == "manifest_rollback"
    assert scene.refused(check_mode=True) == "manifest_rollback"


def test_a_former_state_is_taken_over_once() -> None:
    scene = Signed()
    scene.run()
    file = former(scene)
    scene.publish()
    report = scene.run(check_mode=True)
    assert len(list(file.parent.iterdir())) == 1
    report = scene.run()
    assert (codes(report), [note for note in report.notes if "an older set" in note]) == (set(), [])
    (new,) = (each for each in file.parent.iterdir() if each != file)
    assert json.loads(new.read_text())["sequence"] == 2
    assert json.loads(new.read_text())["of"] == [PRINCIPAL, *map(os.fsdecode, ACCOUNT), "/memory/tree", "MANIFEST"]
    file.write_text(json.dumps({**json.loads(file.read_text()), "sequence": 9}))
    assert codes(scene.run()) == set()


def test_a_former_state_refuses_another_tree() -> None:
    scene = Signed()
    scene.run()
    former(scene)
    scene.sender.tree = "f" * 32
    scene.publish(previous="sha256 " + "0" * 64)
    assert scene.refused() == "manifest_foreign"


@pytest.mark.parametrize("answered", [b"", b"/unknown", b"/other/tree"])
def test_a_former_state_of_another_task_stands_for_none(answered: bytes) -> None:
    """The server shows the set of another task, which this host knows by a former state."""
    scene = Signed()
    scene.run()
    own = former(scene)
    scene.sender.tree = "f" * 32
    scene.publish(previous="sha256 " + "0" * 64)
    digest = hashlib.sha256(newest_of(scene, 2)).hexdigest()
    other = {**json.loads(own.read_text()), "tree": "f" * 32, "sequence": 2, "digest": digest}
    own.with_name(former_name(*words(b"/other/tree")) + ".json").write_text(json.dumps(other))
    scene.server.answered_root = answered
    if answered:
        assert [note for note in scene.run().notes if "first set of this tree accepted on this host" in note]
    else:
        assert scene.refused() == "manifest_foreign"


def newest_of(scene: Signed, number: int) -> bytes:
    found = scene.server.snapshot()[b"MANIFEST/%06d.mtree" % number]
    assert isinstance(found, File)
    return found.content


def test_another_run_that_accepted_a_newer_set_meanwhile_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest of a large tree takes seconds to parse."""
    scene = Signed()
    scene.run()
    (file,) = (Path(os.fsdecode(scene.pair.state_dir)) / "sets").iterdir()
    newer = json.dumps({**json.loads(file.read_text()), "sequence": 3})
    parse = verified_manifest.read_published

    def parse_slowly(*args: Any, **options: Any) -> Any:
        file.write_text(newer)
        return parse(*args, **options)

    scene.publish()
    monkeypatch.setattr(verified_manifest, "read_published", parse_slowly)
    assert scene.refused() == "manifest_rollback"
    assert file.read_text() == newer

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed sets of sealed files: the encrypted index, and readers who open it."""

from __future__ import annotations

from typing import Any

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.published_manifest import (
    read_published,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import VerifyRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sealed_listing import (
    SealedIndex,
    read_index,
    write_index,
)
from pyrage import x25519
from support.scenes.sealed_pair import AgeKey, age_key
from support.scenes.set_sender import FIRST, SECOND, SetSender
from support.scenes.sync_pair import SyncPair, codes, done
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL
from support.trees.tree_spec import MTIME, File, Link, TreeSpec

FILES: dict[bytes, Any] = {b"a": File(b"alpha", 0o640, MTIME + 5), b"sub/b": b"beta", b"l": Link(b"a")}
LINE = f'{PRINCIPAL} namespaces="manifest@ftp-synchronize" {key("signer").public}'
INDEX = b"MANIFEST/000001.index.age"


class Sealed:
    """A sender of a signed set with sealed files, and its readers."""

    def __init__(self, **options: Any) -> None:
        self.key = age_key()
        self.sender = SetSender(FILES, {}, encrypt=self.key.recipients, links="copy", **options)

    def reader(self, here: TreeSpec | None = None, **options: Any) -> SyncPair:
        given = {"decrypt": self.key.identities, "verify": VerifyRequest(PRINCIPAL, (LINE,)), "delete": True, **options}
        return SyncPair(self.sender.pair.destination, here or {}, push=False, links="copy", **given)

    def index(self, path: bytes = INDEX, reader: AgeKey | None = None) -> SealedIndex:
        identity = x25519.Identity.from_str((reader or self.key).identity)
        return read_index(pyrage.decrypt(self.sender.content(path), [identity]))

    def put(self, path: bytes, content: bytes) -> None:
        self.sender.pair.destination.fill({path: content})


def files(pair: SyncPair) -> dict[bytes, bytes]:
    return {path: each.content for path, each in pair.local.snapshot().items() if isinstance(each, File)}


def pulled(pair: SyncPair, **options: Any) -> SyncReport:
    report = pair.run(**options)
    assert codes(report) == set(), report
    return report


def test_the_manifest_lists_stored_files_and_names_the_index_and_the_recipients() -> None:
    scene = Sealed()
    scene.sender.good()
    assert scene.sender.names == [b"000001.index.age", b"000001.mtree", b"000001.mtree.sig"]
    read = scene.sender.newest()
    assert read is not None
    assert set(read.tree) == {b"a.age", b"l", b"sub", b"sub/b.age"}
    head = read.header
    assert head.recipients is not None
    assert head.recipients.startswith("age ")
    assert head.index_file is not None
    assert head.index_file.size == len(scene.sender.content(INDEX))
    index = scene.index()
    assert index.tree[b"a"][1:4] == (5, MTIME + 5, 0o640)  # type: ignore[index]
    assert index.stored == {path[:-4]: digest for path, digest in read.digests.items()}
    assert b"alpha" not in b"".join(
        scene.sender.content(path) for path in scene.sender.there if path not in (b"l", b"sub", b"MANIFEST")
    )


def test_a_second_run_publishes_nothing() -> None:
    scene = Sealed()
    scene.sender.good()
    report = scene.sender.good()
    assert (done(report), report.stats["bytes_sent"]) == ([], 0)


def test_other_recipients_publish_again_for_that_reason() -> None:
    scene = Sealed()
    scene.sender.good()
    other = age_key()
    planned = scene.sender.good(encrypt=other.recipients, check_mode=True)
    assert [each.reason for each in planned.plan.actions] == ["recipients", "recipients", "recipients"]
    report = scene.sender.good(encrypt=other.recipients)
    assert [outcome.action.reason for outcome in report.outcomes if outcome.action.action == "publish"] == [
        "recipients"
    ]
    assert scene.index(b"MANIFEST/000002.index.age", other).digests[b"sub/b"]
    assert done(scene.sender.good(encrypt=other.recipients)) == []


def test_other_attributes_of_contents_publish_again() -> None:
    scene = Sealed()
    scene.sender.good()
    scene.sender.pair.source.fill({b"a": File(b"alpha", 0o600, MTIME + 5)})
    assert (SECOND, "publish") in done(scene.sender.good())


def test_old_indexes_are_removed_with_their_manifests() -> None:
    scene = Sealed(sign={"keep": 1})
    scene.sender.good()
    scene.sender.write(b"a", b"other")
    scene.sender.good()
    assert scene.sender.names == [b"000002.index.age", b"000002.mtree", b"000002.mtree.sig"]


def test_an_orphaned_index_is_removed_and_its_number_is_not_taken() -> None:
    scene = Sealed()
    scene.put(INDEX, b"of a killed run")
    scene.sender.good()
    assert scene.sender.names == [b"000002.index.age", b"000002.mtree", b"000002.mtree.sig"]


def test_without_its_state_the_sender_publishes_again() -> None:
    scene = Sealed()
    scene.sender.good()
    published = scene.sender.run().signed_set
    assert published is not None
    scene.sender.state_file().unlink()
    adopt = {"adopt": (published.tree, published.sequence)}
    assert done(scene.sender.good(sign=adopt)) == [(SECOND, "publish")]


def test_a_reader_gets_contents_modes_and_times_by_the_index() -> None:
    scene = Sealed()
    scene.sender.good()
    scene.sender.pair.destination.fill({b"a.age": File(scene.sender.content(b"a.age"), 0o777, MTIME)})
    reader = scene.reader({b"extra": b"x"})
    report = pulled(reader)
    assert reader.local.snapshot() == scene.sender.pair.source.snapshot()
    assert report.proofs["signed"] == 2
    assert not any("without verify" in note for note in report.notes)
    again = pulled(reader)
    assert (done(again), again.proofs["signed"]) == ([], 2)


def test_with_the_index_a_reader_without_state_moves_nothing_again() -> None:
    scene = Sealed()
    scene.sender.good()
    reader = scene.reader()
    pulled(reader)
    other = scene.reader(reader.local.snapshot())
    report = pulled(other)
    assert [action for _path, action in done(report) if action == "store"] == []


def test_a_single_file_of_the_set_under_another_name() -> None:
    scene = Sealed()
    scene.sender.good()
    reader = scene.reader(delete=False)
    root = scene.sender.pair.destination.root
    roots = {"remote_root": root + b"/a.age", "local_root": reader.local.root + b"/x"}
    pulled(reader, **roots)
    assert files(reader) == {b"x": b"alpha"}
    assert done(pulled(reader, **roots)) == []


class Killed(BaseException):
    """SIGKILL."""


STEPS = ("rename", "rename_new", "remove_files")


def points() -> list[tuple[str, bytes, int]]:
    """Return the operations that give and take names in a publication, and their places in the order of all."""
    scene = Sealed()
    scene.sender.good()
    scene.sender.write(b"a", b"other")
    scene.sender.pair.peer.faults.log.clear()
    scene.sender.good(sign={"keep": 1})
    every = enumerate(scene.sender.pair.peer.faults.log)
    return [(name, path, number) for number, (name, path) in every if name in STEPS]


def test_killed_before_each_step() -> None:
    """Readers get the old contents, the new contents or an error, and never a mixture; the next run finishes."""
    every = points()
    assert sum(name == "rename_new" for name, _path, _number in every) >= 3
    for name, path, number in every:
        scene = Sealed()
        scene.sender.good()
        scene.sender.write(b"a", b"other")
        faults, left = scene.sender.pair.peer.faults, [number]
        faults.log.clear()

        def end(_operation: str, _path: bytes, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise Killed

        faults.on_operation = end
        with pytest.raises(Killed):
            scene.sender.run(sign={"keep": 1})
        faults.on_operation = None
        reader = scene.reader()
        report = reader.run()
        found = files(reader)
        assert found.get(b"a") in ((b"alpha", b"other") if not codes(report) else (None, b"alpha", b"other")), (
            name,
            path,
        )
        assert codes(report) <= {"digest_mismatch", "set_incomplete"}, (name, path)
        scene.sender.good(sign={"keep": 1})
        assert done(scene.sender.good(sign={"keep": 1})) == [], (name, path)
        pulled(reader)
        assert files(reader)[b"a"] == b"other", (name, path)
        assert len(scene.sender.names) == 3, (name, path, scene.sender.names)


@pytest.mark.parametrize("end", [b".index.age", b".mtree.sig", b".mtree"])
def test_a_full_disk_leaves_the_old_set_published(end: bytes) -> None:
    scene = Sealed()
    scene.sender.good()
    scene.sender.write(b"a", b"other")
    path = b"MANIFEST/000002" + end
    scene.sender.pair.peer.faults.fail("upload", path, NoSpace("No space left on device"), times=1)
    assert codes(scene.sender.run()) == {"no_space"}
    newest = scene.sender.newest()
    assert newest is not None
    assert newest.header.sequence == 1
    scene.sender.good()
    reader = scene.reader()
    pulled(reader)
    assert files(reader)[b"a"] == b"other"


def refused(scene: Sealed, **options: Any) -> str:
    reader = scene.reader(**options)
    report = reader.run()
    assert files(reader) == {}
    (code,) = codes(report)
    return code


def test_a_set_for_somebody_else_changes_nothing() -> None:
    scene = Sealed()
    scene.sender.good()
    assert refused(scene, decrypt=age_key().identities) == "identity_missing"


def test_an_index_that_was_changed_removed_or_replaced_changes_nothing() -> None:
    scene = Sealed()
    scene.sender.good()
    index = scene.sender.content(INDEX)
    scene.put(INDEX, index[:-1] + bytes([index[-1] ^ 1]))
    assert refused(scene) == "digest_mismatch"
    scene.put(INDEX, index + b"x")
    assert refused(scene) == "set_incomplete"
    scene.sender.remove(INDEX)
    assert refused(scene) == "set_incomplete"


def test_a_sealed_file_that_was_swapped_is_never_published() -> None:
    """Anybody who knows the recipient can seal: only the signature shows the swap."""
    scene = Sealed()
    scene.sender.good()
    stored = scene.sender.content(b"a.age")
    forged = b""
    while len(forged) != len(stored):
        forged = pyrage.encrypt(b"alphA", [x25519.Recipient.from_str(scene.key.recipient)])
    scene.put(b"a.age", forged)
    reader = scene.reader()
    report = reader.run()
    assert codes(report) == {"digest_mismatch"}
    assert b"a" not in files(reader)


@pytest.mark.parametrize("fault", ["content", "missing", "junk"])
def test_an_index_that_does_not_fit_its_set(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """A sender with a fault, whose signature is valid."""
    from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import sealed_listing

    def faulty(index: SealedIndex) -> bytes:
        if fault == "content":
            return write_index(index._replace(digests={**index.digests, b"a": bytes(32)}))
        if fault == "missing":
            del index.tree[b"a"]  # type: ignore[arg-type]
            return write_index(index)
        return b"junk"

    monkeypatch.setattr(sealed_listing, "write_index", faulty)
    scene = Sealed()
    scene.sender.good()
    reader = scene.reader()
    report = reader.run()
    assert codes(report) == {"digest_mismatch" if fault == "content" else "set_incomplete"}
    assert b"a" not in files(reader)


def test_a_reader_without_a_key_takes_the_sealed_files() -> None:
    scene = Sealed()
    scene.sender.good()
    reader = scene.reader(decrypt=None)
    pulled(reader)
    assert set(files(reader)) == {b"a.age", b"sub/b.age"}


def test_a_signed_set_without_an_index_is_opened_and_reported() -> None:
    scene = Sealed()
    scene.sender.good()
    stored = {path: each for path, each in scene.sender.there.items() if not path.startswith(b"MANIFEST")}
    plain = SetSender(stored, {}, links="copy")
    plain.good()
    reader = SyncPair(
        plain.pair.destination, {}, push=False, links="copy",
        decrypt=scene.key.identities, verify=VerifyRequest(PRINCIPAL, (LINE,)),
    )  # fmt: skip
    report = pulled(reader)
    assert files(reader) == {b"a": b"alpha", b"sub/b": b"beta"}
    assert any("no index" in note for note in report.notes)


def test_the_first_manifest_is_read_without_the_key() -> None:
    scene = Sealed()
    scene.sender.good()
    assert read_published(scene.sender.content(FIRST), directory=b"MANIFEST").header.sequence == 1

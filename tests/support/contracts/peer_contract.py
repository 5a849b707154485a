# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of every PeerTransport in addition to the TreeContract: move content from and to a side that is open
here."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import hashlib
import time
from typing import Dict, Iterable, List

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NoSpace,
    NotFound,
    NotSupported,
    SourceChanged,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    PeerTransport,
    Staged,
    Transfer,
)

from ..trees.memory_transport import MemoryTransport
from ..trees.tree_spec import MTIME, SECOND, Directory, File, Found, Link
from .tree_contract import TreeContract
from .tree_scene import Make, paths

__all__ = ["PeerContract", "transfers_of"]

CONTENTS = {
    b"size/%d" % size: (b"%d " % size * (size // 4 + 1))[:size]
    for size in (0, 1, 4096, 32767, 32768, 32769, 65536, 65537, 262144, 1048577, 3145735)
}
LATER = MTIME + 60 * SECOND


def transfers_of(tree: Dict[bytes, Found]) -> List[Transfer]:
    """One Transfer for each file, to a temporary name next to it, with the mode 0640 and an mtime of its own."""
    return [
        Transfer(
            RelPath(path),
            RelPath(path),
            RelPath(path + b".stage"),
            Entry(FILE, len(spec.content), spec.mtime, spec.mode),
            Attributes(0o640, LATER),
        )
        for path, spec in tree.items()
        if isinstance(spec, File)
    ]


def _answers(results: Iterable[Staged], expected: Iterable[Transfer]) -> Dict[bytes, Staged]:
    """The results by path; each transfer is answered once."""
    found = list(results)
    assert sorted(item.transfer for item in found) == sorted(expected)
    return {item.transfer.path: item for item in found}


def _stages(found: Dict[bytes, Found]) -> Dict[bytes, Found]:
    return {path: spec for path, spec in found.items() if path.endswith(b".stage")}


class PeerContract(TreeContract):
    # Uploads.

    def test_upload(self, make: Make) -> None:
        source, peer = MemoryTransport(CONTENTS), make({b"size": Directory()})
        wanted = transfers_of(source.snapshot())
        answers = _answers(peer.upload(wanted, source), wanted)
        for path, content in CONTENTS.items():
            assert answers[path][1:] == (len(content), hashlib.sha256(content).digest(), None, None, None)
        assert _stages(self.truth(peer)) == {
            path + b".stage": File(content, 0o640, LATER) for path, content in CONTENTS.items()
        }
        assert source.open_files == 0

    def test_upload_in_place_writes_over_a_file(self, make: Make) -> None:
        assert self.in_place(make) == {path: File(content, 0o640, LATER) for path, content in CONTENTS.items()}

    def in_place(self, make: Make) -> Dict[bytes, File]:
        """Return the files that are uploaded over longer files of their names."""
        before = dict.fromkeys(CONTENTS, b"longer than some" * 100)
        source, peer = MemoryTransport(CONTENTS), make({b"size": Directory(), **before})
        wanted = [item._replace(stage=item.path, in_place=True) for item in transfers_of(source.snapshot())]
        answers = _answers(peer.upload(wanted, source), wanted)
        assert {path: answer.error for path, answer in answers.items()} == dict.fromkeys(CONTENTS)
        return {path: spec for path, spec in self.truth(peer).items() if isinstance(spec, File)}

    def test_upload_in_place_follows_no_link(self, make: Make) -> None:
        contents = {b"empty": b"", b"small": b"s" * 100, b"large": b"l" * 3000000}
        links = {path: Link(b"nothing" if path == b"large" else b"kept") for path in contents}
        source, peer = MemoryTransport(contents), make({b"kept": b"kept" * 100, **links})
        wanted = [item._replace(stage=item.path, in_place=True) for item in transfers_of(source.snapshot())]
        answers = _answers(peer.upload(wanted, source), wanted)
        assert {path: answer.error for path, answer in answers.items()} == dict.fromkeys(contents)
        found = {path: spec.content for path, spec in self.truth(peer).items() if isinstance(spec, File)}
        assert found == {b"kept": b"kept" * 100, **contents}

    def test_upload_in_place_that_fails_removes_no_file_that_was_there(self, make: Make) -> None:
        contents = {b"d/%s%d" % (name, size): b"n" * size for name in (b"there", b"new") for size in (100, 3000000)}
        there = {path for path in contents if path.startswith(b"d/there")}
        source, peer = MemoryTransport(contents), make({b"d": Directory(), **dict.fromkeys(there, b"old")})
        source.faults.change_source(lambda _path: True)
        wanted = [item._replace(stage=item.path, in_place=True) for item in transfers_of(source.snapshot())]
        answers = _answers(peer.upload(wanted, source), wanted)
        assert {type(answer.error) for answer in answers.values()} == {SourceChanged}
        found = {path for path, spec in self.truth(peer).items() if isinstance(spec, File)}
        assert found == there

    @pytest.mark.parametrize("push", [True, False])
    def test_carried_bytes_grow_with_the_content(self, make: Make, push: bool) -> None:
        contents = {b"small": b"s" * 1000, b"large": b"l" * 3000000}
        other = MemoryTransport(contents if push else {})
        peer = make({} if push else contents)
        wanted = transfers_of(other.snapshot() if push else self.truth(peer))
        seen = [peer.carried]
        for _staged in peer.upload(wanted, other) if push else peer.download(wanted, other):
            seen.append(peer.carried)
        assert seen == sorted(seen)
        assert 3001000 <= seen[-1] - seen[0] <= 3001000 + 65536
        for _digested in peer.digest({RelPath(b"large" + b".stage" * push): 3000000}):
            pass
        assert peer.carried >= seen[-1] + 3000000

    def test_a_file_is_not_read_behind_its_size(self, make: Make) -> None:
        contents = {b"empty": b"x", b"small": b"s" * 1000, b"large": b"l" * 3000000, b"same": b"same"}
        peer = make(contents)
        sizes = {RelPath(b"empty"): 0, RelPath(b"small"): 999, RelPath(b"large"): 70000, RelPath(b"same"): 4}
        results = {item.path: item for item in peer.digest(sizes)}
        assert {path: type(item.error) for path, item in results.items() if item.error} == dict.fromkeys(
            (b"empty", b"small", b"large"), SourceChanged
        )
        assert {path: item.error.message for path, item in results.items() if item.error} == {
            path: f"it has more than its {sizes[path]} bytes" for path in results if path != b"same"
        }
        assert results[RelPath(b"same")].digest == hashlib.sha256(b"same").digest()
        assert peer.carried < 1000000

    def test_upload_of_many_small_files(self, make: Make) -> None:
        tree = {b"d%d/%d" % (number % 5, number): b"%d" % number * (number % 50) for number in range(self.small_files)}
        source, peer = MemoryTransport(tree), make({b"d%d" % number: Directory() for number in range(5)})
        wanted = transfers_of(source.snapshot())
        assert {item.error for item in _answers(peer.upload(iter(wanted), source), wanted).values()} == {None}
        assert {path[:-6]: spec.content for path, spec in _stages(self.truth(peer)).items()} == tree
        assert source.open_files == 0

    def test_upload_stage_is_private_while_it_is_written(self, make: Make) -> None:
        source, peer = MemoryTransport({b"f": b"x" * 3000000}), make({})
        modes = set()

        def look(operation: str, _path: bytes) -> None:
            if operation == "read":
                modes.update(spec.mode for spec in self.truth(peer).values())

        source.faults.on_operation = look
        wanted = transfers_of(source.snapshot())
        assert _answers(peer.upload(wanted, source), wanted)[b"f"].error is None
        assert modes <= {0o600}

    def test_upload_of_files_that_fail_and_others_that_do_not(self, make: Make) -> None:
        source = MemoryTransport({b"d/vanished": b"x", b"none/f": b"x", b"d/there": b"x" * 100000, b"d/good": b"good"})
        peer = make({b"d/there.stage": b"not ours"})
        wanted = transfers_of(source.snapshot())
        source.discard(b"d/vanished")
        answers = _answers(peer.upload(wanted, source), wanted)
        assert {path: item.error and type(item.error) for path, item in answers.items()} == {
            b"d/vanished": NotFound,
            b"none/f": NotFound,
            b"d/there": AlreadyExists,
            b"d/good": None,
        }
        assert {path: spec.content for path, spec in _stages(self.truth(peer)).items()} == {
            b"d/there.stage": b"not ours",
            b"d/good.stage": b"good",
        }
        assert source.open_files == 0

    def test_upload_of_a_source_that_does_not_hold_still(self, make: Make) -> None:
        source, peer = MemoryTransport({b"f": b"x" * 500000, b"g": b"y" * 500000}), make({})
        source.faults.change_source(b"f", times=1)
        wanted = transfers_of(source.snapshot())
        answers = _answers(peer.upload(wanted, source), wanted)
        assert type(answers[b"f"].error) is SourceChanged
        assert answers[b"g"].error is None
        assert list(_stages(self.truth(peer))) == [b"g.stage"]

    def test_upload_of_a_source_that_grows_while_it_is_read_ends(self, make: Make) -> None:
        source, peer = MemoryTransport({b"f": b"x" * 500000}), make({})
        wanted = transfers_of(source.snapshot())
        reads = []

        def grow(operation: str, path: bytes) -> None:
            if operation == "read":
                reads.append(path)
                assert len(reads) < 1000
                source.node(path).content += b"x" * 300000

        source.faults.on_operation = grow
        answers = _answers(peer.upload(wanted, source), wanted)
        assert type(answers[b"f"].error) is SourceChanged
        assert not _stages(self.truth(peer))

    def test_upload_of_a_source_that_cannot_be_read_to_its_end(self, make: Make) -> None:
        source, peer = MemoryTransport({b"f": b"x" * 500000, b"g": b"y"}), make({})
        wanted = transfers_of(source.snapshot())
        reads = []

        def fail(operation: str, path: bytes) -> None:
            if operation == "read" and path == b"f":
                reads.append(path)
                if len(reads) == 2:
                    raise ItemError("Input/output error", path=path)

        source.faults.on_operation = fail
        answers = _answers(peer.upload(wanted, source), wanted)
        assert isinstance(answers[b"f"].error, ItemError)
        assert answers[b"g"].error is None
        assert list(_stages(self.truth(peer))) == [b"g.stage"]
        assert source.open_files == 0

    def test_upload_that_is_not_read_to_its_end_leaves_the_session_usable(self, make: Make) -> None:
        tree = {b"%d" % number: b"x" * 100000 for number in range(40)}
        source, peer = MemoryTransport(tree), make({})
        results = peer.upload(transfers_of(source.snapshot()), source)
        assert next(results).error is None
        results.close()
        assert source.open_files == 0
        assert [entry for _path, entry, _error in peer.look(paths(b"none"))] == [None]

    # Downloads.

    def test_download(self, make: Make) -> None:
        peer, sink = make(CONTENTS), MemoryTransport({b"size": Directory()})
        wanted = transfers_of(self.truth(peer))
        answers = _answers(peer.download(wanted, sink), wanted)
        assert {path: item[1:] for path, item in answers.items()} == {
            path: (len(content), None, None, None, None) for path, content in CONTENTS.items()
        }
        assert _stages(sink.snapshot()) == {
            path + b".stage": File(content, 0o640, LATER) for path, content in CONTENTS.items()
        }
        assert sink.open_files == 0

    def test_download_of_many_small_files(self, make: Make) -> None:
        tree = {b"d%d/%d" % (number % 5, number): b"%d" % number * (number % 50) for number in range(self.small_files)}
        peer, sink = make(tree), MemoryTransport({b"d%d" % number: Directory() for number in range(5)})
        wanted = transfers_of(self.truth(peer))
        assert {item.error for item in _answers(peer.download(iter(wanted), sink), wanted).values()} == {None}
        assert {path[:-6]: spec.content for path, spec in _stages(sink.snapshot()).items()} == tree
        assert sink.open_files == 0

    def test_download_of_files_that_fail_and_others_that_do_not(self, make: Make) -> None:
        tree = {b"d/vanished": b"x", b"none/f": b"x", b"d/full": b"x" * 200000, b"d/good": b"good"}
        peer, sink = make({**tree, b"none": Directory()}), MemoryTransport({b"d": Directory()})
        sink.faults.fail("write_at", b"d/full.stage", NoSpace("No space left on device"))
        wanted = transfers_of(self.truth(peer))
        assert [done.error for done in peer.remove_files(paths(b"d/vanished"))] == [None]
        answers = _answers(peer.download(wanted, sink), wanted)
        assert {path: item.error and type(item.error) for path, item in answers.items()} == {
            b"d/vanished": NotFound,
            b"none/f": NotFound,
            b"d/full": NoSpace,
            b"d/good": None,
        }
        assert list(_stages(sink.snapshot())) == [b"d/good.stage"]
        assert sink.open_files == 0

    @pytest.mark.parametrize("size", [0, 1, 99999, 100001, 300000])
    def test_download_of_a_source_of_another_size_than_seen(self, make: Make, size: int) -> None:
        """Scanned with 100,000 bytes, and something else by the time of the download: one version or an error."""
        peer, sink = make({b"f": b"x" * 100000}), MemoryTransport({})
        wanted = transfers_of(self.truth(peer))
        self.put(peer, {b"f": File(b"y" * size, mtime=LATER)})
        answer = _answers(peer.download(wanted, sink), wanted)[b"f"]
        if answer.error is None:
            assert answer.size == size
            assert sink.snapshot()[b"f.stage"].content == b"y" * size
        else:
            assert type(answer.error) is SourceChanged
            assert sink.snapshot() == {}

    def test_download_of_a_source_that_changes_meanwhile(self, make: Make) -> None:
        """One version or an error, never a mixture."""
        peer, sink = make({b"f": b"x" * 3000000}), MemoryTransport({})
        wanted = transfers_of(self.truth(peer))
        waiting = [b"y" * 3000001]

        def change(operation: str, _path: bytes) -> None:
            if operation == "write_at" and waiting:
                self.rewrite(peer, b"f", waiting.pop())

        sink.faults.on_operation = change
        answer = _answers(peer.download(wanted, sink), wanted)[b"f"]
        if answer.error is None:  # every read and the closing look were answered before the change
            assert sink.snapshot()[b"f.stage"].content == b"x" * 3000000
        else:
            assert type(answer.error) is SourceChanged
            assert sink.snapshot() == {}

    def test_download_that_is_not_read_to_its_end_leaves_the_session_usable(self, make: Make) -> None:
        tree = {b"%d" % number: b"x" * 100000 for number in range(40)}
        peer, sink = make(tree), MemoryTransport({})
        results = peer.download(transfers_of(self.truth(peer)), sink)
        assert next(results).error is None
        results.close()
        assert sink.open_files == 0
        assert [entry for _path, entry, _error in peer.look(paths(b"none"))] == [None]

    def rewrite(self, peer: PeerTransport, path: bytes, content: bytes) -> None:
        """Change a file in place, as a program that writes into it would (the same inode)."""
        raise NotImplementedError

    # The session.

    def test_server_hash_tells_the_truth_or_is_not_there(self, make: Make) -> None:
        peer = make(CONTENTS)
        if peer.server_hash() is None:
            with pytest.raises(NotSupported):
                list(peer.digest_by_server(paths(*CONTENTS)))
            return
        assert peer.server_hash() == peer.server_hash()
        results = {item.path: item for item in peer.digest_by_server(paths(*CONTENTS, b"none"))}
        assert isinstance(results.pop(b"none").error, ItemError)
        assert {path: item.digest for path, item in results.items()} == {
            path: hashlib.sha256(content).digest() for path, content in CONTENTS.items()
        }

    def test_touch_every(self, make: Make) -> None:
        peer = make({b"lock": File(b"run 1", mtime=MTIME)})
        peer.touch_every(RelPath(b"lock"), 0.05)
        deadline = time.monotonic() + 30
        number = 0
        while self.truth(peer)[b"lock"].mtime == MTIME and time.monotonic() < deadline:
            peer.create_file(RelPath(b"work-%d" % number), b"")
            number += 1
        assert self.truth(peer)[b"lock"].mtime > MTIME
        peer.touch_every(RelPath(b"lock"), 0)
        # An earlier request may still be in transit on another session: wait for it before the next.
        for more in range(100):
            peer.create_file(RelPath(b"before-%d" % more), b"")
        self.put(peer, {b"lock": File(b"run 1", mtime=MTIME)})
        for more in range(100):
            peer.create_file(RelPath(b"after-%d" % more), b"")
        assert self.truth(peer)[b"lock"].mtime == MTIME

    def test_reconnect(self, make: Make) -> None:
        peer = make({b"f": b"x"})
        peer.reconnect()
        assert peer.read_file(RelPath(b"f")) == b"x"

    def test_identity_and_notes(self, make: Make) -> None:
        peer = make({})
        assert peer.identity.protocol
        assert all(isinstance(note, str) for note in peer.notes)

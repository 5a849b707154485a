# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations in memory that fold names: in ways that no file system of the test machine has, such as ext4 with
casefold, HFS+, ASCII alone, a Turkish server."""

from __future__ import annotations

import itertools
import os
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DropBoxRequest,
    FileLimits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import folding
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.fold_questions import differences
from support.scenes.sealed_pair import SealedPair
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, File

Fold = Callable[[bytes], bytes]


def unicode_case(name: bytes) -> bytes:
    return name.decode().casefold().encode()


def turkish(name: bytes) -> bytes:
    return name.decode().replace("I", "\u0131").replace("\u0130", "i").lower().encode()


def nfc(name: bytes) -> bytes:
    return unicodedata.normalize("NFC", name.decode()).encode()


def nfd(name: bytes) -> bytes:
    return unicodedata.normalize("NFD", name.decode()).encode()


def ext4(name: bytes) -> bytes:
    """With casefold: characters without width do not count."""
    return nfd(unicode_case(name.replace("\ufe0f".encode(), b"").replace("\u200d".encode(), b"")))


def utf8_alone(name: bytes) -> bytes:
    """As servers in Java and JavaScript: other bytes become U+FFFD."""
    return name.decode("utf-8", "replace").encode()


def latin_1(name: bytes) -> bytes:
    """As a Windows disk that is mounted with iocharset=iso8859-1."""
    return name.decode("latin-1").lower().encode("latin-1")


def windows(name: bytes) -> bytes:
    return name.lower().rstrip(b" .")


def pair(source: dict[bytes, Any], destination: dict[bytes, Any] | None = None, **options: Any) -> SyncPair:
    """Two trees; options for the disk of the destination begin with its fold."""
    disk = {name: options.pop(name) for name in ("fold", "kept", "respells", "refuses") if name in options}
    there = MemoryTransport(destination or {}, disk=MemoryDisk(**{"fold": bytes.lower, **disk}))
    return SyncPair(source, there, **{"delete": True, **options})


def contents(tree: MemoryTransport) -> dict[bytes, bytes]:
    return {path: found.content for path, found in tree.snapshot().items() if isinstance(found, File)}


def collided(report: SyncReport) -> list[bytes]:
    return sorted(error.path for error in report.problems if error.code == "name_collision")


def moves(report: SyncReport) -> list[tuple[bytes, bytes]]:
    return [
        (outcome.action.origin, outcome.action.path) for outcome in report.outcomes if outcome.action.action == "move"
    ]


def test_differences_are_characters() -> None:
    assert differences(b"readme", b"README") == [("r", "R"), ("e", "E"), ("a", "A"), ("d", "D"), ("m", "M")]
    assert differences("caf\u00e9-1".encode(), "cafe\u0301-1".encode()) == [("\u00e9", "e\u0301")]
    assert differences(b"a.", b"a") == [(".", "")]
    assert differences(b"A\xff", b"a\xff") == [("A\udcff", "a\udcff")]
    assert differences(b"\xe9\xff", b"\xc9\xfe") == [("\udce9", "\udcc9"), ("\udcfe", "\udcff")]
    assert differences("A\u200db".encode(), b"aB") == [("A", "a"), ("\u200db", "B")]
    assert differences("\u1ecd\u0302".encode(), "\u00f4\u0323".encode()) == [("\u1ecd\u0302", "\u00f4\u0323")]
    assert differences("\uac01".encode(), nfd("\uac01".encode())) == [("\uac01", "\u1100\u1161\u11a8")]
    assert differences(b"Ab.", b"aB") == [("A", "a"), ("b", "B"), (".", "")]
    # For Python, the two bytes are one character together, and two apart.
    assert differences(b"\xe3\x81a", b"\xffA") == [("\udce3\udc81a", "\udcffA")]


@pytest.mark.parametrize(("one", "other"), [("s%ss", "%s\u00df"), ("\u00e9%s", "%s\u00e9")], ids=["ss", "no-width"])
def test_the_work_for_two_names_grows_with_their_length(one: str, other: str) -> None:
    unit = "\u200d" if "\u00e9" in one else "\u00df"
    seconds = []
    for length in (2000, 4000, 8000):
        names = [(each % (unit * length)).encode() for each in (one, other)]
        start = time.process_time()
        assert differences(*names)
        seconds.append(time.process_time() - start)
    assert seconds[2] < 2.5 * seconds[1] < 6.25 * seconds[0] or seconds[2] < 0.1, seconds


@pytest.mark.parametrize("respells", [True, False], ids=["one-step", "two-steps"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_rename_by_case_alone_is_a_rename(push: bool, respells: bool) -> None:
    ends = pair({b"README.TXT": b"1"}, {b"readme.txt": b"1"}, push=push, respells=respells)
    foreseen = ends.run(check_mode=True)
    assert contents(ends.destination) == {b"readme.txt": b"1"}
    report = ends.run()
    assert codes(report) == set()
    assert (
        moves(report)
        == [(b"readme.txt", b"README.TXT")]
        == [(action.origin, action.path) for action in foreseen.plan.actions]
    )
    assert contents(ends.destination) == {b"README.TXT": b"1"}
    assert sum(report.proofs.values()) == 1
    asked = ends.destination.faults.asked("look")
    assert asked.count(b"README.TXT") == 2, "in check mode, and for its attributes; its time is known"
    assert sum(b".fold-" in path for path in asked) == 1, "a name of many characters is one question"
    assert done(ends.run()) == []


def test_content_and_name_change_together() -> None:
    ends = pair({b"README.TXT": b"new"}, {b"readme.txt": b"old"}, trash=b"trash")
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"README.TXT": b"new", b"trash/README.TXT": b"old"}
    assert done(ends.run()) == []


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("respells", [True, False], ids=["one-step", "two-steps"])
def test_a_directory_is_renamed_with_all_that_is_in_it(push: bool, respells: bool) -> None:
    ends = pair(
        {b"dIR/Sub/A": b"1", b"dIR/b": b"2", b"other": b"3"},
        {b"Dir/sub/a": b"1", b"Dir/b": b"2", b"Dir/extra": b"x", b"other": b"3"},
        push=push,
        respells=respells,
    )
    report = ends.run()
    assert codes(report) == set()
    assert moves(report) == [(b"Dir", b"dIR"), (b"dIR/sub", b"dIR/Sub"), (b"dIR/Sub/a", b"dIR/Sub/A")]
    assert contents(ends.destination) == {b"dIR/Sub/A": b"1", b"dIR/b": b"2", b"other": b"3"}
    assert report.stats["files_stored"] == 0
    assert done(ends.run()) == []


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("present", [{}, {b"Readme": b"1"}, {b"README": b"old"}, {b"readme": b"old"}], ids=len)
def test_two_names_for_one_place_are_an_error_of_both(push: bool, present: dict[bytes, bytes]) -> None:
    ends = pair({b"Readme": b"1", b"README": b"2", b"other": b"3"}, {**present, b"gone": b"x"}, push=push)
    report = ends.run()
    assert collided(report) == [b"README", b"Readme"]
    assert contents(ends.destination) == {**present, b"gone": b"x", b"other": b"3"}
    assert "README" in next(error.message for error in report.problems if error.path == b"Readme")
    foreseen = ends.run(check_mode=True)
    assert collided(foreseen) == [b"README", b"Readme"]
    assert collided(ends.run()) == [b"README", b"Readme"]
    del ends.source.disk.get(ends.source.root).children[b"README"]
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"Readme": b"1", b"other": b"3"}
    assert done(ends.run()) == []


def test_two_directories_for_one_place_are_an_error_of_both() -> None:
    ends = pair({b"Dir/a": b"1", b"Dir/A": b"1", b"dIR/b": b"2", b"other": b"3"})
    report = ends.run()
    assert collided(report) == [b"Dir", b"dIR"]
    assert contents(ends.destination) == {b"other": b"3"}


def test_an_end_that_keeps_both_apart_gets_both() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2"}, {b"readme": b"x"}, fold=lambda name: name)
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"Readme": b"1", b"README": b"2"}
    assert [name for name in ends.destination.snapshot() if b".fold-" in name] == []
    ends.run()
    assert done(ends.run()) == []


@pytest.mark.parametrize(
    ("fold", "one", "other", "same"),
    [
        (bytes.lower, "É", "é", False),
        (bytes.lower, "E", "e", True),
        (unicode_case, "É", "é", True),
        (unicode_case, "é", "e\u0301", False),
        (turkish, "I", "i", False),
        (turkish, "I", "\u0131", True),
        (turkish, "\u0130", "i", True),
        (nfc, "é", "e\u0301", True),
        (nfc, "E", "e", False),
        (windows, "a.", "a", True),
    ],
)
@pytest.mark.parametrize("other_listed", [True, False], ids=["listed", "new"])
def test_half_way(fold: Fold, one: str, other: str, same: bool, other_listed: bool) -> None:
    """Names that the end keeps apart both arrive; others are renamed, or an error of both."""
    source = {b"x" + one.encode(): b"1", b"y": b"2"}
    there = {b"x" + other.encode(): b"1"} if other_listed else {}
    if not other_listed:
        source[b"x" + other.encode()] = b"3"
    ends = pair(source, there, fold=fold, respells=True)
    report = ends.run()
    if same and not other_listed:
        assert len(collided(report)) == 2
        assert contents(ends.destination) == {b"y": b"2"}
    else:
        assert codes(report) == set()
        assert contents(ends.destination) == source
        assert done(ends.run()) == []


LONG = "\u00dcberpr\u00fcfung der Ergebnisse und der Anlagen zum Bericht f\u00fcr das Gesch\u00e4ftsjahr.pdf"
TWINS = {
    "long": (nfc, nfc(LONG.encode()), nfd(LONG.encode())),
    "long-kept": (nfd, nfc(LONG.encode()), nfd(LONG.encode())),
    "marks": (nfc, "vi\u1ecd\u0302t".encode(), "vi\u00f4\u0323t".encode()),
    "syllables": (nfc, "\uac01\ub098-\uac01".encode(), nfd("\uac01\ub098-\uac01".encode())),
    "presentation": (ext4, "\u2764\ufe0f.TXT".encode(), "\u2764.txt".encode()),
    "bytes": (utf8_alone, b"a\xfe\xe2\x82.txt", b"a\xff\xf0\x9f.txt"),
    "256-characters": (latin_1, b"\xc9t\xc9", b"\xe9t\xe9"),
    "dot": (windows, b"Ab.", b"aB"),
}


@pytest.mark.parametrize("twins", TWINS.values(), ids=TWINS)
def test_names_of_many_forms_lose_nothing(twins: tuple[Fold, bytes, bytes]) -> None:
    fold, one, other = twins
    apart = pair({one: b"1", other: b"2"}, fold=lambda name: name)
    assert codes(apart.run()) == set()
    assert len(contents(apart.destination)) == 2
    ends = pair({one: b"1", other: b"2", b"x": b"3"}, fold=fold)
    assert collided(ends.run()) == sorted([one, other])
    assert contents(ends.destination) == {b"x": b"3"}
    for new, old in ((one, other), (other, one)):
        ends = pair({new: b"1"}, {old: b"1"}, fold=fold)
        assert codes(ends.run()) == set()
        assert contents(ends.destination) == {new: b"1"}


def test_many_names_that_are_not_utf_8_cost_few_questions() -> None:
    names = [b"\xb0%c%c" % both for both in itertools.product(range(0xC1, 0xFF), repeat=2)]
    ends = pair(dict.fromkeys(names, b"1"), fold=lambda name: name)
    assert codes(ends.run()) == set()
    assert len(contents(ends.destination)) == len(names) > 3000
    assert sum(b".fold-" in path for path in ends.destination.faults.asked("create_file")) <= 64
    ends = pair(dict.fromkeys(names, b"1"), fold=utf8_alone)
    assert collided(ends.run()) == sorted(names)


def test_a_name_that_comes_back_changed_is_an_error_of_that_name() -> None:
    """HFS+ keeps NFD: the content stays, under the name that the end keeps."""
    name, kept = "é".encode(), "e\u0301".encode()
    ends = pair({name: b"1", b"a": b"2"}, {}, fold=nfd, kept=nfd)
    for _time in range(3):
        report = ends.run()
        assert [(outcome.action.path, outcome.error.code) for outcome in report.outcomes if outcome.error] == [
            (name, "not_supported")
        ]
        assert "keeps this name as e\u0301" in next(o.error.message for o in report.outcomes if o.error)
        assert contents(ends.destination) == {kept: b"1", b"a": b"2"}


def test_an_end_that_changes_every_name_to_lower_case_loses_nothing() -> None:
    """As lowntfs-3g with ignore_case."""
    ends = pair({b"Dir/Sub/A": b"1", b"b": b"2"}, {}, kept=bytes.lower)
    for _time in range(3):
        report = ends.run()
        assert codes(report) == {"not_supported"}
        assert {o.action.path for o in report.outcomes if o.error} == {b"Dir", b"Dir/Sub", b"Dir/Sub/A"}
        assert report.stats["files_stored"] == (_time == 0)
        assert contents(ends.destination) == {b"dir/sub/a": b"1", b"b": b"2"}


def test_new_names_cost_few_listings_where_none_is_changed() -> None:
    tree = {b"D%d/%d/File" % (number % 30, number): b"1" for number in range(100)}
    plain = {path.lower(): data for path, data in tree.items()}
    listings = []
    for source in (plain, tree):
        ends = pair(source, {}, fold=lambda name: name)
        assert codes(ends.run()) == set()
        listings.append(ends.destination.faults.asked("scan").count)
    assert listings[0](b"") == 1
    assert listings[1](b"") == 2


def test_an_end_that_replaces_characters_loses_nothing() -> None:
    def kept(name: bytes) -> bytes:
        return name.replace(b"?", b"_")

    ends = pair({b"a?b": b"1" * 70000, b"c": b"2"}, {}, fold=kept, kept=kept)
    for _time in range(3):
        report = ends.run()
        assert codes(report) == {"not_supported"}
        assert contents(ends.destination) == {b"a_b": b"1" * 70000, b"c": b"2"}


def test_an_excluded_entry_is_not_replaced_by_another_spelling() -> None:
    ends = pair({b"README": b"1", b"a": b"2"}, {b"readme": b"mine"}, exclude=("readme",))
    report = ends.run()
    assert collided(report) == [b"README"]
    assert contents(ends.destination) == {b"readme": b"mine", b"a": b"2"}


def test_a_file_that_the_source_still_has_is_not_removed() -> None:
    """It is outside the limits, or excluded, under another spelling."""
    ends = pair({b"README": b"1", b"a": b"2"}, {b"readme": b"mine"}, exclude=("README",))
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"readme": b"mine", b"a": b"2"}


def test_an_end_that_lists_two_names_and_opens_one_file_loses_nothing() -> None:
    """NTFS, with names that were made by a system that keeps them apart."""
    ends = pair({b"readme": b"1"}, {b"readme": b"1"})
    root = ends.destination.disk.get(ends.destination.root)
    root.children[b"README"] = root.children[b"readme"]
    report = ends.run()
    assert collided(report) == [b"readme"]
    assert root.children.keys() == {b"readme", b"README"}


def test_a_file_takes_the_place_of_a_directory() -> None:
    ends = pair({b"README": b"1"}, {b"readme/sub": b"x"})
    report = ends.run()
    assert codes(report) == set()
    assert moves(report) == []
    assert contents(ends.destination) == {b"README": b"1"}
    assert done(ends.run()) == []


def test_a_renamed_directory_keeps_its_excluded_entries() -> None:
    ends = pair({b"dIR/a": b"1"}, {b"Dir/a": b"1", b"Dir/sub/x.tmp": b"2"}, exclude=("*.tmp",))
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"dIR/a": b"1", b"dIR/sub/x.tmp": b"2"}


def test_an_excluded_entry_of_a_renamed_directory_is_not_replaced() -> None:
    ends = pair({b"dIR/README": b"1"}, {b"Dir/readme": b"mine"}, exclude=("readme",))
    assert collided(ends.run()) == [b"dIR/README"]
    assert list(contents(ends.destination).values()) == [b"mine"]


@pytest.mark.parametrize("pattern", ["/Dir/keep", "Dir/sub/**", "Dir/sub/"])
def test_an_entry_that_is_excluded_with_its_directory_stays(pattern: str) -> None:
    """The pattern does not match the directory's new name: the next run would remove or replace the entry."""
    there = {b"Dir/keep": b"1", b"Dir/sub/mine": b"2", b"Dir/b": b"3"}
    ends = pair({b"dIR/keep": b"new", b"dIR/b": b"4", b"c": b"5"}, there, exclude=(pattern,))
    for _again in range(2):
        assert collided(ends.run()) == [b"dIR"]
        assert contents(ends.destination) == {**there, b"c": b"5"}


def test_a_sealed_file_that_is_excluded_with_its_directory_stays() -> None:
    there = MemoryTransport({b"Dir/keep.age": b"1"}, disk=MemoryDisk(fold=bytes.lower))
    ends = SealedPair({b"dIR/keep": b"new", b"dIR/b": b"4"}, there, delete=True, exclude=("/Dir/keep",))
    assert collided(ends.run()) == [b"dIR"]
    assert ends.there() == {b"Dir/keep.age": b"1"}


def test_a_file_outside_the_limits_stays_in_a_renamed_directory() -> None:
    limits = FileLimits(max_size=3)
    ends = pair({b"dIR/a": b"1"}, {b"Dir/a": b"1", b"Dir/large": b"12345"}, limits=limits)
    for _again in range(2):
        assert codes(ends.run()) == set()
        assert contents(ends.destination) == {b"dIR/a": b"1", b"dIR/large": b"12345"}


TRASHES = [(b".trash", b".Trash"), (b"x/trash", b"X"), (b"x/trash", b"x/Trash")]


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize(("trash", "name"), TRASHES)
def test_an_entry_in_the_place_of_the_trash_is_not_mixed_with_it(trash: bytes, name: bytes, there: bool) -> None:
    ours = {name + b"/a": b"1", b"X/trash/a" if name == b"X" else name + b"/b": b"2"}
    ends = pair({**ours, b"a": b"new", b"b": b"same"}, {b"a": b"old", **(ours if there else {})}, trash=trash)
    for _again in range(3):
        assert codes(ends.run()) == {"name_collision"}
        kept = {b"1", b"2"} if there else set()
        assert {*contents(ends.destination).values()} == {b"new", b"old", b"same"} | kept
        assert contents(ends.destination)[b"a"] == b"new"
    ends = pair({**ours, b"a": b"new"}, {b"a": b"old"}, trash=trash, fold=lambda path: path)
    assert codes(ends.run()) == set()
    assert {*contents(ends.destination).values()} == {b"new", b"old", b"1", b"2"}


@pytest.mark.parametrize("trash", [b".Trash", b"X/Trash"])
def test_an_end_that_keeps_another_name_of_the_trash_keeps_what_is_in_it(trash: bytes) -> None:
    ends = pair({b"a": b"new"}, {b"a": b"old", b"gone": b"x"}, trash=trash, kept=bytes.lower)
    for _again in range(3):
        assert codes(ends.run()) == set()
        place = trash.lower()
        assert contents(ends.destination) == {b"a": b"new", place + b"/a": b"old", place + b"/gone": b"x"}
    assert done(ends.run()) == []


def test_an_unlisted_part_of_a_renamed_directory_is_left_alone() -> None:
    ends = pair({b"dIR/sub/x": b"1"}, {b"Dir/sub/x": b"mine"})
    ends.destination.faults.fail("scan", b"Dir/sub", PermissionDenied("Permission denied"))
    report = ends.run()
    assert report.plan.withheld == 1
    assert list(contents(ends.destination).values()) == [b"mine"]


def test_removals_keep_their_limit() -> None:
    """A rename is no removal."""
    ends = pair({b"README": b"1"}, {b"readme": b"1"})
    assert codes(ends.run(max_delete=folding_limit())) == set()


def folding_limit() -> Any:
    from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit

    return DeleteLimit(0, False)


def test_without_delete_an_entry_in_the_same_place_is_renamed() -> None:
    ends = pair({b"README": b"new"}, {b"readme": b"old", b"extra": b"x"}, delete=False)
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"README": b"new", b"extra": b"x"}


def test_a_refused_rename_is_the_error_of_the_name() -> None:
    ends = pair({b"README": b"1", b"d/a": b"2"}, {b"readme": b"1", b"gone": b"x"})
    ends.destination.faults.fail("rename", lambda path: path != b"d/a", PermissionDenied("Permission denied"))
    report = ends.run()
    assert [(outcome.action.path, outcome.error.code) for outcome in report.outcomes if outcome.error] == [
        (b"README", "permission_denied")
    ]
    assert contents(ends.destination) == {b"readme": b"1", b"gone": b"x", b"d/a": b"2"}


def test_names_that_the_end_does_not_take_are_named() -> None:
    ends = pair({b"a:b": b"1", b"c": b"2", b"d?/e": b"3"}, {}, refuses=lambda name: set(name) & set(b":?"))
    report = ends.run()
    failed = {outcome.action.path: outcome.error for outcome in report.outcomes if outcome.error}
    assert failed[b"a:b"].message == "the server's file system does not take :"
    assert failed[b"d?"].message == "the server's file system does not take ?"
    assert contents(ends.destination) == {b"c": b"2"}
    assert ends.destination.snapshot().keys() == {b"c"}


def test_other_failures_keep_their_error() -> None:
    ends = pair({b"a:b": b"1"}, {})
    ends.destination.faults.fail("rename", b"a:b", PermissionDenied("Permission denied"), times=9)
    assert codes(ends.run()) == {"permission_denied"}


def test_a_run_without_such_names_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(folding, "End", lambda *args, **options: asked.append(args))
    ends = pair({b"a": b"1", b"B/c": b"2", b"d/A": b"3"}, {b"old": b"x"})
    assert codes(ends.run()) == set()
    ends.fill = ends.source.fill({b"new": b"4"})
    assert codes(ends.run()) == set()
    assert asked == []


def test_names_are_found_in_each_directory() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2", b"d/x": b"3", b"d/X": b"4", b"other": b"5"})
    assert collided(ends.run()) == [b"README", b"Readme", b"d/X", b"d/x"]
    assert contents(ends.destination) == {b"other": b"5"}


@pytest.mark.parametrize("retries", [0, 3], ids=["killed", "retried"])
@pytest.mark.parametrize("effect", [False, True], ids=["undone", "done"])
@pytest.mark.parametrize("respells", [True, False], ids=["one-step", "two-steps"])
def test_a_session_lost_at_each_operation(respells: bool, effect: bool, retries: int) -> None:
    """A run may end between the two steps of a rename: the content is under the temporary name then, and the next run
    brings it under its name."""
    source = {b"dIR/A": b"1", b"dIR/b": b"2", b"README": b"new", b"two": b"3", b"Two": b"4", b"c": b"5"}
    there = {b"Dir/a": b"1", b"Dir/b": b"2", b"readme": b"old"}
    wanted = {b"dIR/A": b"1", b"dIR/b": b"2", b"README": b"new", b"c": b"5"}
    for number in range(1000):
        ends = pair(source, there, respells=respells)
        faults = ends.peer.faults
        begun = faults.operations
        faults.disconnect_at, faults.effect_before_loss = begun + number, effect
        first = ends.run(retries=retries)
        reached = faults.operations > begun + number
        faults.disconnect_at = None
        if retries and reached:
            assert codes(first) == {"name_collision"}, number
        content = list(contents(ends.destination).values())
        assert sorted(content) == sorted({*content}), "nothing is there twice"
        assert {b"1", b"2"} <= {*content}, number
        assert content.count(b"old") + content.count(b"new") == 1, number
        assert collided(ends.run()) == [b"Two", b"two"]
        del ends.source.disk.get(ends.source.root).children[b"two"]
        assert codes(ends.run()) == set(), number
        assert contents(ends.destination) == {**wanted, b"Two": b"4"}, number
        assert done(ends.run()) == []
        if not reached:
            break
    assert number > 20


class Killed(BaseException):
    """The end of the process."""


def run_killed(ends: SyncPair, step: int, *, effect: bool) -> None:
    """Run, and end at one of the renames of an entry, before or after its effect."""
    real, steps = folding._rename, itertools.count()

    def rename(*arguments: Any) -> Any:
        dies = next(steps) == step
        if dies and not effect:
            raise Killed
        error = real(*arguments)
        if dies:
            raise Killed
        return error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "_rename", rename)
        with pytest.raises(Killed):
            ends.run()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("effect", [True, False], ids=["done", "undone"])
@pytest.mark.parametrize("step", [0, 1])
def test_a_run_that_ends_between_two_steps_leaves_no_temporary_name(step: int, effect: bool, push: bool) -> None:
    """Without delete, nothing else would bring back the entries that only the destination has."""
    ends = pair({b"dIR/A": b"1", b"c": b"3"}, {b"Dir/A": b"1", b"Dir/mine": b"2"}, delete=False, push=push)
    run_killed(ends, step, effect=effect)
    assert any(b".old" in name for name in contents(ends.destination)) is (step != effect)
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"dIR/A": b"1", b"dIR/mine": b"2", b"c": b"3"}
    assert done(ends.run()) == []


def test_an_entry_whose_name_was_taken_meanwhile_is_named() -> None:
    ends = pair({b"dIR/A": b"1"}, {b"Dir/A": b"1", b"Dir/mine": b"2"}, delete=False)
    run_killed(ends, 0, effect=True)
    (aside,) = {name.partition(b"/")[0] for name in contents(ends.destination) if b".old" in name}
    ends.destination.fill({b"dIR/B": b"3"})
    for _time in range(2):
        report = ends.run()
        assert any(aside.decode() in note and "another entry has that name" in note for note in report.notes)
        assert contents(ends.destination)[aside + b"/mine"] == b"2"


def test_an_entry_that_cannot_be_brought_back_is_named_until_it_can() -> None:
    ends = pair({b"dIR/A": b"1"}, {b"Dir/A": b"1", b"Dir/mine": b"2"}, delete=False)
    run_killed(ends, 0, effect=True)
    (aside,) = {name.partition(b"/")[0] for name in contents(ends.destination) if b".old" in name}
    ends.destination.faults.fail("look", aside, PermissionDenied("Permission denied"), times=2)
    for words in ("Permission denied", "another entry has that name"):
        assert any(aside.decode() in note and words in note for note in ends.run().notes)
    ends.destination.disk.get(ends.destination.root).children.pop(b"dIR")
    ends.run()
    assert contents(ends.destination) == {b"dIR/A": b"1", b"dIR/mine": b"2"}


def test_an_end_that_takes_no_temporary_file_gets_neither_name() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2", b"d/x": b"3"}, {b"d/X": b"3"})
    ends.destination.faults.fail("create_file", lambda path: b".fold-" in path, PermissionDenied("Permission denied"))
    report = ends.run()
    assert collided(report) == [b"README", b"Readme"]
    assert any("no temporary file" in note for note in report.notes)
    assert contents(ends.destination) == {b"d/x": b"3"}, "a present entry is found by its new name"


def test_a_present_entry_that_cannot_be_looked_up_is_not_removed() -> None:
    """As at a server that refuses LSTAT, and finds a name by STAT that it does not list."""
    ends = pair({b"README": b"1"}, {b"readme": b"1"})
    ends.destination.faults.fail("create_file", lambda path: b".fold-" in path, PermissionDenied("Permission denied"))
    ends.destination.faults.fail("look", b"README", OperationFailed("Failure"), times=1)
    ends.run()
    assert list(contents(ends.destination).values()) == [b"1"]


def test_in_place_makes_no_temporary_file() -> None:
    """A server that acts on each upload would take it for a file."""
    ends = pair(
        {b"Readme": b"1", b"README": b"2", b"a:b": b"3", b"c": b"4"},
        delete=False,
        drop_box=DropBoxRequest(in_place=True),
        proof="none",
        lock=False,
        refuses=lambda name: b":" in name,
    )
    report = ends.run()
    assert codes(report) == {"name_collision", "operation_failed"}
    assert contents(ends.destination) == {b"c": b"4"}
    assert ends.destination.faults.asked("create_file") == []


def test_a_directory_without_write_permission_is_asked_above() -> None:
    ends = pair({b"d/Readme": b"1", b"d/README": b"2"}, {b"d/x": b"3"}, delete=False, fold=lambda name: name)
    refused = PermissionDenied("Permission denied")
    ends.destination.faults.fail("create_file", lambda path: path.startswith(b"d/") and b".fold-" in path, refused)
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"d/Readme": b"1", b"d/README": b"2", b"d/x": b"3"}


def test_the_times_of_directories_stay() -> None:
    time = 10**18
    source = {b"d": Directory(0o755, time), b"d/Readme": b"1", b"e": Directory(0o755, time), b"e/x": b"2", b"e/X": b"3"}
    ends = pair(source, {b"d": Directory(0o755, time), b"d/readme": b"1", b"e": Directory(0o755, time)})
    assert collided(ends.run()) == [b"e/X", b"e/x"]
    assert [ends.destination.node(name).mtime for name in (b"d", b"e")] == [time, time]


def test_a_temporary_file_of_a_killed_run_is_removed() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2"})
    ends.destination.faults.fail("remove_files", lambda path: b".fold-" in path, PermissionDenied("x"), times=2)
    ends.run()
    assert [name for name in ends.destination.snapshot() if b".fold-" in name] != []
    ends.run()
    assert [name for name in ends.destination.snapshot() if b".fold-" in name] == []


WORDS = [b"%s-%s" % (one, other) for one in (b"alpha", b"beta", b"gamma") for other in (b"delta", b"zeta", b"eta")]


def test_many_names_cost_few_questions() -> None:
    """A tree whose names all become upper case."""
    ends = pair({word.upper(): word for word in WORDS}, {word: word for word in WORDS})
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {word.upper(): word for word in WORDS}
    assert sum(b".fold-" in path for path in ends.destination.faults.asked("create_file")) <= 6


def test_many_names_that_the_end_keeps_apart_cost_few_questions() -> None:
    ends = pair({name: name for word in WORDS for name in (word, word.upper())}, fold=lambda name: name)
    assert codes(ends.run()) == set()
    assert len(contents(ends.destination)) == 2 * len(WORDS)
    assert sum(b".fold-" in path for path in ends.destination.faults.asked("create_file")) <= 3


def spellings(number: int) -> dict[bytes, Any]:
    letters = b"abcdefghijklmnopq"
    return {
        bytes(each - 32 * (at >> place & 1) for place, each in enumerate(letters)): b"%d" % at for at in range(number)
    }


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("same", [True, False])
def test_the_work_grows_with_the_spellings_of_a_name(same: bool, check_mode: bool) -> None:
    """Compared in pairs, 16 times as many would take 256 times as long."""
    seconds = []
    for number in (500, 8000):
        ends = pair(spellings(number)) if same else SyncPair(spellings(number), {}, delete=True)
        begun = time.process_time()
        report = ends.run(check_mode=check_mode)
        seconds.append(time.process_time() - begun)
        assert len(collided(report)) == (number if same and not check_mode else 0)
        assert len(report.notes) < 30
        if not check_mode:
            assert len(contents(ends.destination)) == (0 if same else number)
    assert seconds[1] < 48 * max(seconds[0], 0.02), seconds


@pytest.mark.parametrize("names", ["bytes", "marks", "without width"])
def test_many_forms_of_a_name_that_an_end_takes_for_one(names: str) -> None:
    made = {
        "bytes": [b"\xe9%s" % name for name in spellings(60)],
        "marks": [name.replace(b"a", "a\u0301".encode()).replace(b"A", "\u00c1".encode()) for name in spellings(60)],
        "without width": [b"na" + "\u200d".encode() * number + b"me" for number in range(60)],
    }[names]
    fold = {"bytes": latin_1, "marks": lambda name: nfc(unicode_case(name)), "without width": ext4}[names]
    ends = pair(dict.fromkeys(made, b"1"), fold=fold)
    report = ends.run()
    assert (collided(report), contents(ends.destination)) == (sorted(made), {})


def test_names_of_many_characters_are_asked_about_in_parts() -> None:
    letters = [*range(0x10428, 0x10450), *range(0x430, 0x450), *range(97, 122)]
    name = "".join(map(chr, letters)).encode()
    ends = pair(
        {name: b"1", name.decode().upper().encode(): b"2"},
        fold=lambda name: name,
        refuses=lambda name: len(name) > 255,
    )
    assert codes(ends.run()) == set()
    assert len(contents(ends.destination)) == 2


def test_check_mode_notes_that_nothing_is_known_yet() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2"})
    report = ends.run(check_mode=True)
    assert [note for note in report.notes if "Readme" in note and "apart" in note]
    assert codes(report) == set()


def test_a_damaged_record_costs_a_note() -> None:
    ends = pair({b"Readme": b"1", b"README": b"2"})
    ends.run()
    (record,) = Path(os.fsdecode(ends.state_dir)).rglob("*peer-folding*")
    record.write_bytes(record.read_bytes().replace(b".same", b"."))
    assert codes(ends.run(check_mode=True)) == set()
    record.write_bytes(record.read_bytes().replace(b"x65", b"xyz"))
    report = ends.run(check_mode=True)
    assert [note for note in report.notes if "apart" in note]
    assert collided(ends.run()) == [b"README", b"Readme"]


def test_removed_names_that_the_end_keeps_apart_are_removed() -> None:
    ends = pair({b"readme": b"1"}, {b"readme": b"1", b"README": b"2"}, fold=lambda name: name)
    foreseen = ends.run(check_mode=True)
    assert [action.path for action in foreseen.plan.actions] == [b"README"]
    assert codes(ends.run()) == set()
    assert contents(ends.destination) == {b"readme": b"1"}

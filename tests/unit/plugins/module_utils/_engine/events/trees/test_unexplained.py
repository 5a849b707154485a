# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DOWNLOAD,
    FAILURE,
    LINK,
    RENAME,
    SETSTAT,
    UPLOAD,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import (
    Unexplained,
    unexplained,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    Recorded,
    read_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

VIEWS = {"partner": b"/in"}


def files(**sizes: int) -> dict[RelPath, Recorded]:
    """Return files whose content follows from name and size; _ stands for a slash."""
    found = {}
    for name, size in sizes.items():
        path = RelPath(name.replace("_", "/").encode())
        found[path] = Recorded(size, 1, bytes([size % 256]) * 32)
    return found


def event(action: str, path: bytes, old_path: bytes = b"", **fields: object) -> Event:
    return Event(1.0, action, account="partner", path=path, old_path=old_path)._replace(**fields)  # type: ignore[arg-type]


def kinds(before: dict[RelPath, Recorded], after: dict[RelPath, Recorded], *events: Event) -> dict[bytes, str]:
    return {change.path: change.kind for change in unexplained(before, after, events, VIEWS)}


def test_without_events_every_change_is_unexplained() -> None:
    touched = {RelPath(b"t"): Recorded(1, 99, bytes([1]) * 32)}
    found = kinds(files(a=1, b=2, c=3, t=1), {**files(a=1, b=9, d=4), **touched})
    assert found == {b"b": "changed", b"c": "removed", b"d": "created", b"t": "touched"}


def test_transfers_explain_changes() -> None:
    after = {**files(a=1, b=9, d=4), RelPath(b"t"): Recorded(1, 99, bytes([1]) * 32)}
    events = (
        event(UPLOAD, b"/in/b", received=9),
        event(DELETE, b"/in/c"),
        event(UPLOAD, b"/in/d", b"/in/.d.part", received=4),
        event(SETSTAT, b"/in/t"),
    )
    assert kinds(files(a=1, b=2, c=3, t=1), after, *events) == {}


def test_an_upload_that_was_going_on_takes_its_temporary_name_away() -> None:
    before = {RelPath(b".d.part"): Recorded(1, 1, b"x" * 32)}
    assert kinds(before, files(d=4), event(UPLOAD, b"/in/d", b"/in/.d.part", received=4)) == {}


def test_another_size_than_the_uploaded_is_unexplained() -> None:
    assert kinds({}, files(a=9), event(UPLOAD, b"/in/a", received=8)) == {b"a": "changed"}
    assert kinds(files(a=5), files(a=9), event(UPLOAD, b"/in/a", received=4)) == {}, "it was continued"
    assert kinds(files(a=5), files(a=10), event(UPLOAD, b"/in/a", received=4)) == {b"a": "changed"}


def test_a_change_has_its_files() -> None:
    before, after = files(a=1), files(a=2)
    (found,) = unexplained(before, after, [], VIEWS)
    assert found == Unexplained("changed", RelPath(b"a"), before[RelPath(b"a")], after[RelPath(b"a")])


def test_new_attributes_can_be_a_new_size_but_no_other_content() -> None:
    attributes = event(SETSTAT, b"/in/a")
    assert kinds(files(a=5), files(a=3), attributes) == {}
    other = {RelPath(b"a"): Recorded(5, 1, b"x" * 32)}
    assert kinds(files(a=5), other, attributes) == {b"a": "changed"}


def test_a_link_makes_a_file() -> None:
    assert kinds(files(a=5), files(a=5, b=5), event(LINK, b"/in/b", b"/in/a")) == {}


def test_a_rename_keeps_the_known_content() -> None:
    rename = event(RENAME, b"/in/new", b"/in/a")
    assert kinds(files(a=5), files(new=5), rename) == {}
    assert kinds(files(a=5), files(new=6), rename) == {b"new": "changed"}
    assert kinds(files(a=5), files(a=5), rename) == {b"a": "created", b"new": "removed"}
    assert kinds(files(a=5), {}, event(RENAME, b"/other/a", b"/in/a")) == {}, "out of the tree"


def test_a_renamed_directory_moves_its_files() -> None:
    before, after = files(d_a=1, d_e_b=2, dd=3), files(x_a=1, x_e_b=2, dd=3)
    assert kinds(before, after, event(RENAME, b"/in/x", b"/in/d")) == {}


def test_each_meaning_of_an_ambiguous_rename_is_tried() -> None:
    before = {RelPath(b"a b"): Recorded(1, 1, b"x" * 32)}
    after = {RelPath(b"c d"): Recorded(1, 1, b"x" * 32)}
    rename = event(RENAME, b"b /in/c d", b"/in/a", ambiguous=True)
    assert kinds(before, after, rename) == {}
    assert kinds(before, after, rename._replace(ambiguous=False)) == {b"a b": "removed", b"c d": "created"}


def test_an_ambiguous_rename_with_several_meanings_leaves_its_paths_out() -> None:
    names = {name: Recorded(1, 1, name.ljust(32)) for name in map(RelPath, (b"a", b"a b", b"c"))}
    after = {RelPath(b"b c"): names[RelPath(b"a")], RelPath(b"a b"): names[RelPath(b"a b")]}
    rename = event(RENAME, b"b c", b"a", ambiguous=True)
    found = {each.path: each.kind for each in unexplained(names, after, [rename], {"partner": b"/"})}
    assert found == {}, "a has become b c, or a b has replaced c"
    after[RelPath(b"d")] = Recorded(1, 1, b"")
    assert [each.path for each in unexplained(names, after, [rename], {"partner": b"/"})] == [b"d"]


def test_an_ambiguous_rename_of_unknown_names_explains_nothing() -> None:
    rename = event(RENAME, b"b /in/c d", b"/in/a", ambiguous=True)
    assert kinds({}, {RelPath(b"c d"): Recorded(1, 1, b"")}, rename) == {b"c d": "created"}


def test_a_move_into_the_tree_brings_unknown_content() -> None:
    assert kinds({}, files(a=5), event(RENAME, b"/in/a", b"/other/a")) == {}
    assert kinds({}, files(d_a=5, d_e_b=5), event(RENAME, b"/in/d", b"/other/d")) == {}
    moves = (event(RENAME, b"/in/d", b"/other/d"), event(RENAME, b"/in/x", b"/in/d/a"), event(SETSTAT, b"/in/d/c"))
    upload = event(UPLOAD, b"/in/d/c", received=1)
    assert kinds({}, files(x=5, d_b=5, d_c=1), *moves, upload) == {}
    blanks = event(RENAME, b"y /in/c d", b"/other/x", ambiguous=True)
    assert kinds({}, {RelPath(b"c d"): Recorded(1, 1, b"")}, blanks) == {}


def test_a_directory_is_empty_when_it_is_removed() -> None:
    assert kinds(files(d_a=1), {}, event(DELETE, b"/in/d")) == {b"d/a": "removed"}
    assert kinds(files(d_a=1), {}, event(DELETE, b"/in/d/a"), event(DELETE, b"/in/d")) == {}


def test_renames_of_a_large_directory_take_no_time() -> None:
    before = {RelPath(b"d/%d" % number): Recorded(1, 1, b"x" * 32) for number in range(20_000)}
    there, back = event(RENAME, b"/in/e", b"/in/d"), event(RENAME, b"/in/d", b"/in/e")
    begun = time.process_time()
    assert kinds(before, before, *[there, back] * 5000) == {}
    assert time.process_time() - begun < 10, "a walk over all files for each rename takes a minute"


def test_an_upload_that_was_taken_away_has_vanished() -> None:
    assert kinds({}, {}, event(UPLOAD, b"/in/a", received=4)) == {b"a": "vanished"}
    assert kinds({}, {}, event(UPLOAD, b"/in/a", received=4), event(DELETE, b"/in/a")) == {}


@pytest.mark.parametrize(
    "nothing",
    [
        event(UPLOAD, b"/in/a", received=4, outcome=FAILURE),
        event(UPLOAD, b"/in/a", received=4, account="other"),
        event(UPLOAD, b"/inn/a", received=4),
        event(UPLOAD, b"/a", received=4),
        event(UPLOAD, b"/in", received=4),
        event(DOWNLOAD, b"/in/a", sent=4),
    ],
)
def test_other_events_explain_nothing(nothing: Event) -> None:
    assert kinds({}, files(a=4), nothing) == {b"a": "created"}


@pytest.mark.parametrize("path", [b"in/a", b"/in//a", b"//in/a", b"/in/./a", b"/x/../in/a"])
def test_paths_of_clients_are_made_plain(path: bytes) -> None:
    assert kinds({}, files(a=4), event(UPLOAD, path, received=4)) == {}


def test_the_root_of_a_jail_may_be_the_tree() -> None:
    assert unexplained({}, files(a=4), [event(UPLOAD, b"/a", received=4)], {"partner": b"/"}) == []


def test_manifests_of_bsdtar_are_compared(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a b").write_text("1")
    before = manifest(tree)
    (tree / "a b").write_text("2")
    (tree / "new").write_text("22")
    after = manifest(tree)
    assert kinds(before, after, event(UPLOAD, b"/in/new", received=2)) == {b"a b": "changed"}


def manifest(tree: Path) -> dict[RelPath, Recorded]:
    options = "mtree:!all,type,size,time,sha256"
    command = ["bsdtar", "-cf", "-", "--format=mtree", f"--options={options}", "-C", str(tree), "."]
    return read_manifest(subprocess.run(command, capture_output=True, check=True).stdout, sealed=False)

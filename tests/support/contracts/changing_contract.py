# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of every Transport for changes: names, attributes, the trash, small files."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
    NotSupported,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    Attributes,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Rename,
    Transport,
)

from ..trees.tree_spec import MTIME, SECOND, Directory, File, Link, Special, TreeSpec
from .tree_scene import ODD_NAMES, Make, TreeScene, entries, errors, paths

__all__ = ["ATTRIBUTES", "ChangingContract"]


ATTRIBUTES: TreeSpec = {b"d/f": File(b"x", 0o644), b"g": File(b"y", 0o600), b"h": File(b"z", 0o640)}
LATER = MTIME + 77 * SECOND


class ChangingContract(TreeScene):
    # Names.

    def test_make_directories(self, make: Make) -> None:
        transport = make({b"there": Directory(0o750), b"file": b"x", b"link": Link(b"there")})
        wanted = paths(b"new", b"new/deeper", b"there", b"there/new", b"file", b"link", b"none/below")
        assert errors(transport.make_directories(wanted)) == {
            **dict.fromkeys(wanted[:4]),
            b"file": AlreadyExists,
            b"link": AlreadyExists,
            b"none/below": NotFound,
        }
        found = self.truth(transport)
        assert [found[path].mode for path in (b"new", b"new/deeper", b"there/new")] == [0o700] * 3
        assert found[b"there"].mode == 0o750
        assert found[b"file"].content == b"x"

    def test_make_links(self, make: Make) -> None:
        transport = make({b"d": Directory(), b"f": b"x"})
        links = [(RelPath(b"d/up"), b"../f"), (RelPath(b"odd"), b"a b\n\xff"), (RelPath(b"f"), b"d")]
        assert errors(transport.make_links(links)) == {b"d/up": None, b"odd": None, b"f": AlreadyExists}
        found = self.truth(transport)
        assert (found[b"d/up"], found[b"odd"]) == (Link(b"../f"), Link(b"a b\n\xff"))
        assert found[b"f"].content == b"x"

    def test_rename_replaces_files_and_links(self, make: Make) -> None:
        transport = make({b"s1": b"1", b"s2": b"2", b"s3": b"3", b"d/f": b"old", b"l": Link(b"d/f")})
        moves = [Rename(*paths(b"s1", b"d/f")), Rename(*paths(b"s2", b"l")), Rename(*paths(b"s3", b"d/new"))]
        assert errors(transport.rename(moves)) == dict.fromkeys((b"d/f", b"l", b"d/new"))
        found = self.truth(transport)
        assert sorted(found) == [b"d", b"d/f", b"d/new", b"l"]
        assert [found[path].content for path in (b"d/f", b"l", b"d/new")] == [b"1", b"2", b"3"]

    def test_rename_of_an_entry_that_may_have_both_names(self, make: Make) -> None:
        """At an end that keeps the two apart it is an ordinary rename, also of a directory."""
        transport = make({b"readme": b"1", b"Dir/f": b"2"})
        moves = [Rename(*paths(b"readme", b"README"), same=True), Rename(*paths(b"Dir", b"dIR"), same=True)]
        assert errors(transport.rename(moves)) == dict.fromkeys((b"README", b"dIR"))
        found = self.truth(transport)
        assert sorted(found) == [b"README", b"dIR", b"dIR/f"]
        assert [found[path].content for path in (b"README", b"dIR/f")] == [b"1", b"2"]
        refused = errors(transport.rename([Rename(*paths(b"none", b"NONE"), same=True)]))
        assert issubclass(refused[b"NONE"], ItemError)

    def test_rename_that_fails_leaves_both_and_the_others_are_done(self, make: Make) -> None:
        transport = make({b"s": b"s", b"t": b"t", b"d/inside": b"x", b"e": Directory()})
        moves = [
            Rename(*paths(b"s", b"d")),
            Rename(*paths(b"none", b"n")),
            Rename(*paths(b"s", b"none/x")),
            Rename(*paths(b"t", b"u")),
        ]
        result = errors(transport.rename(moves))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {b"n": NotFound, b"none/x": NotFound, b"u": None}
        found = self.truth(transport)
        assert sorted(found) == [b"d", b"d/inside", b"e", b"s", b"u"]
        assert found[b"s"].content == b"s"

    def test_remove_files(self, make: Make) -> None:
        transport = make({b"f": b"", b"l": Link(b"kept"), b"fifo": Special(), b"kept": b"", b"d/f": b""})
        wanted = paths(b"f", b"l", b"fifo", b"none", b"none/below", b"kept/below", b"d", b"d/f")
        result = errors(transport.remove_files(wanted))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {path: None for path in wanted if path != b"d"}
        assert sorted(self.truth(transport)) == [b"d", b"kept"]

    def test_remove_directories(self, make: Make) -> None:
        transport = make({b"a/b/c": Directory(), b"full/f": b"", b"f": b"x", b"l": Link(b"a")})
        wanted = paths(b"a/b/c", b"a/b", b"a", b"none", b"none/below", b"full", b"f", b"l")
        result = errors(transport.remove_directories(wanted))
        failed = {path for path, error in result.items() if error}
        assert failed == {b"full", b"f", b"l"}
        assert all(issubclass(result[path], ItemError) for path in failed)
        assert sorted(self.truth(transport)) == [b"f", b"full", b"full/f", b"l"]

    def test_a_directory_can_be_removed_made_and_filled_again(self, make: Make) -> None:
        transport = make({b"a/b/f": b"old"})
        list(transport.remove_files(paths(b"a/b/f")))
        list(transport.remove_directories(paths(b"a/b", b"a")))
        list(transport.make_directories(paths(b"a", b"a/b")))
        transport.create_file(RelPath(b"a/b/f"), b"new")
        assert self.truth(transport)[b"a/b/f"].content == b"new"

    def test_odd_names_through_every_operation(self, make: Make) -> None:
        transport = make({})
        below = paths(*(name + b"/" + name for name in ODD_NAMES))
        assert not any(errors(transport.make_directories(paths(*ODD_NAMES))).values())
        for path in below:
            transport.create_file(path, bytes(path))
        assert sorted(self.truth(transport)) == sorted([*ODD_NAMES, *below])
        assert [item.error for item in transport.digest({path: len(path) for path in below})] == [None] * len(below)
        assert not any(errors(transport.set_attributes([(path, Attributes(0o640)) for path in below])).values())
        assert not any(errors(transport.rename([Rename(path, RelPath(path.name + b"/z")) for path in below])).values())
        assert sorted(self.truth(transport)) == sorted([*ODD_NAMES, *(name + b"/z" for name in ODD_NAMES)])
        assert not any(errors(transport.remove_files(paths(*(name + b"/z" for name in ODD_NAMES)))).values())
        assert not any(errors(transport.remove_directories(paths(*ODD_NAMES))).values())
        assert self.truth(transport) == {}

    def test_many_levels_can_be_worked_in(self, make: Make, depth: int) -> None:
        transport = make({})
        levels = [RelPath(b"/".join([b"d"] * number)) for number in range(1, depth + 1)]
        assert not any(errors(transport.make_directories(levels)).values())
        transport.create_file(levels[-1].child(b"f"), b"deep")
        assert transport.read_file(levels[-1].child(b"f")) == b"deep"
        assert not any(errors(transport.remove_files([levels[-1].child(b"f")])).values())
        assert not any(errors(transport.remove_directories(levels[::-1])).values())
        assert self.truth(transport) == {}

    # Attributes.

    def test_set_attributes(self, make: Make) -> None:
        self.set_attributes(make(ATTRIBUTES), directory_mtime=LATER)

    def set_attributes(self, transport: Transport, *, directory_mtime: int) -> None:
        """Set attributes in each combination; `directory_mtime` is the time of the directory afterwards."""
        changes = [
            (RelPath(b"d/f"), Attributes(0o444, LATER)),
            (RelPath(b"g"), Attributes(mode=0o755)),
            (RelPath(b"h"), Attributes(mtime=LATER)),
            (RelPath(b"d"), Attributes(0o500, LATER)),
            (RelPath(b"none"), Attributes(0o600, LATER)),
        ]
        expected = {**dict.fromkeys((b"d/f", b"g", b"h", b"d")), b"none": NotFound}
        assert errors(transport.set_attributes(changes)) == expected
        found = self.truth(transport)
        found.pop(b"lock", None)
        assert found == {
            b"d": Directory(0o500, directory_mtime),
            b"d/f": File(b"x", 0o444, LATER),
            b"g": File(b"y", 0o755, MTIME),
            b"h": File(b"z", 0o640, LATER),
        }

    def test_mtimes_far_away(self, make: Make) -> None:
        times = {b"old": SECOND, b"new": (2**31 + 5) * SECOND}
        transport = make(dict.fromkeys(times, b""))
        assert not any(
            errors(transport.set_attributes([(RelPath(n), Attributes(mtime=t)) for n, t in times.items()])).values()
        )
        assert {name: entry.mtime for name, entry in entries(transport).items()} == times
        assert {name: found.mtime for name, found in self.truth(transport).items()} == times

    # The trash.

    def test_keep_in_with_removal(self, make: Make) -> None:
        transport = make({b"a/b/f": File(b"old", 0o640), b"l": Link(b"a"), b"d": Directory()})
        result = errors(transport.keep_in(RelPath(b".trash"), paths(b"a/b/f", b"l", b"none", b"d"), remove=True))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {b"a/b/f": None, b"l": None, b"none": NotFound}
        found = self.truth(transport)
        assert found[b".trash/a/b/f"] == File(b"old", 0o640)
        assert found[b".trash/l"] == Link(b"a")
        assert found[b".trash"].mode == found[b".trash/a"].mode == found[b".trash/a/b"].mode == 0o700
        assert {b"a/b/f", b"l"}.isdisjoint(found)
        assert b"d" in found

    def test_keep_in_before_a_replacement(self, make: Make) -> None:
        transport = make({b"f": b"old", b"stage": b"new"})
        assert errors(transport.keep_in(RelPath(b"t/r"), paths(b"f"), remove=False)) == {b"f": None}
        assert (b"f" in self.truth(transport)) == transport.capabilities.hard_links
        assert errors(transport.rename([Rename(*paths(b"stage", b"f"))])) == {b"f": None}
        found = self.truth(transport)
        assert (found[b"f"].content, found[b"t/r/f"].content) == (b"new", b"old")

    @pytest.mark.parametrize("remove", [True, False])
    def test_a_trash_that_has_no_room_for_a_directory(self, make: Make, remove: bool) -> None:
        transport = make({b"d/e/f": b"1", b"g": b"2", b"t/d": b"in the way"})
        result = errors(transport.keep_in(RelPath(b"t"), paths(b"d/e/f", b"g"), remove=remove))
        assert result.pop(b"d/e/f") not in (None, NotFound)
        assert result == {b"g": None}
        found = self.truth(transport)
        assert (found[b"d/e/f"].content, found[b"t/d"].content) == (b"1", b"in the way")

    def test_the_trash_never_loses_what_it_has(self, make: Make) -> None:
        transport = make({b"f": b"1", b"t/f.1": b"foreign", b"t": Directory(0o755)})
        for content in (b"2", b"3", b"4"):
            assert errors(transport.keep_in(RelPath(b"t"), paths(b"f"), remove=True)) == {b"f": None}
            transport.create_file(RelPath(b"f"), content)
        found = self.truth(transport)
        assert {path: found[path].content for path in found if path.startswith(b"t/")} == {
            b"t/f": b"1",
            b"t/f.1": b"foreign",
            b"t/f.2": b"2",
            b"t/f.3": b"3",
        }
        assert found[b"t"].mode == 0o755

    def test_the_trash_and_names_of_255_bytes(self, make: Make) -> None:
        transport = make({b"n" * 255: b"1"})
        for content in (b"2", b"3"):
            assert not any(errors(transport.keep_in(RelPath(b"t"), paths(b"n" * 255), remove=True)).values())
            transport.create_file(RelPath(b"n" * 255), content)
        kept = sorted(spec.content for path, spec in self.truth(transport).items() if path.startswith(b"t/"))
        assert kept == [b"1", b"2"]

    # Small files.

    def test_create_and_read_a_small_file(self, make: Make) -> None:
        transport = make({b"d": Directory()})
        transport.create_file(RelPath(b"d/lock"), b"mine" * 100)
        found = self.truth(transport)[b"d/lock"]
        assert (found.content, found.mode) == (b"mine" * 100, 0o600)
        assert transport.read_file(RelPath(b"d/lock")) == b"mine" * 100
        assert transport.read_file(RelPath(b"d/lock"), limit=6) == b"minemi"
        with pytest.raises(AlreadyExists):
            transport.create_file(RelPath(b"d/lock"), b"other")
        with pytest.raises(NotFound):
            transport.create_file(RelPath(b"none/lock"), b"other")
        with pytest.raises(NotFound):
            transport.read_file(RelPath(b"none"))
        assert self.truth(transport)[b"d/lock"].content == b"mine" * 100

    def test_rename_new_never_replaces(self, make: Make) -> None:
        transport = make({b"old": b"1", b"there": b"2"})
        with pytest.raises(AlreadyExists):
            transport.rename_new(*paths(b"old", b"there"))
        with pytest.raises(NotFound):
            transport.rename_new(*paths(b"none", b"fresh"))
        assert {path: spec.content for path, spec in self.truth(transport).items()} == {b"old": b"1", b"there": b"2"}
        transport.rename_new(*paths(b"old", b"new"))
        assert {path: spec.content for path, spec in self.truth(transport).items()} == {b"new": b"1", b"there": b"2"}

    def test_sync_directories_is_done_or_says_that_it_cannot(self, make: Make) -> None:
        result = errors(make({b"d": Directory()}).sync_directories([ROOT, RelPath(b"d")]))
        assert set(result) == {ROOT, b"d"}
        assert set(result.values()) in ({None}, {NotSupported})

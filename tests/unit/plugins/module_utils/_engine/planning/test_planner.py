# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of a plan, one by one."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    EmptySource,
    KindConflict,
    Refused,
    SyncError,
    TooManyDeletions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Attributes,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import (
    Draft,
    PlanPolicy,
    make_plan,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.relocations import Twins
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities

SECOND = 10**9
SIZES = PlanPolicy(compare="size_mtime", max_delete=DeleteLimit(100, True))
DELETE = SIZES._replace(delete=True)
COPY = DELETE._replace(links="copy")


def file(size: int = 1, mtime: int = 5, mode: int = 0o644) -> Entry:
    return Entry(FILE, size, mtime, mode)


def directory(mtime: int = 5, mode: int = 0o755) -> Entry:
    return Entry(DIRECTORY, 0, mtime, mode)


def link(target: bytes | None = None) -> Entry:
    return Entry(LINK, 0, 5, 0o777, target)


special = Entry(SPECIAL, 0, 5, 0o644)


def tree(**entries: Entry) -> Tree:
    """d__f is d/f."""
    return {RelPath(name.replace("__", "/").encode()): entry for name, entry in entries.items()}


def plan(source: Tree, destination: Tree, policy: PlanPolicy = SIZES, **more: object) -> Plan:
    return make_plan(source, destination, policy, **{"capabilities": Capabilities(), **more})


def short(made: Plan) -> list[tuple[str, str, str]]:
    return [(action.path.decode(), action.action, action.reason) for action in made.actions]


def skipped(made: Plan) -> list[str]:
    return [skip.path.decode() for skip in made.skipped]


def test_missing_entries_are_made_parents_first() -> None:
    made = plan(tree(d__f=file(mode=0o640), d=directory(), a=file()), {})
    assert short(made) == [("a", "store", "missing"), ("d", "create_directory", "missing"), ("d/f", "store", "missing")]
    assert [action.attributes for action in made.actions] == [(0o644, 5), (0o755, 5), (0o640, 5)]
    assert made.restamp == ()
    assert made.deletions == 0


def test_equal_trees_need_nothing() -> None:
    both = tree(d=directory(), d__f=file())
    assert plan(both, dict(both)) == Plan()
    digests = {RelPath(b"d/f"): b"1"}
    assert plan(both, dict(both), PlanPolicy(), source_digests=digests, destination_digests=dict(digests)) == Plan()


@pytest.mark.parametrize(
    ("present", "theirs", "reason"),
    [(file(2), b"1", "size"), (file(), b"2", "digest"), (file(), None, "forced"), (None, None, "missing")],
)
def test_other_content_is_stored(present: Entry | None, theirs: bytes | None, reason: str) -> None:
    name = RelPath(b"f")
    made = plan(
        {name: file(mode=0o600)},
        {name: present} if present else {},
        PlanPolicy(),
        source_digests={name: b"1"},
        destination_digests={name: theirs} if theirs else {},
    )
    assert short(made) == [("f", "store", reason)]
    assert made.actions[0].attributes == (0o600, 5)
    assert made.actions[0].present == present


@pytest.mark.parametrize(
    ("present", "reason", "attributes"),
    [
        (file(mode=0o600), "mode", (0o644, None)),
        (file(mtime=6), "mtime", (None, 5)),
        (file(mode=0o600, mtime=6), "mode", (0o644, 5)),
    ],
)
def test_equal_content_has_its_attributes_mended(present: Entry, reason: str, attributes: Attributes) -> None:
    name = RelPath(b"f")
    digests = {name: b"1"}
    made = plan({name: file()}, {name: present}, PlanPolicy(), source_digests=digests, destination_digests=digests)
    assert short(made) == [("f", "set_attributes", reason)]
    assert made.actions[0].attributes == attributes


def test_a_directory_has_all_its_attributes_mended_at_once() -> None:
    made = plan(tree(d=directory(), d__f=file()), tree(d=directory(mode=0o700)))
    assert short(made) == [("d", "set_attributes", "mode"), ("d/f", "store", "missing")]
    assert made.actions[0].attributes == (0o755, 5)
    assert made.restamp == (), "the action itself sets the mtime"


def test_without_preserving_new_entries_get_defaults_and_replaced_files_keep_their_mode() -> None:
    policy = SIZES._replace(preserve_mode=False, preserve_mtime=False)
    source = tree(d=directory(mode=0o700), d__f=file(mode=0o600), old=file(9, mode=0o600), same=file(mode=0o600))
    destination = tree(old=file(1, mode=0o660), same=file(mode=0o4444, mtime=8))
    made = plan(source, destination, policy)
    assert {action.path: action.attributes for action in made.actions} == {
        b"d": (0o755, None),
        b"d/f": (0o644, None),
        b"old": (0o660, None),
    }


def test_only_permission_bits_travel() -> None:
    made = plan(tree(f=file(mode=0o4755), g=file(mode=0o4644)), tree(g=file(mode=0o644)))
    assert [(action.path, action.attributes.mode) for action in made.actions] == [(b"f", 0o755)]


@pytest.mark.parametrize("step", [1, 2])
def test_a_coarse_clock_leads_to_nothing_to_do(step: int) -> None:
    source = tree(f=file(mtime=7 * SECOND + 3), d=directory(mtime=7 * SECOND + 3))
    coarse = Capabilities(mtime_precision=step * SECOND)
    made = plan(source, {}, capabilities=coarse)
    kept = 7 * SECOND // (step * SECOND) * step * SECOND
    assert {action.attributes.mtime for action in made.actions} == {kept}
    assert plan(source, tree(f=file(mtime=kept), d=directory(mtime=kept)), capabilities=coarse) == Plan()


def test_size_mtime_without_preserved_mtimes_has_nothing_to_do_the_second_time() -> None:
    policy = SIZES._replace(preserve_mtime=False)
    assert plan(tree(f=file(mtime=5)), tree(f=file(mtime=9)), policy) == Plan()
    assert short(plan(tree(f=file(mtime=9)), tree(f=file(mtime=5)), policy)) == [("f", "store", "mtime")]


def test_directories_in_which_something_changes_are_restamped() -> None:
    both = tree(new=directory(7), gone=directory(8), changed=directory(9), calm=directory(6), calm__f=file())
    source = {**both, **tree(new__f=file(), changed__f=file(2))}
    destination = {**both, **tree(gone__f=file(), changed__f=file(1), calm__f=file(mode=0o600))}
    made = plan(source, destination, DELETE)
    assert made.restamp == ((b"changed", (None, 9)), (b"gone", (None, 8)), (b"new", (None, 7)))
    assert plan(source, destination, DELETE._replace(preserve_mtime=False)).restamp == ()


def test_delete_removes_what_the_source_lacks() -> None:
    destination = tree(a=file(), d=directory(), d__f=file(), d__l=link(b"x"), keep=file())
    assert plan(tree(keep=file()), destination) == Plan(), "never without delete"
    made = plan(tree(keep=file()), destination, COPY)
    assert short(made) == [(name, "remove", "extra") for name in ("a", "d", "d/f", "d/l")]
    assert made.deletions == 3


def test_what_is_left_alone_keeps_its_directories() -> None:
    destination = tree(d=directory(), d__l=link(), d__f=file(), s=directory(), s__fifo=special, keep=file())
    made = plan(tree(keep=file()), destination, DELETE)
    assert short(made) == [("d/f", "remove", "extra")]
    assert skipped(made) == ["d/l", "s/fifo"]


def test_protected_directories_and_those_above_are_not_removed() -> None:
    destination = tree(a=directory(), a__b=directory(), a__b__f=file(), a__c=directory(), keep=file())
    made = plan(tree(keep=file()), destination, DELETE, protected={RelPath(b"a/b")})
    assert short(made) == [("a/b/f", "remove", "extra"), ("a/c", "remove", "extra")]


def test_what_is_skipped_at_the_source_is_left_alone_at_the_destination() -> None:
    source = tree(l=link(b"x"), fifo=special, keep=file())
    destination = tree(l=directory(), l__f=file(), fifo=file(), keep=file())
    made = plan(source, destination, DELETE)
    assert made.actions == ()
    assert skipped(made) == ["fifo", "l"]


def test_links_are_copied_inside_the_root_only() -> None:
    source = tree(new=link(b"a"), same=link(b"a"), other=link(b"a"), out=link(b"../a"), absolute=link(b"/a"))
    made = plan(source, tree(same=link(b"a"), other=link(b"b"), out=link(b"q")), COPY)
    assert short(made) == [("new", "link", "missing"), ("other", "link", "digest")]
    assert skipped(made) == ["absolute", "out"]


def test_links_can_be_an_error() -> None:
    with pytest.raises(Refused, match="symbolic link") as caught:
        plan(tree(b=link(), a=link(), c=file()), {}, SIZES._replace(links="error"))
    assert caught.value.path == b"a"


def test_other_kinds_give_way_and_are_counted() -> None:
    source = tree(a=file(), b=directory(), b__f=file(), c=directory(), d=link(b"a"), e=file())
    destination = tree(a=link(b"x"), b=file(), c=special, d=file(), e=special)
    made = plan(source, destination, COPY._replace(delete=False))
    expected = []
    for name, action in [("a", "store"), ("b", "create_directory")]:
        expected += [(name, "remove", "kind"), (name, action, "kind")]
    expected += [("b/f", "store", "missing")]
    for name, action in [("c", "create_directory"), ("d", "link"), ("e", "store")]:
        expected += [(name, "remove", "kind"), (name, action, "kind")]
    assert short(made) == expected
    assert made.deletions == 5


def test_a_directory_gives_way_with_all_it_holds_where_delete_is_set() -> None:
    source, destination = tree(d=file()), tree(d=directory(), d__e=directory(), d__e__f=file(), d__g=file())
    made = plan(source, destination, DELETE)
    removed = [(name, "remove", "kind") for name in ("d", "d/e", "d/e/f", "d/g")]
    assert short(made) == [removed[0], ("d", "store", "kind"), *removed[1:]]
    assert made.deletions == 2


def conflicts(made: Plan) -> list[tuple[type[SyncError], bytes | None, bool]]:
    return [(type(each), each.path, "delete" in each.cure) for each in made.conflicts]


def test_a_directory_in_the_way_fails_its_entry_alone() -> None:
    source = tree(d=file(), e=directory(), e__f=directory(), e__f__g=file(), n=file())
    destination = tree(d=directory(), d__x=file(), e=directory(), e__f=file())
    made = plan(source, destination)
    assert conflicts(made) == [(KindConflict, b"d", True)]
    expected = [("e/f", "remove", "kind"), ("e/f", "create_directory", "kind"), ("e/f/g", "store", "missing")]
    assert [each for each in short(made) if each[0] != "n"] == expected
    assert ("n", "store", "missing") in short(made)


@pytest.mark.parametrize("more", [{"protected": {RelPath(b"d/e")}}, {"protected": {RelPath(b"d")}}, {}])
def test_a_directory_with_something_that_stays_does_not_give_way(more: dict[str, set[RelPath]]) -> None:
    destination = tree(d=directory(), d__e=directory(), **({} if more else {"d__e__l": link()}))
    destination.update(tree(extra=file()))
    made = plan(tree(d=file(), n=file()), destination, DELETE, **more)
    assert conflicts(made) == [(KindConflict, b"d", False)]
    assert short(made) == [("extra", "remove", "extra"), ("n", "store", "missing")]


def test_nothing_is_moved_in_a_run_that_will_fail() -> None:
    asked: list[Draft] = []
    for policy in (DELETE, SIZES):
        plan(tree(d=file(), n=file()), tree(d=directory()), policy, relocate=asked.append)
    assert [draft.policy.delete for draft in asked] == [True]


def test_nothing_goes_while_a_listing_is_incomplete() -> None:
    source = tree(d=file(), e=directory(), e__f=file(), new=file())
    destination = tree(d=directory(), d__f=file(), e=file(), extra=file())
    made = plan(source, destination, DELETE, complete=False)
    assert short(made) == [("new", "store", "missing")]
    assert skipped(made) == ["d", "e"]
    assert plan({}, destination, DELETE, complete=False) == Plan(), "not even the refusal of an empty source"


def test_untouched_entries_get_no_action_nor_does_what_is_below() -> None:
    source = tree(d=directory(), d__f=file(), f=file(2), g=file(), keep=file(2))
    destination = tree(
        f=file(), g=directory(), g__x=file(), d__old=file(), keep=file(2), lost=directory(), lost__f=file()
    )
    untouched = {RelPath(name) for name in (b"d", b"f", b"g", b"lost/f")}
    for policy in (SIZES, DELETE):
        assert plan(source, destination, policy, untouched=untouched) == Plan()


class TestUnlistedDirectories:
    """An entry that the destination may have although its listing lacks it gets no action."""

    SOURCE = tree(
        d=directory(),
        d__f=file(2),
        d__known=directory(),
        d__known__new=file(),
        d__link=link(b"f"),
        d__shown=file(2),
        d__sub=directory(),
        d__sub__deep=file(),
        da=file(),
        e=directory(),
        e__new=file(),
    )
    OUTSIDE = (("da", "store"), ("e", "create_directory"), ("e/new", "store"))

    def plan(self, destination: Tree, *unlisted: bytes, source: Tree = SOURCE, **more: object) -> Plan:
        names = {RelPath(path) for path in unlisted}
        return plan(source, destination, COPY, **{"unlisted": names, "complete": not names, **more})

    @staticmethod
    def actions(made: Plan) -> list[tuple[str, str]]:
        return [(path, action) for path, action, _reason in short(made)]

    def test_nothing_below_gets_an_action(self) -> None:
        made = self.plan(tree(d=directory()), b"d")
        assert self.actions(made) == [*self.OUTSIDE]
        assert made.withheld == 7
        assert made.restamp == ()

    def test_the_directory_itself_gets_its_attributes(self) -> None:
        """With the mode of the source, the next run can list it."""
        made = self.plan(tree(d=directory(mode=0o333)), b"d")
        assert self.actions(made) == [("d", "set_attributes"), *self.OUTSIDE]

    def test_entries_that_an_incomplete_listing_shows_are_known(self) -> None:
        destination = tree(d=directory(), d__shown=file(3), d__known=directory(), d__link=file())
        made = self.plan(destination, b"d")
        assert self.actions(made) == sorted([*self.OUTSIDE, ("d/shown", "store"), ("d/known/new", "store")])
        assert made.withheld == 3
        assert skipped(made) == ["d/link"], "of another kind, while a listing is incomplete"

    def test_the_other_directories_are_made_equal(self) -> None:
        made = self.plan(tree(d=directory(), d__known=directory()), b"d/known")
        assert "d/known/new" not in [path for path, _action in self.actions(made)]
        assert made.withheld == 1
        assert len(made.actions) == len(self.OUTSIDE) + 5

    def test_the_root(self) -> None:
        assert self.plan({}, b"") == Plan(withheld=len(self.SOURCE))

    def test_a_directory_that_filters_hide(self) -> None:
        """With `include`, a directory is in the tree only with an entry that is in."""
        assert self.actions(self.plan({}, b"d")) == [*self.OUTSIDE]

    def test_skipped_entries_of_the_source_stay_skipped(self) -> None:
        made = self.plan(tree(d=directory()), b"d", source=tree(d=directory(), d__fifo=special))
        assert skipped(made) == ["d/fifo"]
        assert made.withheld == 0

    def test_nothing_is_moved_or_copied_to_such_a_name(self) -> None:
        """There are removals, which become moves, as if the listing were complete."""
        size = 1 << 20
        source = tree(d=directory(), d__f=file(size), new=file(size))
        digests = {path: b"digest" for path, entry in source.items() if entry.kind == FILE}

        def relocate(draft: Draft) -> None:
            Twins(draft, copies=True).relocate(digests, {RelPath(b"old"): b"digest"})

        destination = tree(d=directory(), old=file(size))
        made = self.plan(destination, b"d", source=source, complete=True, relocate=relocate)
        assert self.actions(made) == [("new", "move")]
        assert made.withheld == 1

    def test_a_complete_listing_withholds_nothing(self) -> None:
        made = self.plan(tree(d=directory()))
        assert made.withheld == 0
        assert len(made.actions) == len(self.SOURCE) - 1


@pytest.mark.parametrize(
    ("limit", "refused"),
    [
        (DeleteLimit(2, False), True),
        (DeleteLimit(3, False), False),
        (DeleteLimit(29, True), True),
        (DeleteLimit(30, True), False),
        (DeleteLimit(0, False), True),
        (DeleteLimit(0, True), True),
    ],
)
@pytest.mark.parametrize("kind_change", [False, True])
def test_the_limit_counts_files_and_kind_changes(limit: DeleteLimit, refused: bool, kind_change: bool) -> None:
    kept = {RelPath(b"k%d" % number): file() for number in range(7)}
    source = {**kept, **(tree(d=file()) if kind_change else {})}
    destination = {**kept, **tree(d=directory(), d__a=file(), d__b=file(), d__c=file())}
    policy = DELETE._replace(max_delete=limit)
    if not refused:
        assert plan(source, destination, policy).deletions == 3
        return
    with pytest.raises(TooManyDeletions, match="3 of 10 files") as caught:
        plan(source, destination, policy)
    assert "max_delete" in caught.value.cure


def test_an_empty_source_needs_a_word() -> None:
    with pytest.raises(EmptySource) as caught:
        plan({}, tree(f=file()), DELETE)
    assert "allow_empty_source" in caught.value.cure
    assert plan({}, tree(f=file()), DELETE._replace(allow_empty_source=True)).deletions == 1
    assert plan({}, {}, DELETE) == Plan()
    assert plan({}, tree(f=file()), SIZES) == Plan()

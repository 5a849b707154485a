# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of changes: no limit and no number of other changes hides a removal."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.listing import (
    EFFECTS,
    MOST_REMOVALS,
    Change,
    listing,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Action, Remove, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, Entry
from hypothesis import given
from hypothesis import strategies as st

NEW, OLD, LINKED = Entry(FILE, 30, 0, 0o644), Entry(FILE, 5, 0, 0o600), Entry(LINK, 0, 0, 0o777, b"x")

MAKERS = (
    lambda path: Remove(path, "extra", OLD),
    lambda path: Remove(path, "kind", LINKED),
    lambda path: Write(path, "store", "kind", NEW, LINKED),
    lambda path: Write(path, "store", "digest", NEW, OLD),
    lambda path: Write(path, "store", "missing", NEW, None),
    lambda path: Write(path, "create_directory", "missing", NEW, None),
    lambda path: Write(path, "set_attributes", "mode", NEW, OLD),
    lambda path: Remove(path, "delivered", OLD, "delete_source"),
    lambda path: Remove(path, "expired", OLD, "expire_trash"),
)
"""Actions of every effect; the first three take something away."""
SIZES = (5, 0, 30, 30, 30, 0, 0, 5, 5)


def changes(kinds: list[int]) -> list[Change]:
    """Return changes in the order of a plan: by path."""
    return [Change(MAKERS[kind](RelPath(b"%06d" % number))) for number, kind in enumerate(kinds)]


def test_the_order() -> None:
    listed = listing(changes([8, 7, 6, 5, 4, 3, 2, 1, 0]), 100)
    assert [change.action.path for change in listed.removals] == [b"000006", b"000007", b"000008"]
    assert [change.action.path for change in listed.others] == [
        b"000005",
        b"000003",
        b"000004",
        b"000002",
        b"000001",
        b"000000",
    ]
    assert (listed.more_removals, listed.more_others) == (0, 0)


def test_a_removal_comes_before_what_takes_its_name() -> None:
    actions: list[Action] = [Remove(RelPath(b"a"), "kind", LINKED), Write(RelPath(b"a"), "store", "kind", NEW, LINKED)]
    listed = listing([Change(action) for action in actions], 0)
    assert [change.action for change in listed.removals] == actions


@given(st.lists(st.integers(0, len(MAKERS) - 1)), st.integers(0, 20))
def test_all_removals_are_listed_and_nothing_is_lost(kinds: list[int], most: int) -> None:
    given_changes = changes(kinds)
    listed = listing(given_changes, most)
    assert len(listed.removals) == sum(kind < 3 for kind in kinds)
    assert len(listed.others) == min(most, sum(kind >= 3 for kind in kinds))
    assert len(listed.removals) + len(listed.others) + listed.more_others == len(kinds)
    assert tuple(listed.effects) == EFFECTS
    assert sum(effect.count for effect in listed.effects.values()) == len(kinds)
    assert sum(effect.size for effect in listed.effects.values()) == sum(SIZES[kind] for kind in kinds)


def test_removals_have_a_limit_that_only_grows() -> None:
    many = changes([0] * (MOST_REMOVALS + 500))
    assert [len(listing(many, most).removals) for most in (0, 100, 1200)] == [1000, 1000, 1200]
    assert [listing(many, most).more_removals for most in (0, 100, 1200)] == [500, 500, 300]

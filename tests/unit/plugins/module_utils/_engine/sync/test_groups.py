# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups in which a plan is carried out."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import (
    FileStores,
    PlannedActions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Remove, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.groups import (
    BATCH_BYTES,
    BATCH_FILES,
    batches,
    grouped,
    sizes,
)


def entry(kind: str, size: int = 0) -> Entry:
    return Entry(kind, size, 0, 0o644)


def store(path: bytes, size: int = 1, present: Entry | None = None, reason: str = "missing") -> Write:
    return Write(RelPath(path), "store", reason, entry(FILE, size), present, Attributes(0o644))


def remove(path: bytes, kind: str, reason: str) -> Remove:
    return Remove(RelPath(path), reason, entry(kind))


def test_what_gives_way_goes_with_what_takes_its_place() -> None:
    conversion = store(b"d", present=entry(DIRECTORY), reason="kind")
    made = Write(RelPath(b"f"), "create_directory", "kind", entry(DIRECTORY), entry(FILE))
    link = store(b"l", present=entry("link"), reason="kind")
    gone = [
        remove(b"d", DIRECTORY, "kind"),
        remove(b"d/x", FILE, "kind"),
        remove(b"f", FILE, "kind"),
        remove(b"l", "link", "kind"),
    ]
    extra = remove(b"x", FILE, "extra")
    groups = grouped(Plan((gone[0], conversion, gone[1], gone[2], made, gone[3], link, extra)))
    assert groups.conversions == [conversion]
    assert groups.stores == [link]
    assert groups.replaced == {b"d": gone[:2], b"l": [gone[3]]}
    assert groups.clearing == [gone[2]]
    assert groups.directories == [made]
    assert groups.extras == [extra]


def test_files_without_an_action_of_their_own_are_stored_in_order() -> None:
    source = {RelPath(name): entry(FILE, size) for size, name in enumerate((b"a", b"c"))}
    stores = FileStores(source, {}, lambda wanted, present: Attributes(wanted.mode))
    for path in source:
        stores.add(path, "missing")
    link = store(b"b", present=entry("link"), reason="kind")
    alone, together = (grouped(Plan(PlannedActions(stores, others))).stores for others in ((), (link,)))
    assert alone == (store(b"a", 0), store(b"c", 1))
    assert together == (store(b"a", 0), link, store(b"c", 1))
    assert list(sizes(alone)) == [0, 1]
    assert list(sizes(together)) == [0, 1, 1]


def test_batches_are_bounded_and_a_huge_file_is_alone() -> None:
    sizes = [1] * (BATCH_FILES + 1) + [BATCH_BYTES * 3, 5, BATCH_BYTES - 5, 1]
    found = [[action.wanted.size for action in batch] for batch in batches([store(b"f", size) for size in sizes])]
    assert [len(batch) for batch in found] == [BATCH_FILES, 1, 1, 2, 1]
    assert list(batches([])) == []

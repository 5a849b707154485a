# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any two trees: one run makes them equal, the next changes nothing and moves no content."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenes.sync_pair import SyncPair, codes
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, TreeSpec, normal

NAMES = st.sampled_from([b"a", b"b", b"c", b"a b", b"\xff", b"-", b"a.1"])
FILES = st.builds(File, st.sampled_from([b"", b"1", b"2", b"12345"]), st.sampled_from([0o644, 0o600, 0o444, 0o000]),
                  st.integers(0, 3).map(lambda step: MTIME + step * SECOND))  # fmt: skip
DIRECTORIES = st.builds(Directory, st.sampled_from([0o755, 0o700, 0o555]), st.just(MTIME))
LINKS = st.builds(Link, st.sampled_from([b"a", b"./b", b"c/d"]))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)


def whole(tree: TreeSpec) -> TreeSpec:
    """The tree without entries below something that is no directory."""
    kept: dict = {}
    for path, spec in sorted(tree.items()):
        parents = [path[:at] for at in range(len(path)) if path[at : at + 1] == b"/"]
        if all(isinstance(kept.get(parent, Directory()), Directory) for parent in parents):
            kept[path] = spec
    return normal(kept)


TREES = st.dictionaries(PATHS, st.one_of(FILES, DIRECTORIES, LINKS), max_size=8).map(whole)


@settings(max_examples=80)
@given(TREES, TREES, st.booleans(), st.sampled_from(["recorded", "checksum"]), st.sampled_from([None, "check-file"]))
def test_converges(source: TreeSpec, destination: TreeSpec, push: bool, compare: str, server_hash: str | None) -> None:
    options = {"delete": True, "links": "copy", "allow_empty_source": True, "compare": compare}
    pair = SyncPair(source, destination, push=push, server_hash=server_hash, **options)
    foreseen = pair.run(check_mode=True)
    report = pair.run()
    assert codes(report) == set()
    assert [outcome.action for outcome in report.outcomes] == list(foreseen.plan.actions)
    assert pair.destination.snapshot() == pair.source.snapshot() == source
    moved = pair.content_moved()
    again = pair.run(compare="recorded")
    assert again.plan.actions == again.outcomes == again.plan.restamp == ()
    assert pair.content_moved() == moved

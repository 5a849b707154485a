# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all trees: a plan that is executed on a strict model of a disk yields the source, and then no difference is left.

The model replaces the execution and a file system: it refuses to remove a directory that is not empty and to create an
entry without its directory, and updates a directory's mtime at every change in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Attributes,
    Digests,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import (
    representable,
    stays_inside,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import (
    PlanPolicy,
    make_plan,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from hypothesis import given, note, settings
from hypothesis import strategies as st

SECOND = 10**9
NOW = 10**6 * SECOND


@dataclass
class Disk:
    """A side: entries, the content of files, and entries that the planner is not shown."""

    tree: Tree
    content: Digests
    hidden: set[RelPath] = field(default_factory=set)

    def carry_out(self, plan: Plan, content: Digests) -> None:
        """In the order of execution; content: the source's."""
        removals = [action for action in plan.actions if action.action == "remove"]
        for reason in ("kind", "extra"):
            if reason == "extra":
                self._make(plan, content)
            for action in sorted(removals, key=lambda action: action.path, reverse=True):
                if action.reason == reason:
                    assert reason == "kind" or self.tree[action.path].kind != SPECIAL, action.path
                    self._remove(action.path)
        directories = [
            (action.path, action.attributes)
            for action in plan.actions
            if action.action in ("create_directory", "set_attributes") and self.tree[action.path].kind == DIRECTORY
        ]
        for path, attributes in sorted([*directories, *plan.restamp], reverse=True):
            self._set(path, attributes)

    def _make(self, plan: Plan, content: Digests) -> None:
        for action in plan.actions:
            if action.action in ("create_directory", "store", "link"):
                self._create(action)
                if action.action == "store":
                    self.content[action.path] = content[action.path]
            if action.action in ("store", "set_attributes"):
                self._set(action.path, action.attributes)

    def _create(self, action: Write) -> None:
        path, wanted = action.path, action.wanted
        assert path.parent == ROOT or self.tree[path.parent].kind == DIRECTORY, path
        there = self.tree.get(path)
        assert there is None or (there.kind == wanted.kind and there.kind != DIRECTORY), path
        self.tree[path] = wanted._replace(mtime=NOW, mode=0o600)
        self._touch(path.parent)

    def _remove(self, path: RelPath) -> None:
        below = path + b"/"
        assert not any(other.startswith(below) for other in [*self.tree, *self.hidden]), path
        del self.tree[path]
        self.content.pop(path, None)
        self._touch(path.parent)

    def _touch(self, path: RelPath) -> None:
        if path:
            self.tree[path] = self.tree[path]._replace(mtime=NOW)

    def _set(self, path: RelPath, attributes: Attributes) -> None:
        changes = {name: value for name, value in attributes._asdict().items() if value is not None}
        self.tree[path] = self.tree[path]._replace(**changes)


NAMES = [b"a", b"a-", b"b"]
TARGETS = [b"a", b"b/a", b"../b", b"../../a", b"/a", b"a/../../b"]
MTIMES = st.integers(0, 3).map(lambda value: value * SECOND // 2)
MODES = st.sampled_from([0o644, 0o600])
ENTRIES = st.one_of(
    st.builds(Entry, st.just(FILE), st.integers(0, 1), MTIMES, MODES),
    st.builds(Entry, st.just(DIRECTORY), st.just(0), MTIMES, MODES),
    st.builds(Entry, st.just(LINK), st.just(0), MTIMES, st.just(0o777), st.sampled_from(TARGETS)),
    st.builds(Entry, st.just(SPECIAL), st.just(0), MTIMES, MODES),
)
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(b"/".join).map(RelPath)


@st.composite
def disks(draw: st.DrawFn) -> Disk:
    """A side whose every entry has its directories; content is one byte, so that equal files are common."""
    tree: Tree = {}
    content: Digests = {}
    for path, entry in sorted(draw(st.dictionaries(PATHS, ENTRIES, max_size=12)).items()):
        parent = path.parent
        while parent and parent not in tree:
            tree[parent] = Entry(DIRECTORY, 0, 0, 0o755)
            parent = parent.parent
        if not path.parent or tree[path.parent].kind == DIRECTORY:
            tree.setdefault(path, entry)
            if tree[path].kind == FILE:
                content[path] = draw(st.sampled_from([b"1", b"2"]))
    whole = {path: entry for path, entry in tree.items() if _stands(tree, path)}
    return Disk(whole, {path: value for path, value in content.items() if path in whole})


def _stands(tree: Tree, path: RelPath) -> bool:
    parent = path.parent
    return not parent or (parent in tree and tree[parent].kind == DIRECTORY and _stands(tree, parent))


@st.composite
def pairs(draw: st.DrawFn, *, hiding: bool) -> tuple[Disk, Disk]:
    """Two sides: different trees, or a destination in an older state of the source."""
    source = draw(disks())
    destination = draw(st.one_of(disks(), older(source)))
    if hiding:
        directories = sorted(path for path, entry in destination.tree.items() if entry.kind == DIRECTORY)
        chosen = draw(st.lists(st.sampled_from(directories), max_size=2)) if directories else []
        destination = replace(destination, hidden={path.child(b"hidden") for path in chosen})
    return source, destination


@st.composite
def older(draw: st.DrawFn, source: Disk) -> Disk:
    """The source, but some entries have another mode, mtime, size or content, and some are missing."""
    tree, content = {}, {}
    for path, entry in sorted(source.tree.items()):
        change = draw(st.sampled_from(["none", "none", "mode", "mtime", "size", "content", "missing"]))
        if change == "missing" or path.parent not in {ROOT, *tree}:
            continue
        changes = {"mode": {"mode": 0o640}, "mtime": {"mtime": draw(MTIMES)}}.get(change, {})
        if entry.kind == FILE:
            changes = {"size": 2} if change == "size" else changes
            content[path] = b"3" if change in ("size", "content") else source.content[path]
        tree[path] = entry._replace(**changes)
    return Disk(tree, content)


CAPABILITIES = st.sampled_from(
    [Capabilities(), Capabilities(mtime_precision=SECOND), Capabilities(mtime_limits=(SECOND, NOW))]
)
POLICIES = st.builds(
    PlanPolicy,
    compare=st.sampled_from(["checksum", "size_mtime"]),
    delete=st.booleans(),
    max_delete=st.just(DeleteLimit(100, True)),
    allow_empty_source=st.just(True),
    links=st.sampled_from(["skip", "copy"]),
    preserve_mode=st.booleans(),
    preserve_mtime=st.booleans(),
)
MIRROR = PlanPolicy(
    compare="checksum", delete=True, max_delete=DeleteLimit(100, True), allow_empty_source=True, links="copy"
)


def plan_of(source: Disk, destination: Disk, policy: PlanPolicy, capabilities: Capabilities) -> Plan:
    return make_plan(
        source.tree,
        destination.tree,
        policy,
        capabilities=capabilities,
        source_digests=source.content,
        destination_digests=destination.content,
        protected={path.parent for path in destination.hidden},
    )


def skippable(path: RelPath, entry: Entry, policy: PlanPolicy) -> bool:
    if entry.kind == LINK:
        return policy.links == "skip" or not stays_inside(path, entry.target or b"")
    return entry.kind == SPECIAL


@settings(max_examples=200)
@given(pair=pairs(hiding=False), capabilities=CAPABILITIES)
def test_a_mirror_becomes_what_the_source_is(pair: tuple[Disk, Disk], capabilities: Capabilities) -> None:
    source, destination = pair
    # Attributes that no option copies are left out here, so that the two ends can become the same.
    source.tree = {path: entry for path, entry in source.tree.items() if not skippable(path, entry, MIRROR)}
    destination.tree = {path: entry for path, entry in destination.tree.items() if entry.kind != SPECIAL}
    plan = plan_of(source, destination, MIRROR, capabilities)
    note(str(plan))
    destination.carry_out(plan, source.content)
    assert destination.content == source.content
    assert looks(destination.tree, capabilities) == looks(source.tree, capabilities)
    assert plan_of(source, destination, MIRROR, capabilities) == Plan()


def looks(tree: Tree, capabilities: Capabilities) -> dict[RelPath, tuple[object, ...]]:
    """The attributes that must be equal at both ends. Links have neither mode nor mtime of their own here."""
    return {
        path: (entry.kind, entry.target)
        if entry.kind == LINK
        else (entry.kind, entry.size, representable(entry.mtime, capabilities), entry.mode)
        for path, entry in tree.items()
    }


@settings(max_examples=300)
@given(pair=pairs(hiding=True), policy=POLICIES, capabilities=CAPABILITIES)
def test_any_policy_keeps_its_promises(pair: tuple[Disk, Disk], policy: PlanPolicy, capabilities: Capabilities) -> None:
    source, destination = pair
    before = Disk(dict(destination.tree), dict(destination.content), destination.hidden)
    plan = plan_of(source, destination, policy, capabilities)
    note(str(plan))
    conflicts = {conflict.path for conflict in plan.conflicts}
    for path in conflicts:
        assert before.tree[path].kind == DIRECTORY != source.tree[path].kind
        staying = [other for other in [*before.hidden, *before.tree] if other.startswith(path + b"/")]
        kept = {LINK, SPECIAL} if policy.links == "skip" else {SPECIAL}
        assert not policy.delete or any(o in before.hidden or before.tree[o].kind in kept for o in staying)
        assert not [action for action in plan.actions if (action.path + b"/").startswith(path + b"/")]
    paths = [action.path for action in plan.actions]
    assert paths == sorted(paths)
    destination.carry_out(plan, source.content)

    gone = [
        path
        for path, entry in before.tree.items()
        if entry.kind != DIRECTORY and differs(entry, destination.tree.get(path))
    ]
    assert plan.deletions == len(gone)
    if not policy.delete:
        assert [path for path in gone if path not in source.tree] == [], (
            "without delete nothing is lost but by another kind"
        )
    for skipped in plan.skipped:
        assert destination.tree.get(skipped.path) == before.tree.get(skipped.path)
    for path, entry in source.tree.items():
        if skippable(path, entry, policy):
            assert path in {skipped.path for skipped in plan.skipped}
            assert destination.tree.get(path) == before.tree.get(path)
        elif path in conflicts:
            assert destination.tree[path].kind == before.tree[path].kind
        elif entry.kind == FILE and policy.compare == "checksum":
            assert destination.content[path] == source.content[path]
    again = plan_of(source, destination, policy, capabilities)
    assert again.actions == ()
    assert again.restamp == ()


def differs(before: Entry, after: Entry | None) -> bool:
    return after is None or after.kind != before.kind

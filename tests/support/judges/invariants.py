# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The invariants after any run with any fault: one checker, which shares no code with the product.

    before = snapshot(source, destination, beside)
    ran = runs.run(delete=True)
    assert violations(Trial(before, snapshot(source, destination, beside), Told.of(ran), delete=True)) == []
    assert unsettled(...) == []     # after the next two good runs

I1  every final name holds exactly the old or the new bytes, and none is lost
I2  nothing outside the destination changed, and the source did not change
I3  no leftovers after the next good run
I4  `failed`, `changed` and the exit code are true
I5  a new run converges; the run after it changes nothing and moves no byte of content
I6  no file, temporary or final, ever has more permissions than its wanted mode; if a note reports a refused mode, it
    may have the 0600 of temporary files
I7  the run ends within its own deadline and a grace
I8  no secret and no raw control byte in any output
I9  nothing is removed unless all of the source is stored
I10 the lock is released, or can be recovered
"""

from __future__ import annotations

__all__ = ["GRACE_SECONDS", "Snapshot", "Told", "Trial", "Violation", "ours", "snapshot", "unsettled", "violations"]

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.kept_attributes import NOT_SET
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.unkept import NOTE

from ..scenes.sync_runs import Ran
from ..trees.trees import Seen, differences, tree_digest

GRACE_SECONDS = 15.0
"""The time that a run may take in addition to its own waits: 5 s, and 10 for a busy machine."""
LOCK = b".secure_sync.lock"
_OURS = re.compile(rb"(?:.*/)?\.secure_sync.*", re.DOTALL)
_RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_OPENED = 0o300
"""The temporary permissions of the owner of a read-only directory while its entries change."""

Tree = dict[bytes, Seen]


class Snapshot(NamedTuple):
    """The state at both ends, and in the areas around them that no run may touch, at one moment."""

    source: Tree
    destination: Tree
    beside: tuple[Tree, ...] = ()


class Violation(NamedTuple):
    """One invariant that did not hold."""

    invariant: str
    text: str


@dataclass(frozen=True)
class Told:
    """The claims of a run, in its report or in the result of its task.

    done: path and action of each success; None if the result has names only in words. status: its exit code, if it was
    a process. deadline: its maximum seconds. output: its whole output. early: the paths that failed before the
    removals; None if unknown, so that nothing may be removed. unset: by a note, the number of entries that do not keep
    mode or time.
    """

    failed: bool
    changed: bool
    done: tuple[tuple[bytes, str], ...] | None = None
    moved: int = 0
    seconds: float = 0.0
    deadline: float | None = None
    output: str = ""
    status: int | None = None
    early: frozenset[bytes] | None = None
    unset: int = 0

    @classmethod
    def of(cls, ran: Ran, *, deadline: float | None = None) -> Told:
        """Take it from a run of the engine."""
        done = tuple((path, action) for path, action, _reason in ran.done)
        start = NOTE.partition("%")[0]
        unset = sum(
            int(note[len(start) :].split()[0]) for note in ran.report.notes if note.startswith(start)
        ) or 1000 * any(note.startswith(NOT_SET) for note in ran.report.notes)
        return cls(ran.failed, ran.changed, done, ran.moved, ran.seconds, deadline, early=_early(ran), unset=unset)

    @classmethod
    def of_result(cls, result: dict[str, Any], *, output: str = "", status: int | None = None, **times: float) -> Told:
        """Take it from a task's result. times: seconds and deadline."""
        stats = result.get("stats", {})
        moved = stats.get("bytes_sent", 0) + stats.get("bytes_received", 0)
        failed = bool(result.get("failed"))
        return cls(failed, bool(result["changed"]), None, moved, output=output, status=status, **times)


@dataclass(frozen=True)
class Trial:
    """One run and the moments before and after it.

    told: None for a killed run. delete: whether it may remove files that the source lacks. versions: other states of
    the source in the meantime; if given, the source changes during the run. trash: the directory of the destination
    that keeps old files. hard_links: False if the server makes none: then a killed run may leave a replaced file in
    the trash only. links: whether links are copied. modes: False if a server does not report or keep them. secrets:
    texts that no output may contain.
    """

    before: Snapshot
    after: Snapshot
    told: Told | None
    delete: bool = False
    versions: tuple[Tree, ...] = ()
    trash: bytes = b""
    hard_links: bool = True
    links: bool = True
    modes: bool = True
    secrets: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[Tree, ...]:
        """Return every state of the source that may be found at the destination."""
        return (self.before.source, *self.versions)

    @property
    def states(self) -> tuple[Tree, ...]:
        """Return every tree that may supply the content of a name."""
        return (self.before.destination, *self.sources)

    def comparable(self, tree: Tree) -> Tree:
        """Return the part of the tree that a run must make equal."""
        kinds = "fdl" if self.links else "fd"
        kept = {name: seen for name, seen in tree.items() if seen.kind in kinds and not self.is_own(name)}
        return kept if self.modes else {name: seen._replace(mode=0) for name, seen in kept.items()}

    def is_own(self, name: bytes) -> bool:
        """Return whether a name at the destination is the engine's own affair."""
        return ours(name) or (self.trash != b"" and (name + b"/").startswith(self.trash + b"/"))

    def in_trash(self, old: Seen) -> bool:
        """Return whether a run was killed while this file was in the trash only."""
        if self.told is not None or self.hard_links or not self.trash:
            return False
        trash = self.after.destination.items()
        return old.content in [seen.content for name, seen in trash if name.startswith(self.trash + b"/")]


def snapshot(source: Path, destination: Path, *beside: Path) -> Snapshot:
    """Look at everything; a root that is missing is an empty tree."""
    trees = [tree_digest(root) if root.is_dir() else {} for root in (source, destination, *beside)]
    return Snapshot(trees[0], trees[1], tuple(trees[2:]))


def violations(trial: Trial) -> list[Violation]:
    """Return which of the invariants I1, I2, I4 and I6 to I9 do not hold right behind a run."""
    return [Violation(name, text) for name, check in _CHECKS.items() for text in check(trial)]


def unsettled(first: Trial, second: Trial) -> list[Violation]:
    """Return the violations of two good runs after a fault: I3, I5 and I10, and all others of each run."""
    found = [*violations(first), *violations(second)]
    found += [Violation("I5", f"the next run failed: {each.told}") for each in (first, second) if each.told.failed]
    if second.told.changed or second.told.moved:
        found.append(Violation("I5", f"the run behind it had something to do: {second.told}"))
    for text in differences(first.after.destination, second.after.destination):
        found.append(Violation("I5", f"the run behind it changed {text}"))
    for trial in (first, second):
        left = [name for name in trial.after.destination if ours(name) and name not in trial.before.source]
        found += [Violation("I10" if name == LOCK else "I3", f"{name!r} is left behind") for name in left]
    return found


def ours(name: bytes) -> bool:
    """Return whether the engine gave this name, or one above it."""
    return _OURS.fullmatch(name) is not None


def _whole(trial: Trial) -> Iterator[str]:
    """I1."""
    after = trial.after.destination
    yield from _kept(trial)
    for name, seen in after.items():
        if trial.is_own(name):
            continue
        there = [tree[name] for tree in trial.states if name in tree]
        if not there:
            yield f"{name!r} is nobody's"
        elif not any((seen.kind, seen.content) == (state.kind, state.content) for state in there):
            yield f"{name!r} is neither old nor new"
    for name, old in trial.before.destination.items():
        wanted = [tree[name].kind for tree in trial.sources if name in tree]
        # An entry that changes its kind is briefly absent; every other name is replaced in one step.
        if name not in after and not trial.is_own(name) and wanted and old.kind in wanted and not trial.in_trash(old):
            yield f"{name!r} is lost"


def _kept(trial: Trial) -> Iterator[str]:
    """Look whether a trash holds whole files alone, and everything that is not in its place any more."""
    if not trial.trash:
        return
    after, before = trial.after.destination, trial.before.destination
    known = {seen.content for tree in trial.states for seen in tree.values()}
    kept = {seen.content for name, seen in after.items() if trial.is_own(name) and not ours(name)}
    for name, seen in after.items():
        if trial.is_own(name) and not ours(name) and seen.content not in known:
            yield f"{name!r} in the trash is not whole"
    for name, seen in before.items():
        there = after.get(name)
        moved = there is None or there.content != seen.content
        if moved and seen.kind == "f" and not trial.is_own(name) and seen.content not in kept:
            yield f"what was {name!r} is not in the trash"


def _without_attributes(tree: Tree) -> Tree:
    return {name: seen._replace(mode=0, mtime=0) for name, seen in tree.items()}


def _outside(trial: Trial) -> Iterator[str]:
    """I2."""
    for text in () if trial.versions else differences(trial.before.source, trial.after.source):
        yield f"the source was changed: {text}"
    for before, after in zip(trial.before.beside, trial.after.beside, strict=True):
        for text in differences(before, after):
            yield f"outside was changed: {text}"


def _truth(trial: Trial) -> Iterator[str]:
    """I4."""
    told, before, after = trial.told, trial.before.destination, trial.after.destination
    if told is None:
        return
    if not told.failed and not trial.versions:
        wanted, found = trial.comparable(trial.after.source), trial.comparable(after)
        if not trial.delete:
            found = {name: seen for name, seen in found.items() if name in wanted}
        if sum(seen != found.get(name) for name, seen in wanted.items()) <= told.unset:
            wanted, found = _without_attributes(wanted), _without_attributes(found)
        for text in differences(wanted, found):
            yield f"said to be done: {text}"
    if not told.changed:
        found = trial.comparable(after)
        if told.failed:
            found = {name: _closed(seen, before.get(name)) for name, seen in found.items()}
        for text in differences(trial.comparable(before), found):
            yield f"said to be unchanged: {text}"
    for path, action in told.done or ():
        new = after.get(path)
        if action == "store" and not any(new and tree.get(path, new).content == new.content for tree in trial.sources):
            yield f"{path!r} said to be stored"
        if action == "remove" and new is not None and new == before.get(path):
            yield f"{path!r} said to be removed"
    if told.status is not None and told.failed != (told.status != 0):
        yield f"failed is {told.failed}, the exit status {told.status}"


def _closed(seen: Seen, old: Seen | None) -> Seen:
    """Restore the original mode of a directory, if an aborted run left it open to its owner.

    This is no reported change, and the next run repairs it.
    """
    opened = old is not None and seen.kind == old.kind == "d" and seen.mode == old.mode | _OPENED
    return seen._replace(mode=old.mode) if opened else seen


def _modes(trial: Trial) -> Iterator[str]:
    """I6."""
    if not trial.modes:
        return
    for name, seen in trial.after.destination.items():
        if ours(name):
            if seen.mode & ~0o600 and not _is_whole(trial, seen):
                yield f"{name!r} has mode {seen.mode:o} before it is whole"
            continue
        states = [tree[name] for tree in trial.states if name in tree]
        refused = trial.told is not None and trial.told.unset
        spare = _OPENED if seen.kind == "d" else 0o600 if refused else 0
        if states and not any(seen.mode & ~(state.mode | spare) == 0 for state in states):
            yield f"{name!r} has mode {seen.mode:o}, wider than {[f'{state.mode:o}' for state in states]}"


def _is_whole(trial: Trial, stage: Seen) -> bool:
    """Return whether a temporary file has the mode of an entry with its content, at one end."""
    if stage.kind == "l":
        return True
    all_states = [seen for tree in trial.states for seen in tree.values()]
    return any(stage.content == seen.content and stage.mode & ~seen.mode == 0 for seen in all_states)


def _deadline(trial: Trial) -> Iterator[str]:
    """I7."""
    told = trial.told
    if told is not None and told.deadline is not None and told.seconds > told.deadline + GRACE_SECONDS:
        yield f"it took {told.seconds:.1f} s of {told.deadline:.1f} s and a grace of {GRACE_SECONDS:.0f} s"


def _output(trial: Trial) -> Iterator[str]:
    """I8."""
    output = trial.told.output if trial.told else ""
    for secret in trial.secrets:
        if secret in output:
            yield "a secret is in the output"  # and not in this text too
    for found in _RAW.findall(output):
        yield f"{found!r} is in the output"


def _removals(trial: Trial) -> Iterator[str]:
    """I9."""
    before, after = trial.before.destination, trial.after.destination
    wanted = {name for tree in trial.sources for name in tree}
    extra = {name: seen for name, seen in before.items() if name not in wanted and not trial.is_own(name)}
    gone = [name for name, seen in extra.items() if after.get(name, seen._replace(kind="")).kind != seen.kind]
    if trial.delete:
        moved = _moved(trial)
        gone = [name for name in gone if extra[name].kind != "f" or extra[name].content not in moved]
    if not gone:
        return
    stored = bool(trial.versions) or all(
        name in after and (after[name].kind, after[name].content) == (seen.kind, seen.content)
        for name, seen in trial.comparable(trial.before.source).items()
    )
    for name in gone:
        if not trial.delete:
            yield f"{name!r} was removed without being asked for"
        elif trial.told is not None and trial.told.failed and not _failed_late(trial.told, name):
            yield f"{name!r} was removed although something failed"
        elif not stored and not _makes_way(trial, name):
            yield f"{name!r} was removed before all was stored"


def _moved(trial: Trial) -> set[object]:
    """Return the content of files that have a new name of the source now: an old name of it was moved, not removed."""
    before, after, source = trial.before.destination, trial.after.destination, trial.before.source
    new = (seen for name, seen in after.items() if name in source and name not in before)
    return {seen.content for seen in new if seen.kind == "f"}


def _early(ran: Ran) -> frozenset[bytes]:
    """Return the failures before the removals, without the removals themselves and without their effects on
    directories. A directory that was not created shows in the missing files."""
    plan = ran.report.plan
    finished = {path for path, _attributes in plan.restamp}
    finished |= {each.path if each.action == "create_directory" else each.path.parent for each in plan.actions}
    early = {each.path or b"" for each in ran.report.problems if each.path not in finished}
    for action, _proof, error in ran.report.outcomes:
        late = action.action in ("remove", "expire_trash") or action.wanted.kind == "directory"
        if error is not None and not late:
            early.add(action.path)
    return frozenset(map(bytes, early))


def _failed_late(told: Told, name: bytes) -> bool:
    """Return whether all failures, except for entries that `name` replaces, came after the removals."""
    return told.early is not None and all(name.startswith(path + b"/") for path in told.early)


def _makes_way(trial: Trial, name: bytes) -> bool:
    """Return whether an entry of another kind replaces its parent."""
    parts = name.split(b"/")
    above = [b"/".join(parts[:depth]) for depth in range(1, len(parts))]
    return any(path in tree and tree[path].kind != "d" for tree in trial.sources for path in above)


_CHECKS = {
    "I1": _whole,
    "I2": _outside,
    "I4": _truth,
    "I6": _modes,
    "I7": _deadline,
    "I8": _output,
    "I9": _removals,
}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two trees with every kind of entry that a run treats differently, reusable by a test, and their invariants.

scene = FaultScene(server, tmp_path, push=True)
scene.reset()
ran = scene.runs.run()
assert scene.violations(ran) == []
assert scene.settle() == []
"""

from __future__ import annotations

__all__ = ["EXTRA", "LATER", "NEW", "OLD", "PAST", "FaultScene"]

import os
import shutil
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..judges.invariants import Told, Trial, Violation, snapshot, unsettled, violations
from ..trees.tree_spec import SECOND, Directory, File, Link, TreeSpec, normal
from ..trees.trees import tree_digest
from .sync_runs import Ran, SyncRuns

PAST = 1_600_000_000 * SECOND
LATER = PAST + 60 * SECOND
_BIG = 600_000

OLD: TreeSpec = MappingProxyType(
    {
        b"same": File(b"same", 0o640, PAST),
        b"touched": File(b"touched", 0o644, PAST),
        b"opened": File(b"opened", 0o600, PAST),
        b"grown": File(b"old", 0o644, PAST),
        b"swapped": File(b"old bytes of one size", 0o644, PAST),
        b"big": File(b"o" * _BIG, 0o640, PAST),
        b"extra": File(b"stays as long as anything fails", 0o644, PAST),
        b"extras/deep/extra": File(b"this too", 0o644, PAST),
        b"sub/grown": File(b"old", 0o644, PAST),
        b"sub/extra": File(b"extra", 0o600, PAST),
        b"locked": Directory(0o555),
        b"locked/grown": File(b"old", 0o444, PAST),
        b"becomes-directory": File(b"a file", 0o644, PAST),
        b"becomes-file/inside": File(b"in a directory", 0o644, PAST),
        b"pointer": Link(b"same"),
    }
)
NEW: TreeSpec = MappingProxyType(
    {
        b"same": File(b"same", 0o640, PAST),
        b"touched": File(b"touched", 0o644, LATER),
        b"opened": File(b"opened", 0o644, PAST),
        b"grown": File(b"new and longer", 0o644, LATER),
        b"swapped": File(b"new bytes of one size", 0o600, LATER),
        b"big": File(bytes(range(250)) * (_BIG // 250), 0o640, LATER),
        b"added": File(b"added", 0o600, LATER),
        b"empty": File(b"", 0o644, LATER),
        b"sub/grown": File(b"new and longer", 0o644, LATER),
        b"sub/added": File(b"added", 0o644, LATER),
        b"locked": Directory(0o555),
        b"locked/grown": File(b"new and longer", 0o444, LATER),
        b"made/deep/added": File(b"added", 0o644, LATER),
        b"made/hollow": Directory(0o750),
        b"becomes-directory/inside": File(b"in a directory", 0o644, LATER),
        b"becomes-file": File(b"a file", 0o644, LATER),
        b"pointer": Link(b"grown"),
        b"new pointer": Link(b"sub/added"),
    }
)
EXTRA = (b"extra", b"extras/deep/extra", b"sub/extra")
# FTP cannot create links, and its server here reports no mode.
_RUN = {"delete": True, "links": "copy"}


class FaultScene:
    """old, new: the trees at the destination (None: it is missing) and at the source. recorded: whether an earlier run
    stored the old tree. options: of every run."""

    def __init__(
        self,
        server: Any,
        place: Path,
        *,
        push: bool,
        old: TreeSpec | None = OLD,
        new: TreeSpec = NEW,
        runs: type[SyncRuns] = SyncRuns,
        name: str = "scene",
        recorded: bool = False,
        **options: Any,
    ) -> None:
        self.server = server
        self.far, self.near, self.state = server.root / name, place / name, place / f"{name}-state"
        self.old, self.new = old, new
        self.recorded, self._records = recorded, place / f"{name}-records"
        options = {**_RUN, **options}
        self.links = options["links"] == "copy"
        self.delete = options["delete"]
        self.trash = options.get("trash") or b""
        self.versions: tuple[dict, ...] = ()
        self.runs = runs(server, self.near / "tree", self.far / "tree", push=push, state_dir=self.state, **options)

    @property
    def source(self) -> Path:
        return self.runs.source

    @property
    def destination(self) -> Path:
        return self.runs.destination

    def reset(self) -> None:
        """Reset both trees, remove the records of runs, and take a snapshot."""
        for area in (self.near, self.far, self.state):
            _remove(area)
        for area in (self.near, self.far):
            _make(area / "outside", {b"grown": File(b"nobody's business", 0o600)})
        if self.recorded:
            self._restore_records()
        _make(self.source, self._without_links(self.new))
        if self.old is not None:
            _make(self.destination, self._without_links(self.old))
        self.give()
        self.look()

    def _restore_records(self) -> None:
        """Put back the records of a run that stored the old tree; the run is made once."""
        if not self._records.exists():
            _make(self.source, self._without_links(self.old or {}))
            self.give()
            self.runs.good()
            self.state.rename(self._records)
            for root in (self.source, self.destination):
                _remove(root)
        shutil.copytree(self._records, self.state)

    def give(self) -> None:
        """Make the server's account the owner of all that is at its end."""
        uid = self.server.account.uid
        for place, directories, files in os.walk(os.fsencode(self.far)):
            for name in (b".", *directories, *files):
                os.lchown(os.path.join(place, name), uid, uid)

    def look(self) -> None:
        """Save the present state as the state before the next run."""
        self.before = self._snapshot()

    def see_version(self) -> None:
        """Save the present content of the source as a past state."""
        self.versions += (tree_digest(self.source),)

    def trial(self, ran: Ran | None, *, deadline: float | None = None) -> Trial:
        """Look, and give the run with the moments before and behind it; the latter is before the next."""
        before, self.before = self.before, self._snapshot()
        told = None if ran is None else Told.of(ran, deadline=deadline)
        return Trial(
            before,
            self.before,
            told,
            delete=self.delete,
            links=self.links,
            versions=self.versions,
            trash=self.trash,
            hard_links=self.runs.hard_links,
        )

    def violations(self, ran: Ran | None, *, deadline: float | None = None) -> list[Violation]:
        """Return the violations right after a run; None means that it was killed."""
        return violations(self.trial(ran, deadline=deadline))

    def settle(self, runs: SyncRuns | None = None) -> list[Violation]:
        """Return the violations after two more undisturbed runs."""
        runs = runs or self.runs
        return unsettled(self.trial(runs.run()), self.trial(runs.run()))

    def _snapshot(self) -> Any:
        return snapshot(self.source, self.destination, self.near / "outside", self.far / "outside")

    def _without_links(self, tree: TreeSpec) -> TreeSpec:
        return {name: spec for name, spec in tree.items() if self.links or not isinstance(spec, Link)}


def _make(root: Path, tree: TreeSpec) -> None:
    """Make a tree, modes and times of directories last."""
    whole = normal(tree)
    root.mkdir(parents=True)
    top = os.fsencode(root)
    for name, spec in whole.items():
        path = os.path.join(top, name)
        if isinstance(spec, Directory):
            os.mkdir(path, 0o755)
        elif isinstance(spec, Link):
            os.symlink(spec.target, path)
        elif isinstance(spec, File):
            with open(path, "wb") as file:
                file.write(spec.content)
            os.chmod(path, spec.mode)
            os.utime(path, ns=(spec.mtime, spec.mtime))
    for name, spec in reversed(whole.items()):
        if isinstance(spec, Directory):
            path = os.path.join(top, name)
            os.chmod(path, spec.mode)
            os.utime(path, ns=(spec.mtime, spec.mtime))


def _remove(area: Path) -> None:
    if area.exists():
        shutil.rmtree(area)

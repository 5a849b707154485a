# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The invariants after any run against any server: two trees, the areas around them, and a checker.

scene = Scene(good, tmp_path, FtpsRuns, push=True, stall_timeout=1.0)
scene.check(scene.runs.on(bad).run())
scene.converge()
"""

from __future__ import annotations

__all__ = ["BIG", "EXTRA", "NEW", "OLD", "PAST", "Scene", "contents", "ours", "write_tree"]

import os
from pathlib import Path
from typing import Any

from ..trees.trees import Seen, differences, tree_digest
from .sync_runs import Ran, SyncRuns

PAST = 1_600_000_000
BIG = 700_000
OLD: dict[str, bytes] = {
    "same": b"same",
    "grown": b"old",
    "swapped": b"old bytes of one size",
    "big": b"o" * BIG,
    "extra": b"stays as long as anything fails",
    "sub/same": b"same",
    "sub/grown": b"old",
    "sub/extra": b"extra",
}
NEW: dict[str, bytes] = {
    "same": b"same",
    "grown": b"new and longer",
    "swapped": b"new bytes of one size",
    "big": bytes(range(256)) * (BIG // 256),
    "added": b"added",
    "empty": b"",
    "sub/same": b"same",
    "sub/grown": b"new and longer",
    "sub/added": b"added",
    "made/deep/added": b"added",
}
EXTRA = OLD.keys() - NEW.keys()


class Scene:
    """Old and new trees at both ends, and the areas around them that no run may touch. good: a correct server; runs:
    kind of SyncRuns; options: options of every run. told: the codes so far. modes_are_lies, contents_only: permitted
    errors of the server."""

    def __init__(self, good: Any, tmp_path: Path, runs: type[SyncRuns], *, push: bool, **options: Any) -> None:
        far, near = good.root / "area", tmp_path / "area"
        self.areas = (far, near)
        self.told: set[str] = set()
        self.modes_are_lies = self.contents_only = False
        for area in self.areas:
            (area / "outside").mkdir(parents=True)
            (area / "outside" / "grown").write_bytes(b"nobody's business")
            (area / "outside" / "extra").write_bytes(b"nobody's business")
        self.runs = runs(
            good,
            near / "tree",
            far / "tree",
            push=push,
            state_dir=tmp_path / "state",
            delete=True,
            **options,
        )
        write_tree(self.runs.source, NEW, PAST + 60)
        write_tree(self.runs.destination, OLD, PAST)
        self.before = self.all()

    def all(self) -> dict[str, dict[bytes, Seen]]:
        trees = {"source": self.runs.source, "destination": self.runs.destination}
        trees.update((str(area), area / "outside") for area in self.areas)
        return {name: tree_digest(root) for name, root in trees.items()}

    def check(self, ran: Ran) -> None:
        """All invariants that can be seen right behind a run."""
        now = self.all()
        self.told |= ran.codes
        for name in self.before.keys() - {"destination"}:
            assert differences(self.before[name], now[name]) == [], f"{name} was changed"
        destination = {name: seen for name, seen in now["destination"].items() if not ours(name)}
        if not ran.failed and self.contents_only:
            assert contents(self.runs.source) == contents(self.runs.destination), f"said to be done: {ran}"
        elif not ran.failed:
            assert differences(now["source"], destination) == [], f"said to be done: {ran}"
        else:
            kept = EXTRA - {os.fsdecode(name) for name in destination}
            assert kept == set(), f"deleted although something failed: {ran}"
        self.check_names(destination)
        before = {name: seen for name, seen in self.before["destination"].items() if not ours(name)}
        assert ran.changed or differences(before, destination) == [], f"said to be unchanged: {ran}"
        for path, action, _reason in ran.done:
            if action == "store":
                assert destination[path].content == now["source"][path].content, f"{path!r} said to be stored"

    def check_names(self, destination: dict[bytes, Seen]) -> None:
        for name, seen in destination.items():
            states = [tree[name] for tree in (self.before["destination"], self.before["source"]) if name in tree]
            assert states, f"{name!r} is nobody's"
            assert seen.content in {state.content for state in states}, f"{name!r} is neither old nor new"
            if not self.modes_are_lies:
                assert any(seen.mode | state.mode == state.mode for state in states), f"{name!r} is wider than wanted"

    def check_special_bits(self) -> None:
        """No set-user-ID, set-group-ID or sticky bit comes from a peer."""
        for path in self.runs.destination.rglob("*"):
            assert path.lstat().st_mode & 0o7000 == 0, path

    def converge(self) -> None:
        """A run on a good server repairs everything; the next run changes nothing."""
        self.before = self.all()
        self.check(self.runs.good())
        again = self.runs.good()
        assert not again.changed, again.done
        assert again.moved == 0, again
        left = [path for area in self.areas for path in area.rglob("*") if ours(os.fsencode(path.name))]
        assert left == [], "litter"


def ours(name: bytes) -> bool:
    """Return whether the engine gave this name."""
    return any(part.startswith(b".secure_sync") for part in name.split(b"/"))


def write_tree(root: Path, tree: dict[str, bytes], when: int) -> None:
    """Write files, all of the same time but those whose content is the same in both trees."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # Of the same content, the time is the same too.
        os.utime(path, (0, PAST if content == b"same" else when))


def contents(root: Path) -> dict[bytes, object]:
    """Return the entries below `root`, without their attributes and without the engine's own files."""
    return {name: (seen.kind, seen.content) for name, seen in tree_digest(root).items() if not ours(name)}

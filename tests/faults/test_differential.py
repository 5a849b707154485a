# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random trees with every kind of entry, synchronized by the engine; rsync, in a dry run, is the judge. The only
permitted differences are the guide's: fifos, sockets and devices; links that lead out of the tree; hard links, which
become files of their own; owners, the times of links, and the time of the root itself."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import batched
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import stays_inside
from support.scenes.sync_runs import SyncRuns
from support.servers.served import served
from support.servers.sshd import Sshd
from support.trees.random_trees import DIRECTORY, LINK, SPECIAL, Node, Nodes, grow, random_pair

PAIRS = 120
LONG_PAIRS = 1200
TOGETHER = 10
ORACLE = ["rsync", "-aHn8", "--delete", "-c", "--no-owner", "--no-group", "--omit-link-times", "--out-format=%i %n"]
ROOT_TIME = b".d..t...... ./"


server = served(Sshd)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_rsync_finds_nothing_left_to_do(
    push: bool, server: Sshd, tmp_path: Path, chance: random.Random, long_run: bool, seed: int
) -> None:
    pairs, counted = LONG_PAIRS if long_run else PAIRS, Counter[str]()
    for trees in _together([random_pair(chance) for _number in range(pairs)]):
        trial = Trial(server, tmp_path / "area", trees, push=push)
        try:
            counted.update(trial.run(chance.choice(["checksum", "recorded"])))
        except AssertionError as error:
            error.add_note(f"seed {seed}: {trees}")
            raise
        finally:
            trial.remove()
    assert counted["actions"] > pairs
    print(f"{pairs} pairs: {dict(counted)}; nothing left but what is documented")


def _together(pairs: list[tuple[Nodes, Nodes]]) -> Iterator[tuple[Nodes, Nodes]]:
    """Yield pairs of trees for one run each: pairs that must be refused singly, of the others several side by side."""
    yield from (pair for pair in pairs if Judge(*pair).refuses())
    for group in batched([pair for pair in pairs if not Judge(*pair).refuses()], TOGETHER):
        yield _beside([pair[0] for pair in group]), _beside([pair[1] for pair in group])


def _beside(trees: list[Nodes]) -> Nodes:
    merged: Nodes = {}
    for number, nodes in enumerate(trees):
        top = b"%d" % number
        merged[top] = Node(DIRECTORY)
        for path, node in nodes.items():
            merged[top + b"/" + path] = replace(node, twin=node.twin and top + b"/" + node.twin)
    return merged


class Trial:
    """One pair of trees on disk."""

    def __init__(self, server: Sshd, area: Path, pair: tuple[Nodes, Nodes], *, push: bool) -> None:
        self.judge, self.entries = Judge(*pair), len(pair[0]) + len(pair[1])
        area.mkdir()
        self.runs = SyncRuns(
            server, area / "near", server.root / "far", push=push, state_dir=area / "state", delete=True, links="copy"
        )
        grow(self.runs.source, pair[0])
        grow(self.runs.destination, pair[1])
        server.give(server.root / "far")

    def remove(self) -> None:
        """Make room for the next pair."""
        shutil.rmtree(self.runs.far)
        shutil.rmtree(self.runs.near.parent)

    def run(self, compare: str) -> Counter[str]:
        """Synchronize and run the judge; return the result."""
        options = {"compare": compare, "allow_empty_source": True}
        ran = self.runs.run(**options)
        if self.judge.refuses():
            # Other directories are not replaced in a run with a failure.
            assert {"kind_conflict"} <= ran.codes <= {"kind_conflict", "operation_failed"}, ran
            again = self.runs.run(**options)
            assert (again.codes, again.changed) == (ran.codes, False), again.done
            return Counter(refused=1)
        assert not ran.failed, ran
        left = self.judge.left(self.runs.source, self.runs.destination)
        assert left == [], left
        again = self.runs.good(**options)
        assert not again.changed, again.done
        return Counter(runs=1, entries=self.entries, actions=len(ran.done), skipped=len(ran.report.plan.skipped))


class Judge:
    """rsync, and the guide's exceptions for two trees before the run."""

    def __init__(self, source: Nodes, destination: Nodes) -> None:
        self.source, self.destination = source, destination

    def refuses(self) -> bool:
        """Return whether a directory must be replaced that contains entries that are never touched."""
        specials = [path for path, node in self.destination.items() if node.kind == SPECIAL]
        return any(
            node.kind == DIRECTORY
            and path in self.source
            and self.source[path].kind != DIRECTORY
            and not self._left_alone(path)
            and any(special.startswith(path + b"/") for special in specials)
            for path, node in self.destination.items()
        )

    def left(self, source: Path, destination: Path) -> list[bytes]:
        """Return the changes of rsync that should not exist."""
        told = subprocess.run([*ORACLE, f"{source}/", f"{destination}/"], check=True, capture_output=True).stdout
        return [line for line in told.splitlines() if not self._documented(line)]

    def _documented(self, line: bytes) -> bool:
        what, path = line[:11], line[12:].rstrip(b"/")
        if line == ROOT_TIME or self._left_alone(path):
            return True
        if what.startswith(b"*deleting"):
            return any(
                node.kind == SPECIAL and other not in self.source and other.startswith(path + b"/")
                for other, node in self.destination.items()
            )
        twins = {each for other, node in self.source.items() if node.twin for each in (other, node.twin)}
        return what.startswith(b"hf") and not what[2:].strip(b" .") and path in twins

    def _left_alone(self, path: bytes) -> bool:
        """Return whether the guide leaves this entry, or one above it, as it is."""
        parts = path.split(b"/")
        return any(self._skipped(b"/".join(parts[:count])) for count in range(1, len(parts) + 1))

    def _skipped(self, path: bytes) -> bool:
        node = self.source.get(path)
        if node is None:
            # Of the entries that the source lacks, only special files stay.
            present = self.destination.get(path)
            return present is not None and present.kind == SPECIAL
        return node.kind == SPECIAL or (node.kind == LINK and not stays_inside(RelPath(path), node.content))


def test_the_judge_sees_every_difference(tmp_path: Path) -> None:
    """Content of the same size and time, mode, time, a missing and an extra file: rsync reports each of them."""
    for name in ("source", "destination"):
        (tmp_path / name / "sub").mkdir(parents=True)
        for each in ("content", "mode", "time", "same"):
            (tmp_path / name / each).write_bytes(b"x")
            os.utime(tmp_path / name / each, (1, 1))
    (tmp_path / "source/content").write_bytes(b"y")
    os.utime(tmp_path / "source/content", (1, 1))
    (tmp_path / "source/mode").chmod(0o600)
    os.utime(tmp_path / "source/time", (2, 2))
    (tmp_path / "source/missing").write_bytes(b"")
    (tmp_path / "destination/sub/extra").write_bytes(b"")
    command = [*ORACLE, f"{tmp_path}/source/", f"{tmp_path}/destination/"]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.splitlines()
    told = {line[12:] for line in lines if not line.startswith(b".d")}
    assert told == {b"content", b"mode", b"time", b"missing", b"sub/extra"}

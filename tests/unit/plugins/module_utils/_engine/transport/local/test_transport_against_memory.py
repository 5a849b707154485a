# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any sequence of operations has the same results and leaves the same tree on a real directory and in memory.

So the twin that the sync engine is tested on behaves as the system does, and the other way round.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Callable, Dict, List, Optional, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ItemError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import LocalSide, Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.trees.memory_transport import MemoryTransport
from support.trees.real_tree import read_tree
from support.trees.tree_spec import Directory, File, Found

NAMES = st.sampled_from([b"a", b"b", b"n" * 255, b"\xff\n"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: RelPath(b"/".join(names)))
SEVERAL = st.lists(PATHS, min_size=1, max_size=4, unique=True)
MODES = st.sampled_from([0o600, 0o644, 0o755, 0o700])
CONTENTS = st.binary(max_size=20)
Result = Tuple[Tuple[bytes, Optional[str], object], ...]


def without_times(tree: Dict[bytes, Found]) -> Dict[bytes, Found]:
    return {
        path: spec._replace(mtime=0) if isinstance(spec, (File, Directory)) else spec for path, spec in tree.items()
    }


def outcome(act: Callable[[], object]) -> object:
    """The outcome of an operation, in a form that both sides share: error classes, not their texts."""
    try:
        results = act()
    except ItemError as error:
        return type(error).__name__
    if not isinstance(results, list):
        return results
    return [[_plain(part) for part in result] for result in results]


def _plain(part: object) -> object:
    if isinstance(part, ItemError):
        return type(part).__name__
    return part._replace(mtime=0) if hasattr(part, "mtime") else part


class Twins(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = os.fsencode(tempfile.mkdtemp())
        self.memory = MemoryTransport({})
        self.local = LocalTransport(self.root)
        os.umask(0o022)

    def teardown(self) -> None:
        self.local.close()
        shutil.rmtree(self.root)

    def both(self, act: Callable[[LocalSide], object]) -> None:
        real, model = outcome(lambda: act(self.local)), outcome(lambda: act(self.memory))
        assert real == model

    def is_directory(self, path: RelPath) -> bool:
        return isinstance(self.memory.snapshot().get(path), Directory)

    @rule(wanted=SEVERAL)
    def make_directories(self, wanted: List[RelPath]) -> None:
        self.both(lambda side: list(side.make_directories(wanted)))

    @rule(path=PATHS, content=CONTENTS)
    def create_file(self, path: RelPath, content: bytes) -> None:
        self.both(lambda side: side.create_file(path, content))

    @rule(path=PATHS, content=CONTENTS, mode=MODES, offset=st.integers(0, 30), finish=st.booleans())
    def store(self, path: RelPath, content: bytes, mode: int, offset: int, finish: bool) -> None:
        def act(side: LocalSide) -> None:
            stage = side.create_stage(path)
            stage.write_at(content, offset)
            stage.finish(Attributes(mode, 5 * 10**9)) if finish else stage.abandon()

        self.both(act if content else lambda side: None)

    @rule(links=st.dictionaries(PATHS, st.sampled_from([b"a", b"..", b"/etc/passwd"]), max_size=3))
    def make_links(self, links: Dict[RelPath, bytes]) -> None:
        self.both(lambda side: list(side.make_links(list(links.items()))))

    @rule(stage=PATHS, path=PATHS)
    def rename(self, stage: RelPath, path: RelPath) -> None:
        if not self.is_directory(stage):
            self.both(lambda side: list(side.rename([Rename(stage, path)])))

    @rule(old=PATHS, new=PATHS)
    def rename_new(self, old: RelPath, new: RelPath) -> None:
        if not self.is_directory(old) and old != new:
            self.both(lambda side: side.rename_new(old, new))

    @rule(wanted=SEVERAL, mode=MODES, mtime=st.one_of(st.none(), st.integers(0, 2**33).map(lambda s: s * 10**9)))
    def set_attributes(self, wanted: List[RelPath], mode: int, mtime: Optional[int]) -> None:
        self.both(lambda side: list(side.set_attributes([(path, Attributes(mode, mtime)) for path in wanted])))

    @rule(trash=st.sampled_from([b".t", b"a"]).map(RelPath), wanted=SEVERAL, remove=st.booleans())
    def keep_in(self, trash: RelPath, wanted: List[RelPath], remove: bool) -> None:
        self.both(lambda side: list(side.keep_in(trash, wanted, remove=remove)))

    @rule(wanted=SEVERAL)
    def remove_files(self, wanted: List[RelPath]) -> None:
        self.both(lambda side: list(side.remove_files(wanted)))

    @rule(wanted=SEVERAL)
    def remove_directories(self, wanted: List[RelPath]) -> None:
        self.both(lambda side: list(side.remove_directories(sorted(wanted, reverse=True))))

    @rule(wanted=SEVERAL)
    def look_and_digest(self, wanted: List[RelPath]) -> None:
        self.both(lambda side: list(side.look(wanted)))
        self.both(lambda side: list(side.digest(wanted)))

    @rule(path=PATHS, count=st.integers(1, 30))
    def read(self, path: RelPath, count: int) -> None:
        self.both(lambda side: side.read_file(path, limit=count))

    @rule()
    def scan(self) -> None:
        def act(side: LocalSide) -> object:
            found = {path: entry for page in side.scan(read_links=True) for path, entry in page.entries}
            return {path: entry._replace(mtime=0) for path, entry in found.items()}

        self.both(act)

    @invariant()
    def same_tree(self) -> None:
        assert without_times(read_tree(self.root)) == without_times(dict(sorted(self.memory.snapshot().items())))


TestTwins = Twins.TestCase
TestTwins.settings = settings(max_examples=60, stateful_step_count=30)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measured work: trees, their size, the distance of the server, and the target ratios."""

from __future__ import annotations

__all__ = [
    "BLOCKS",
    "CHANGED",
    "ENGINE_NAME",
    "FTPS",
    "IDLE",
    "PULL",
    "PUSH",
    "RENAMED",
    "SFTP",
    "TRANSFER",
    "WORKLOADS",
    "Targets",
    "Workload",
    "make_tree",
    "scaled",
]

import os
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..support.trees.trees import MTIME, make_many

PUSH, PULL = "push", "pull"
TRANSFER, IDLE, CHANGED, RENAMED, BLOCKS = "transfer", "idle", "changed", "renamed", "blocks"
SFTP, FTPS = "sftp", "ftps"
_BLOCK = 1 << 20
_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30
ENGINE_NAME = "secure_sync"
"""The contender whose figures the summary has."""
_MOST_MIB = 600_000_000 // _MIB


class Targets(NamedTuple):
    """The largest ratios: to the fastest peer, to the fastest peer that hashes, and to rsync; of a run with
    `proof: read_back`, of a whole playbook, and of a run with `delta: always`, to the fastest peer."""

    peer: float | None = None
    hashed: float | None = None
    rsync: float | None = None
    read_back: float | None = None
    play: float | None = None
    always: float | None = None


NO_TARGETS = Targets()


@dataclass(frozen=True)
class Workload:
    """One piece of work.

    kind: TRANSFER to an empty destination, IDLE: both ends are equal already, RENAMED: they are, and then the directory
    of all files gets another name at the source, BLOCKS: they are, and then a hundredth of the blocks of a file changes
    there, or CHANGED: one file differs and has the size and mtime of before. protocol: SFTP or FTPS. size: bytes of
    each file. delay: seconds that a proxy adds, each way. rounds: maximum number. slow: maximum number of rounds for a
    contender, by its name. parts: number of files for contenders that do only a part of the files, because the rest
    would take minutes of the same work. only: the contenders, if these are not all that can do it. directions: one or
    both. on_disk: both trees are on a disk, not in memory. push, pull: the targets of the directions. target_memory:
    MiB. signed: the work of `signed_sets`: the source of a pull is a published set. sealed: the work of
    `sealed_files`. rate: bytes a second, of the work of `dropping`. lives: seconds after which a connection is
    reset."""

    name: str
    title: str
    files: int
    size: int
    kind: str = TRANSFER
    protocol: str = SFTP
    delay: float = 0.0
    rounds: int = 1000
    slow: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    only: tuple[str, ...] = ()
    directions: tuple[str, ...] = (PUSH, PULL)
    on_disk: bool = False
    push: Targets = NO_TARGETS
    pull: Targets = NO_TARGETS
    target_memory: int | None = None
    signed: bool = False
    sealed: bool = False
    rate: int = 0
    lives: float = 0.0

    @property
    def alone(self) -> bool:
        """Whether secure_sync does it without peers: only its memory and its growth count."""
        return self.only == (ENGINE_NAME,)

    def targets(self, direction: str) -> Targets:
        """The targets of a direction."""
        return self.push if direction == PUSH else self.pull

    def rounds_of(self, contender: str, wanted: int) -> int:
        """How many rounds of the `wanted` a contender takes part in."""
        return min(wanted, self.rounds, dict(self.slow).get(contender, wanted))

    def files_of(self, contender: str) -> int:
        """How many of the files a contender moves."""
        return min(self.files, dict(self.parts).get(contender, self.files))


def _both(targets: Targets, *arguments: Any, **keywords: Any) -> Workload:
    """Return a work with the same targets in both directions."""
    return Workload(*arguments, **keywords, push=targets, pull=targets)


def _alone(name: str, title: str, files: int, kind: str = TRANSFER, **keywords: Any) -> Workload:
    """Return a work with so many empty files that secure_sync does without peers, once."""
    return Workload(name, title, files, 0, kind, rounds=1, only=(ENGINE_NAME,), **keywords)


WORKLOADS = (
    Workload(
        "small",
        "10,000 files of 4 KiB",
        10_000,
        4 * _KIB,
        slow=(("rclone", 1), ("rclone tuned", 3), ("sftp", 3), ("scp", 3)),
        push=Targets(peer=0.25, rsync=1.1, read_back=0.5),
        pull=Targets(peer=0.22, rsync=1.1, read_back=0.5),
    ),
    Workload(
        "disk",
        "10,000 files of 4 KiB on a disk",
        10_000,
        4 * _KIB,
        slow=(("rclone", 1), ("rclone tuned", 3), ("sftp", 3), ("scp", 3)),
        on_disk=True,
        push=Targets(play=0.7),
        pull=Targets(play=0.7),
    ),
    _both(Targets(peer=0.85, hashed=0.6), "medium", "200 files of 2 MiB", 200, 2 * _MIB),
    _both(Targets(peer=1.0, hashed=0.65), "big", "1 file of 1 GiB", 1, _GIB),
    _both(Targets(peer=0.7), "idle", "nothing to do, 10,000 files", 10_000, 4 * _KIB, IDLE),
    _both(Targets(peer=0.6), "idle-50k", "nothing to do, 50,000 files", 50_000, 4 * _KIB, IDLE),
    Workload(
        "far-small",
        "2,000 files of 4 KiB at 20 ms round trip",
        2_000,
        4 * _KIB,
        delay=0.01,
        slow=(("lftp -P4", 1), ("lftp -P8", 1), ("rclone", 1), ("rclone tuned", 1), ("sftp", 1), ("scp", 1)),
        parts=(("rclone", 250), ("sftp", 100), ("scp", 100)),
        push=Targets(peer=0.06),
        pull=Targets(peer=0.06),
    ),
    Workload(
        "far-big",
        "1 file of 512 MiB at 20 ms round trip",
        1,
        512 * _MIB,
        delay=0.01,
        rounds=3,
        slow=(("lftp -P4", 1), ("rclone", 1), ("sftp", 2), ("scp", 2)),
        push=Targets(peer=0.35),
        pull=Targets(peer=0.6),
    ),
    Workload(
        "ftps-small",
        "FTPS: 2,000 files of 4 KiB",
        2_000,
        4 * _KIB,
        protocol=FTPS,
        slow=(("rclone ftps", 2), ("rclone ftps tuned", 2)),
        push=Targets(hashed=0.75),
        pull=Targets(hashed=0.75),
    ),
    _both(Targets(hashed=0.7), "ftps-medium", "FTPS: 200 files of 2 MiB", 200, 2 * _MIB, protocol=FTPS),
    _both(Targets(hashed=0.85), "ftps-big", "FTPS: 1 file of 1 GiB", 1, _GIB, protocol=FTPS),
    _both(Targets(peer=0.8), "ftps-idle", "FTPS: nothing to do, 10,000 files", 10_000, 4 * _KIB, IDLE, protocol=FTPS),
    _both(
        Targets(peer=0.2),
        "renamed",
        "10,000 files of 4 KiB in a renamed directory",
        10_000,
        4 * _KIB,
        RENAMED,
        rounds=3,
        slow=(("rclone", 1),),
    ),
    Workload(
        "changed-blocks",
        "1 file of 1 GiB with 1 % of its blocks changed, at 20 ms round trip",
        1,
        _GIB,
        BLOCKS,
        delay=0.01,
        rounds=2,
        slow=(("lftp -P4", 1), ("rclone", 1)),
        directions=(PUSH,),
        push=Targets(peer=0.3, always=0.3),
    ),
    _alone("memory-10k", "10,000 empty files", 10_000),
    _alone("memory-10k-idle", "nothing to do, 10,000 empty files", 10_000, IDLE),
    _alone("memory", "100,000 empty files", 100_000, target_memory=300),
    _alone("memory-idle", "nothing to do, 100,000 empty files", 100_000, IDLE, target_memory=300),
    Workload(
        "million",
        "1,000,000 empty files",
        1_000_000,
        0,
        rounds=1,
        parts=(("lftp -P4", 50_000), ("rclone tuned", 20_000), ("rsync", 250_000)),
        only=(ENGINE_NAME, "lftp -P4", "rclone tuned", "rsync"),
        target_memory=_MOST_MIB,
    ),
    _both(
        Targets(peer=0.8),
        "million-idle",
        "nothing to do, 1,000,000 empty files",
        1_000_000,
        0,
        IDLE,
        rounds=1,
        only=(ENGINE_NAME, "lftp -P4", "rclone", "rsync"),
        target_memory=_MOST_MIB,
    ),
)


def scaled(workload: Workload, divisor: int) -> Workload:
    """The same work, `divisor` times smaller: fewer files or, of a single file, fewer bytes.

    Its ratios are not those that are wanted: the log-in counts for more.
    """
    if divisor == 1:
        return workload
    parts = tuple((name, max(1, count // divisor)) for name, count in workload.parts)
    less = replace(
        workload,
        title=f"{workload.title}, 1/{divisor} of it",
        push=NO_TARGETS,
        pull=NO_TARGETS,
        target_memory=None,
    )
    if workload.files == 1:
        return replace(less, size=workload.size // divisor, lives=workload.lives / divisor)
    return replace(less, files=max(1, workload.files // divisor), parts=parts)


def make_tree(root: Path, files: int, size: int) -> None:
    """Make `files` files of `size` bytes, with times in whole seconds as SFTP can carry them."""
    if size < 16 * _MIB:
        make_many(root, files, size=size)
        return
    root.mkdir(parents=True)
    source = random.Random(files)
    for number in range(files):
        _make_file(root / f"f{number}", size, source)


def _make_file(path: Path, size: int, source: random.Random) -> None:
    """Block by block: memory that this process once held would count as the memory of its children."""
    with open(path, "wb", buffering=0) as file:
        for start in range(0, size, _BLOCK):
            file.write(source.randbytes(min(_BLOCK, size - start)))
    os.utime(path, (MTIME, MTIME))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""StageNames: the temporary names for new content, and how leftovers of a killed run are recognised.

    .secure_sync-<12 hex of the destination's real path>-<8 hex of the run>-<16 hex, random>.tmp, or .part if it may
    outlive the run

FTP cannot demand that a file is new, and follows links: the name is random, so that another account cannot put a link
there first. It is short and does not hold the final name, so that a name of 255 bytes can be staged and two long names
never collide. The first part identifies the destination: the temporary files of another tree are ordinary files.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Iterable, Set

from ..model.relpath import ROOT, RelPath
from ..transport.base import Done

OURS = b".secure_sync"
"""Prefix of all names that the engine makes."""

_ENDS, _LASTS = b".tmp", b".part"


class StageNames:
    """The temporary names of one run at one destination. `open`: those given and not yet released."""

    def __init__(self, real_root: bytes, run_id: str) -> None:
        tree = hashlib.sha256(real_root).hexdigest()[:12].encode()
        self._prefix = b"%s-%s-%s-" % (OURS, tree, run_id[:8].encode())
        self._litter = re.compile(
            b"%s-%s-[0-9a-f]{8}-[0-9a-z]+\\.(?:tmp|part)(?:\\.order|\\.open|\\.fold-.*)?" % (re.escape(OURS), tree),
            re.S,
        )
        self.open: Set[RelPath] = set()

    def beside(self, path: RelPath) -> RelPath:
        """Return a name never given before, in the directory of `path`."""
        parent = path.rpartition(b"/")[0]
        name = b"%s%s.tmp" % (self._prefix, os.urandom(8).hex().encode())
        stage = RelPath(b"%s/%s" % (parent, name) if parent else name)
        self.open.add(stage)
        return stage

    def lasts(self, stage: RelPath) -> bool:
        """Return whether a temporary entry may outlive its run."""
        return stage.endswith(_LASTS)

    def lasting(self, stage: RelPath) -> RelPath:
        """Return the name for a file that may outlive the run, instead of `stage`."""
        self.open.discard(stage)
        stage = RelPath(stage[: -len(_ENDS)] + _LASTS)
        self.open.add(stage)
        return stage

    def in_root(self) -> RelPath:
        """Return a name never given before, in the root."""
        return self.beside(ROOT)

    def release(self, stage: RelPath) -> None:
        """Take note that nothing stands under this name any more, or that it stays for the next run."""
        self.open.discard(stage)

    def released(self, removals: Iterable[Done]) -> None:
        """Release the names that were removed; the run reports the others at its end."""
        self.open.difference_update([removed.path for removed in removals if removed.error is None])

    def is_litter(self, path: RelPath) -> bool:
        """Return whether a run on this destination made this name for a temporary entry, for a link that tests the
        order of SYMLINK's paths (".order"), for the content of a sealed file (".open"), or for a question about names
        (".fold-", see folding.py).

        The name of an old file that was moved aside (".old" after the stage's name, on servers that cannot replace in
        one step) is not included: after a killed run it may be the only copy of a user's file.
        """
        return self._litter.fullmatch(path.rpartition(b"/")[2]) is not None

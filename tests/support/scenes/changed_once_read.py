# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A destination whose source changes after its last byte was read, and before it is asked whether it held still."""

from __future__ import annotations

__all__ = ["ChangedOnceRead"]

from collections.abc import Callable

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Kept, StageFile

from ..trees.memory_transport import MemoryTransport


class ChangedOnceRead(MemoryTransport):
    """Call `change` when a temporary file is hashed: over FTPS, the server has acknowledged the upload by then."""

    def __init__(self, change: Callable[[], object]) -> None:
        super().__init__({})
        self._change = change

    def create_stage(self, path: RelPath, kept: Kept | None = None) -> StageFile:
        stage = super().create_stage(path, kept)
        digest = stage.digest
        stage.digest = lambda size: (self._change(), digest(size))[1]
        return stage

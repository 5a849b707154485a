# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SealedStage: a received sealed file under its temporary name. It keeps mode 0600; the attributes are for its
content."""

from __future__ import annotations

from typing import Callable, Optional

from ...model.buffer import Buffer
from ...model.tree import Attributes
from ..base import StageFile


class SealedStage(StageFile):
    """arrived: called with the attributes of the content, once the file is whole."""

    def __init__(self, inner: StageFile, arrived: Callable[[Attributes], None]) -> None:
        self._inner = inner
        self._arrived = arrived

    def write_at(self, data: Buffer, offset: int) -> None:
        self._inner.write_at(data, offset)

    def digest(self, size: int) -> Optional[bytes]:
        return self._inner.digest(size)

    def followed_digest(self, size: int) -> Optional[bytes]:
        return self._inner.followed_digest(size)

    def finish(self, attributes: Attributes) -> None:
        self._inner.finish(Attributes())
        self._arrived(attributes)

    def abandon(self) -> None:
        self._inner.abandon()

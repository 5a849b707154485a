# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ContentChecking: the check of content as a feature of a run.

The scanner is tested before anything is compared. A scanner that does not work any more ends the run at its next step:
until then, its files fail. No file is moved or copied at the destination, because that would not check it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ..content.check import ContentCheck
from .feature import Feature, RunParts

if TYPE_CHECKING:
    from .claim import Claim

PREVIEW = "content_check: check mode checks no content; a run can refuse files of this plan"


class ContentChecking(Feature):
    """See Feature."""

    relocates = False

    def __init__(self, parts: RunParts, check: ContentCheck) -> None:
        super().__init__()
        self._check = check
        self._active = not parts.request.check_mode
        self.takes_blocks = not parts.opened.sides.push

    def begin(self, claim: Optional[Claim]) -> None:
        if self._active:
            self._check.begin()
        else:
            self.notes = [PREVIEW]

    def before_step(self) -> None:
        if self._check.unavailable is not None:
            raise self._check.unavailable

    def before_removals(self) -> None:
        self.before_step()

    def ended(self) -> None:
        self.stats = self._check.stats
        self.content_check = {**self._check.scanner, **{name[6:]: count for name, count in self.stats.items()}}

    def finish(self) -> None:
        self.before_step()

    def close(self) -> None:
        self._check.close()

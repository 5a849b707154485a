# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run: all steps after the start of the login.

read both roots -> claim the destination -> scan, compare, plan -> (check mode ends here) -> execute -> record
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Optional

from ..errors import SyncError
from ..model.report import SyncReport
from ..model.request import SyncRequest
from ..transport.base import LocalSide
from .account import Account
from .backoff import Backoff
from .claim import Claim
from .prepare import side_scan
from .retry import Recovery
from .roots import Opened, open_sides
from .scan import SideScan
from .selection import SideSelection
from .sessions import Sessions
from .stage_names import StageNames
from .work import Work

if TYPE_CHECKING:
    from .signed_source import SignedSource


class Run:
    """One run, which can be reported at any moment. The `stack` holds the resources to release at its end."""

    def __init__(self, request: SyncRequest, sessions: Sessions, backoff: Backoff, stack: ExitStack) -> None:
        self._request = request
        self._sessions = sessions
        self._backoff = backoff
        self._stack = stack
        self._account = Account(request, sessions)
        self._claim = Claim(request, sessions, self._account, stack)

    def carry_out(self) -> None:
        """Carry out the run. Raises the SyncError that ended it."""
        selection = SideSelection.of(self._request)
        try:
            opened = open_sides(self._sessions, scan_of=partial(self._scan_here, selection))
            signed = self._signed(selection, opened)
            work = Work(self._request, selection, opened, self._account, signed, self._sessions.sealed)
            if self._request.check_mode:
                work.foresee()
            else:
                work.carry_out(self._claim)
        except BaseException as error:
            self._claim.wind_up(error)
            raise

    def report(self, error: Optional[SyncError]) -> SyncReport:
        """Return the report of the present state; `error` is the error that ended the run, or None."""
        return self._account.report(error)

    def close(self) -> None:
        """Release the record, after the report."""
        self._account.close()

    def _signed(self, selection: SideSelection, opened: Opened) -> Optional[SignedSource]:
        """Return the signed set to pull, if the request has `verify`."""
        if self._request.verify is None:
            return None
        from .signed_source import signed_source  # pylint: disable=import-outside-toplevel

        if self._request.check_mode:  # Nothing is claimed, and the manifest is fetched all the same.
            self._sessions.session.begin_changes(Recovery(opened.names.beside, lambda peer: None))
        signed = signed_source(
            self._request,
            selection,
            opened.sides.peer,
            root=opened.source_root,
            file=opened.file,
            stack=self._stack,
            sleep=self._backoff.wait,
        )
        self._account.signed = signed
        return signed

    def _scan_here(self, selection: SideSelection, local: LocalSide) -> SideScan:
        if self._sessions.push:
            return side_scan(self._request, selection, local)
        is_stage = StageNames(local.real_root(), self._request.run_id).is_litter
        return side_scan(self._request, selection, local, is_stage=is_stage)

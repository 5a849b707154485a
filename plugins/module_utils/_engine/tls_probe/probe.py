# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Survey a server as any client can, and with an account as a user can: its offers, its identity, its weaknesses.

Nothing is judged here, and nothing is written to the server. A password or a marked name goes only to a proven server.
"""

from __future__ import annotations

from dataclasses import replace
from typing import List

from ..errors import AuthenticationFailed, SyncError, TlsRefused, TrustError
from ..tls.survey import Identity, NotChecked, Survey
from .control import control_facts
from .data import data_facts
from .dialer import Dialer, Target
from .identity import Shown, Verdict, shown, verdict
from .marked import marked_facts
from .offer import Offered, offered

_CLEAR_LOGIN = "cleartext login"
_DATA = "data connections"
_CLIENT_CERTIFICATE = "client certificate"
MARKED = "marked login"


def survey_server(target: Target, mark: str = "") -> Survey:
    """Survey the server. mark: of a login that it must refuse, "" for none.

    Raises ConnectionFailed and its subclasses if it does not answer, TrustStoreUnreadable,
    PrivateKeyUnusable. A later error is returned in `error`."""
    return _Run(target, mark).survey()


class _Run:
    def __init__(self, target: Target, mark: str) -> None:
        self._target, self._mark = target, mark
        self._dialer = Dialer(target)
        self._survey = Survey()
        self._not_checked: List[NotChecked] = []

    def survey(self) -> Survey:
        try:
            self._look()
            if self._mark:
                self._attempt()
        except SyncError as error:
            if self._dialer.connections <= 1:
                raise
            self._survey = replace(self._survey, error=error)
            if self._mark:
                self._not_checked.append(NotChecked(MARKED, "the check ended early"))
        return replace(self._survey, not_checked=tuple(self._not_checked), connections=self._dialer.connections)

    def _look(self) -> None:
        try:
            seen = offered(self._dialer)
        except TlsRefused as error:
            self._survey = replace(self._survey, refused=error.message)
        else:
            self._survey = replace(self._survey, versions=tuple(seen.versions))
            if seen.versions:
                self._survey = replace(self._survey, identity=self._identity(seen))
        if self._target.explicit:
            self._look_at_control()
        if self._target.ftp:
            self._look_at_data()

    def _identity(self, seen: Offered) -> Identity:
        mine = shown(self._dialer, asks_client=seen.asks_client)
        found = verdict(self._dialer)
        self._note(mine, found)
        chains = dict(seen.chains)
        if mine.chain:
            chains.setdefault(mine.chain[0], mine.chain)
        return Identity(tuple(chains.values()), found.untrusted, found.outdated, mine.client_certificate)

    def _note(self, mine: Shown, found: Verdict) -> None:
        if found.why:
            self._not_checked.append(NotChecked("chain", found.why))
        if mine.client_certificate is None:
            self._not_checked.append(NotChecked(_CLIENT_CERTIFICATE, mine.why))

    def _look_at_control(self) -> None:
        facts = control_facts(self._dialer)
        self._survey = replace(self._survey, control=facts)
        if facts.clear_login_unknown:
            self._not_checked.append(NotChecked(_CLEAR_LOGIN, facts.clear_login_unknown))

    def _look_at_data(self) -> None:
        why = ""
        if self._target.credentials.password is None or not self._target.endpoint.username:
            why = "no account was given"
        elif self._survey.refused or not self._survey.versions:
            why = "there is no TLS, so no password was sent"
        else:
            try:
                self._survey = replace(self._survey, data=data_facts(self._dialer))
            except TrustError as error:
                why = "the server is not proven, so no password was sent: %s" % error.message
            except AuthenticationFailed as error:
                self._not_checked.append(NotChecked(_DATA, error.message))
                raise
        if why:
            self._not_checked.append(NotChecked(_DATA, why))

    def _attempt(self) -> None:
        """Make the attempt with a marked name. It comes last: a server may punish this address for it."""
        if self._survey.refused or not self._survey.versions:
            self._not_checked.append(NotChecked(MARKED, "there is no TLS, so no name was sent"))
            return
        facts = marked_facts(self._dialer, self._mark)
        self._survey = replace(self._survey, marked=facts)
        if facts.unknown:
            self._not_checked.append(NotChecked(MARKED, facts.unknown))

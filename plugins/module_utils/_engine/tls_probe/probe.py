# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Survey a server as any client can, and with an account as a user can: its offers, its identity, its weaknesses.

Nothing is judged here, and nothing is written to the server. A password or a marked name goes only to a proven server.

One attempt has a marked name, whose line in the server's log is sought afterwards:

    a login with a marked name and a random password, inside TLS -> refused after the password: the log has the mark
    refused before the password, as vsftpd refuses names outside its list of users, without a line in its log
    -> with an account: the deletion of a file with the marked name, which does not exist

Names go only to a proven server. The password is random and is kept nowhere.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import List, Union

from ..errors import AuthenticationFailed, NotSupported, PermissionDenied, SyncError, TlsRefused, TrustError
from ..ftps.control import Control
from ..ftps.login import log_in_unprotected, meet_proven
from ..ftps.replies import Command, Reply, flight, item_error, too_many
from ..model.marked_login import forged_ftp_name
from ..tls.context import client_context
from ..tls.survey import Identity, MarkedFacts, NotChecked, Survey
from .control import control_facts
from .data import data_facts
from .dialer import Dialer, Target
from .identity import Shown, Verdict, shown, verdict
from .offer import Offered, offered

_CLEAR_LOGIN = "cleartext login"
_DATA = "data connections"
_CLIENT_CERTIFICATE = "client certificate"
MARKED = "marked login"
_NEED_PASSWORD = 331
_LOGGED_IN = (230, 232)
_REFUSED_FOR_GOOD = 500
_NO_ACCOUNT = "the server refuses the name before a password, and no account was given: %s"
Judged = Union[MarkedFacts, Reply]


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
                why = f"the server is not proven, so no password was sent: {error.message}"
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


def marked_facts(dialer: Dialer, mark: str) -> MarkedFacts:
    """Make the attempt. Raises PrivateKeyUnusable and TrustStoreUnreadable; other errors are in the result."""
    target = dialer.target
    context = target.context or client_context(target.tls, target.credentials)
    name = forged_ftp_name(mark).encode("ascii")
    try:
        control = dialer.paced(lambda: meet_proven(target.endpoint, target.tls, context))
        outcome = _log_in(control, name, mark, target.endpoint.connect_timeout)
        if isinstance(outcome, MarkedFacts):
            return outcome
        if target.credentials.password is None or not target.endpoint.username:
            return MarkedFacts(unknown=_NO_ACCOUNT % outcome.text)
        control, _peer = dialer.paced(
            lambda: log_in_unprotected(target.endpoint, target.credentials, target.tls, context)
        )
        return _delete(control, name, mark, target.endpoint.connect_timeout)
    except TrustError as error:
        return MarkedFacts(unknown=f"the server is not proven, so no name was sent: {error.message}")
    except SyncError as error:
        return MarkedFacts(unknown=error.message)


def _log_in(control: Control, name: bytes, mark: str, seconds: float) -> Judged:
    """Return the outcome, or the reply that refuses the name before a password. Raises SyncError."""
    try:
        control.channel.patience.deadline = time.monotonic() + seconds
        first = _say(control, (b"USER", name))
        if first.code != _NEED_PASSWORD:
            return of_login(first, mark, with_password=False)
        return of_login(_say(control, (b"PASS", secrets.token_hex(16).encode())), mark, with_password=True)
    finally:
        control.channel.close()


def _delete(control: Control, name: bytes, mark: str, seconds: float) -> MarkedFacts:
    try:
        control.channel.patience.deadline = time.monotonic() + seconds
        return of_deletion(_say(control, (b"DELE", name)), name, mark)
    finally:
        control.channel.close()


def _say(control: Control, command: Command) -> Reply:
    control.expect_silence()
    control.send(flight([command]))
    return control.take_final(closing=True)


def of_login(reply: Reply, mark: str, *, with_password: bool) -> Judged:
    """Return the outcome of a login, or the reply itself if it refuses the name before a password."""
    if reply.code in _LOGGED_IN:
        return MarkedFacts(mark, let_in=reply.text)
    if reply.code < _REFUSED_FOR_GOOD or too_many(reply):
        return MarkedFacts(unknown=f"the server does not refuse a login for good: {reply.text}")
    return MarkedFacts(mark) if with_password else reply


def of_deletion(reply: Reply, name: bytes, mark: str) -> MarkedFacts:
    """Return the outcome of the deletion of a file that does not exist. A server that lets the account delete nothing
    need not look at the name."""
    if reply.code < _REFUSED_FOR_GOOD:
        return MarkedFacts(unknown=f"the deletion of a file that does not exist is answered with {reply.text}")
    if isinstance(item_error(reply, name), (NotSupported, PermissionDenied)):
        return MarkedFacts(unknown=f"the account must not delete: {reply.text}")
    return MarkedFacts(mark)

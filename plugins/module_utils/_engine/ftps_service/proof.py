# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that a candidate works, over both channels, in a session of the engine: login, LIST, STOR, RETR; and check its
TLS, as for a live server."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import CandidateFailed, SyncError
from ..ftps.session import FtpsSession
from ..login_probe.ftps_exchange import StepFailed, exchange, loopback_context
from ..model.endpoint import EXPLICIT, FTPS, IMPLICIT, Credentials, Endpoint, PeerIdentity, TlsTrust
from ..tls.spki import pin_of
from ..tls.survey import Identity, Survey
from ..tls_probe.control import control_facts
from ..tls_probe.data import data_facts
from ..tls_probe.dialer import Dialer, Target
from ..tls_probe.identity import shown
from ..tls_probe.offer import offered
from .candidate import INCOMING, Candidate
from .key_pair import KeyPair

_SECONDS = 20.0
_CREDENTIALS = Credentials(password="tls-policy@localhost")  # noqa: S106  # anonymous: it guards nothing


class Served(NamedTuple):
    """The result of a test on loopback.

    peer: of the session with the transfers
    survey: the observations of the candidate
    """

    peer: PeerIdentity
    survey: Survey


def served(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> Served:
    """Test the candidate. Raises CandidateFailed with the failed step."""
    target = _target(candidate, pair, implicit=implicit)
    peer = _transfers(candidate, target)
    return Served(peer, _survey(candidate, target, pair))


def demands_certificate(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> str:
    """NOT_ASKED, OPTIONAL or REQUIRED. Raises CandidateFailed."""
    dialer = Dialer(_target(candidate, pair, implicit=implicit))
    try:
        return shown(dialer, asks_client=offered(dialer).asks_client).client_certificate or ""
    except SyncError as error:
        raise _failed("the check of its request for a client certificate", error, candidate) from None


def _target(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> Target:
    tls = TlsTrust(mode=IMPLICIT if implicit else EXPLICIT, ca_file=pair.certificate, pins=(pin_of(pair.chain[0]),))
    endpoint = Endpoint(
        FTPS, "127.0.0.1", candidate.port, "anonymous", connect_timeout=_SECONDS, stall_timeout=_SECONDS
    )
    return Target(endpoint, _CREDENTIALS, tls, pause=0.0, context=loopback_context(tls, Credentials()))


def _transfers(candidate: Candidate, target: Target) -> PeerIdentity:
    session = FtpsSession(target.endpoint, target.credentials, target.tls, context=target.context)
    try:
        return exchange(session, INCOMING)
    except StepFailed as failed:
        raise _failed(failed.step, failed.error, candidate) from None
    finally:
        session.close()


def _survey(candidate: Candidate, target: Target, pair: KeyPair) -> Survey:
    dialer = Dialer(target)
    try:
        return Survey(
            versions=tuple(offered(dialer).versions),
            # Its identity was proven by the pin; the certificate's content is judged as for any server.
            identity=Identity(chains=(pair.chain,), untrusted="", outdated=""),
            control=control_facts(dialer) if target.explicit else None,
            data=data_facts(dialer),
            connections=dialer.connections,
        )
    except SyncError as error:
        raise _failed("the check of its TLS offer", error, candidate) from None


def _failed(step: str, error: SyncError, candidate: Candidate) -> CandidateFailed:
    return CandidateFailed(
        f"with the new configuration {step} fails on loopback: {error.message} "
        f"(last output of the server: {candidate.messages()})",
        cure="Nothing was changed: the old configuration is in place.",
    )

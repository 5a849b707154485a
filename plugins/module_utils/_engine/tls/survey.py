# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The observations of a server, without a verdict: the profile decides which are findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional, Tuple

from ..errors import SyncError

NOT_ASKED, OPTIONAL, REQUIRED = "not_asked", "optional", "required"


class VersionFacts(NamedTuple):
    """One TLS version that the server supports.

    suites, groups: names, in the order in which it chose them
    dh_bits: of the smallest prime of a finite field, 0 if there is none
    compression: whether it accepted compression
    secure_renegotiation, extended_master_secret: None with TLS 1.3, which does not need them
    """

    version: str
    suites: Tuple[str, ...]
    groups: Tuple[str, ...] = ()
    dh_bits: int = 0
    compression: bool = False
    secure_renegotiation: Optional[bool] = None
    extended_master_secret: Optional[bool] = None


class Identity(NamedTuple):
    """The server's certificates and their checks.

    chains: each certificate of the server, DER, with the certificates sent with it
    untrusted: why no chain leads to a trusted authority, "" if a chain does
    outdated: the part of the chain that is not valid now, "" for none
    client_certificate: NOT_ASKED, OPTIONAL, REQUIRED, or None
    untrusted and outdated are None if they are unknown.
    """

    chains: Tuple[Tuple[bytes, ...], ...] = ()
    untrusted: Optional[str] = None
    outdated: Optional[str] = None
    client_certificate: Optional[str] = None


class ControlFacts(NamedTuple):
    """The observations on the control connection.

    clear_login: the reply that lets a user name go on without TLS, "" for none
    clear_login_unknown: why it is unknown whether a user name goes on without TLS, "" if it is known
    clear_anonymous: whether anybody was logged in without TLS
    pipelined: whether a command that came in clear behind AUTH TLS was carried out inside TLS, None if it was not tried
    """

    clear_login: str = ""
    clear_login_unknown: str = ""
    clear_anonymous: bool = False
    pipelined: Optional[bool] = None


class DataFacts(NamedTuple):
    """The observations on data connections.

    protected: "" if a listing came over TLS, else why not
    resumed: whether its session was the control connection's
    reuse_demanded: whether a session of its own was refused
    same_certificate: None if none was shown
    clear_first: whether a listing came in clear before PROT was sent
    prot_c: whether PROT C was accepted
    clear: and a listing came in clear after it
    ccc: whether the control connection could be made clear
    """

    protected: str = ""
    resumed: Optional[bool] = None
    reuse_demanded: Optional[bool] = None
    same_certificate: Optional[bool] = None
    clear_first: Optional[bool] = None
    prot_c: Optional[bool] = None
    clear: Optional[bool] = None
    ccc: Optional[bool] = None


class MarkedFacts(NamedTuple):
    """The outcome of an attempt with a marked name.

    mark: "" if nothing was refused or accepted, so that no line of a log is due
    let_in: the reply that accepts a random name and password, "" for none
    unknown: why it is not known whether a server refuses it, "" if it is
    """

    mark: str = ""
    let_in: str = ""
    unknown: str = ""


class NotChecked(NamedTuple):
    """A property that was not checked, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Survey:
    """All observations of a server.

    refused: the server's words if it refuses TLS, else ""
    error: the error that ended the survey early; earlier observations are kept
    connections: number of connections
    """

    refused: str = ""
    versions: Tuple[VersionFacts, ...] = ()
    identity: Identity = Identity()
    control: Optional[ControlFacts] = None
    data: Optional[DataFacts] = None
    marked: Optional[MarkedFacts] = None
    not_checked: Tuple[NotChecked, ...] = ()
    error: Optional[SyncError] = None
    connections: int = 0

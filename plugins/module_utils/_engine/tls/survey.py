# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was observed of a server, without a judgement: the profile decides what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional, Tuple

from ..errors import SyncError

__all__ = [
    "NOT_ASKED",
    "OPTIONAL",
    "REQUIRED",
    "ControlFacts",
    "DataFacts",
    "Identity",
    "NotChecked",
    "Survey",
    "VersionFacts",
]

NOT_ASKED, OPTIONAL, REQUIRED = "not_asked", "optional", "required"


class VersionFacts(NamedTuple):
    """One version of TLS that the server speaks. suites, groups: names, in the order in which it chose them; dh_bits:
    of the smallest prime of a finite field, 0 without one; compression: whether it agreed to it;
    secure_renegotiation, extended_master_secret: None with TLS 1.3, which has no need of them."""

    version: str
    suites: Tuple[str, ...]
    groups: Tuple[str, ...] = ()
    dh_bits: int = 0
    compression: bool = False
    secure_renegotiation: Optional[bool] = None
    extended_master_secret: Optional[bool] = None


class Identity(NamedTuple):
    """chains: each certificate that was shown, DER, with those that came along; untrusted: why no chain leads to a
    trusted authority, "" where one does; outdated: what of the chain is not valid now, "" for nothing; None where
    neither could be found out; client_certificate: NOT_ASKED, OPTIONAL, REQUIRED, or None."""

    chains: Tuple[Tuple[bytes, ...], ...] = ()
    untrusted: Optional[str] = None
    outdated: Optional[str] = None
    client_certificate: Optional[str] = None


class ControlFacts(NamedTuple):
    """clear_login: the reply that lets a user name go on without TLS, "" for none; clear_anonymous: whether anybody was
    logged in without TLS; pipelined: whether a command that came in clear behind AUTH TLS was carried out inside TLS,
    None where it was not tried."""

    clear_login: str = ""
    clear_anonymous: bool = False
    pipelined: Optional[bool] = None


class DataFacts(NamedTuple):
    """protected: "" if a listing came over TLS, else why not. resumed: whether its session was the control
    connection's. reuse_demanded: whether a session of its own was refused. same_certificate: None where none was shown.
    clear_first: whether a listing came in clear before PROT was said; prot_c: whether PROT C was accepted; clear: and
    a listing came in clear after it; ccc: whether the control connection could be made clear."""

    protected: str = ""
    resumed: Optional[bool] = None
    reuse_demanded: Optional[bool] = None
    same_certificate: Optional[bool] = None
    clear_first: Optional[bool] = None
    prot_c: Optional[bool] = None
    clear: Optional[bool] = None
    ccc: Optional[bool] = None


class NotChecked(NamedTuple):
    """What was not looked at, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Survey:
    """refused: the server's words where it does no TLS, else "". error: what ended the survey early; what was seen
    before stands. connections: how many were made."""

    refused: str = ""
    versions: Tuple[VersionFacts, ...] = ()
    identity: Identity = Identity()
    control: Optional[ControlFacts] = None
    data: Optional[DataFacts] = None
    not_checked: Tuple[NotChecked, ...] = ()
    error: Optional[SyncError] = None
    connections: int = 0

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control: how one row of the report is judged from the observations of a host."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, NamedTuple, Tuple

from .policy import Policy

__all__ = [
    "CLIENT",
    "FTPS_SERVER",
    "KINDS",
    "SFTP_SERVER",
    "Check",
    "Control",
    "Gap",
    "Judge",
    "NotMeasured",
    "Subject",
]

SFTP_SERVER, FTPS_SERVER, CLIENT = "sftp_server", "ftps_server", "client"
KINDS: Mapping[str, str] = {SFTP_SERVER: "an SFTP server", FTPS_SERVER: "an FTPS server", CLIENT: "a client"}


class NotMeasured(Exception):
    """The observations cannot decide. str() is the reason."""


class Gap(NamedTuple):
    """One difference between an observation and the requirement."""

    observed: str
    wanted: str
    severity: str


class Subject(NamedTuple):
    """One host under a check.

    accounts: names of the accounts of partners, by the controller
    values: name of the observation -> value, each of its form
    now: seconds since 1970, by the controller
    """

    name: str
    accounts: Tuple[str, ...]
    values: Mapping[str, Any]
    policy: Policy
    now: float


Judge = Callable[[Subject], Iterable[Gap]]
"""Yields the gaps; raises NotMeasured."""


class Check(NamedTuple):
    """kind: of the hosts that it applies to. needs: names of the observations without which it cannot decide."""

    kind: str
    needs: Tuple[str, ...]
    judge: Judge


class Control(NamedTuple):
    """One row.

    wanted: the requirement
    beyond: the part of the control that no check measures; "" for none
    cure: an imperative
    """

    number: str
    wanted: str
    severity: str
    cure: str
    checks: Tuple[Check, ...]
    beyond: str = ""

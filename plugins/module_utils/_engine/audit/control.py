# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control: how one row of the report is judged from the observations of a host; and the titles of all controls."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, NamedTuple, Tuple, Union

from .policy import Policy

SFTP_SERVER, FTPS_SERVER, CLIENT, CONTROLLER = "sftp_server", "ftps_server", "client", "controller"
EXCHANGE = "exchange"
KINDS: Mapping[str, str] = {
    SFTP_SERVER: "an SFTP server",
    FTPS_SERVER: "an FTPS server",
    CLIENT: "a client",
    CONTROLLER: "the controller",
    EXCHANGE: "the controller of partners",
}
TITLES: Mapping[str, str] = {
    "1.1": "SFTP is preferred",
    "1.2": "FTPS is explicit where SFTP is not available",
    "1.3": "Plain FTP is impossible",
    "2.1": "Logins use strong keys",
    "2.2": "FTPS logins use client certificates or strong passwords",
    "2.3": "People log in with a second factor",
    "3.1": "Server certificates are verified",
    "3.2": "Host keys are pinned and verified",
    "3.3": "Pins change only with proof",
    "4.1": "Every transfer is proven by SHA-256",
    "4.2": "Sets of files are signed",
    "5.1": "Accounts of jobs and partners have the least privilege",
    "5.2": "Partners are jailed",
    "5.3": "Keys and certificates are rotated on schedule",
    "6.1": "TLS is modern",
    "6.2": "SSH is modern",
    "6.3": "Connections and guesses are limited",
    "6.4": "Logins and transfers are monitored",
    "7.1": "Sensitive files are encrypted at rest",
    "7.2": "Private keys are kept apart",
    "8.1": "Secrets come from a secrets manager",
    "8.2": "Credentials of jobs are short-lived",
    "8.3": "Automation exposes no secrets",
    "9.1": "Restores are drilled",
    "9.2": "Endpoints are scanned and attacked",
    "10.1": "Compromised keys are revoked",
    "10.2": "Policies are documented with evidence",
}


class NotMeasured(Exception):
    """The observations cannot decide. str() is the reason."""


class Gap(NamedTuple):
    """One difference between an observation and the requirement."""

    observed: str
    wanted: str
    severity: str


class Note(NamedTuple):
    """A part of the control that is not measured on this host, and that changes no state."""

    text: str


class Named(NamedTuple):
    """The parts of a host that its controls are about, by the controller.

    accounts: of partners
    people: accounts of people, who need a second factor
    encrypted: directories whose files must be encrypted at rest
    """

    accounts: Tuple[str, ...] = ()
    people: Tuple[str, ...] = ()
    encrypted: Tuple[str, ...] = ()


class Subject(NamedTuple):
    """One host under a check.

    values: name of the observation -> value, each of its form
    now: seconds since 1970, by the controller
    states: control -> state, of the controls before this control
    """

    name: str
    named: Named
    values: Mapping[str, Any]
    policy: Policy
    now: float
    states: Mapping[str, str] = {}


Judge = Callable[[Subject], Iterable[Union[Gap, Note, NotMeasured]]]
"""Yields the gaps. Raises NotMeasured at its end, or yields it and goes on."""


class Check(NamedTuple):
    """One judgement.

    kind: of the hosts that it applies to
    needs: names of the observations without which it cannot decide
    optional: whether it is left out while one of them is missing, unusable or too old
    """

    kind: str
    needs: Tuple[str, ...]
    judge: Judge
    optional: bool = False


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

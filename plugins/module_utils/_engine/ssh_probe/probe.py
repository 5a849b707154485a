# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on an SSH server that it must refuse, from outside.

    a login without credentials, for each account -> methods, algorithms
    keys that must be refused                     -> one login each
    guesses until the server refuses the address  -> number of guesses

- The attacks with a proven server come first. Guesses come last, because the server punishes this address for them.
- A pause separates the logins, so that no earlier attack adds to the penalty.
- An attack that shows nothing is not checked: it never counts as refused.

"""

from __future__ import annotations

import time
from typing import Any, Callable, FrozenSet, Iterator, List, Mapping, NamedTuple, Tuple

from ..errors import SyncError, TrustError
from ..model.endpoint import SshAccount
from ..model.findings import CRITICAL, HIGH, MEDIUM, Finding, sorted_findings
from ..model.human import counted
from ..sshd.profiles import PROFILES
from .answer import Answer, ask, own_key
from .guessing import guess

KEY_ALONE, REVOKED, EXPIRED = "key_alone", "revoked_key", "expired_certificate"
_WORDS = {KEY_ALONE: "the key alone", REVOKED: "the revoked key", EXPIRED: "the expired certificate"}
_NOTHING = ("PreferredAuthentications none",)
_KEY = ("PreferredAuthentications publickey,keyboard-interactive",)
_BEGINS_WITH_A_KEY = "publickey"
_Wait = Callable[[float], None]


class Intruder(NamedTuple):
    """A login that must be refused. kind: KEY_ALONE, REVOKED or EXPIRED."""

    kind: str
    account: SshAccount


class ProbeRequest(NamedTuple):
    """The attacks to make.

    server: with its proofs; its credentials and its user are not used
    accounts: names to begin logins for
    guesses: the most guesses; 0 for none
    mark: a part of the user name of each guess
    pause: seconds between two logins
    """

    server: SshAccount
    accounts: Tuple[str, ...]
    intruders: Tuple[Intruder, ...] = ()
    guesses: int = 0
    mark: str = ""
    pause: float = 0.0


class Report(NamedTuple):
    """The result of a probe. tried: the attacks that were made; not_checked: attack and reason."""

    findings: Tuple[Finding, ...]
    tried: Tuple[str, ...]
    not_checked: Tuple[Tuple[str, str], ...]
    guesses: int = 0


class _Work:
    """The results so far."""

    def __init__(self) -> None:
        self.findings: List[Finding] = []
        self.tried: List[str] = []
        self.not_checked: List[Tuple[str, str]] = []


def probe(
    asked: ProbeRequest, wait: _Wait = time.sleep, log_in: Any = ask, guesses: Any = guess, key_of: Any = own_key
) -> Report:
    """Make all attacks. Raises the errors of the first login. A later error hides no finding."""
    work = _Work()
    for number, name in enumerate(asked.accounts):
        if number:
            wait(asked.pause)
        _begin(asked.server, name, log_in, work, is_first=not number)
    for each in asked.intruders:
        wait(asked.pause)
        _intrude(each, log_in, key_of, work)
    number = _guess(asked, wait, guesses, work) if asked.guesses else 0
    return Report(tuple(sorted_findings(work.findings)), tuple(work.tried), tuple(work.not_checked), number)


def _begin(server: SshAccount, name: str, log_in: Any, work: _Work, *, is_first: bool) -> None:
    """Begin a login without credentials."""
    what = f"login without a key as {name}"
    try:
        answer = log_in(server._replace(endpoint=server.endpoint._replace(username=name)), _NOTHING)
    except SyncError as error:
        if is_first:
            raise
        _fail(what, error, work)
        return
    if is_first:
        work.tried.append("algorithms")
        work.findings += _weak(answer)
        if not answer.offered:
            work.not_checked.append(("algorithms", "ssh shows no list of the server"))
    work.tried.append(what)
    others = [method for method in answer.methods if method != _BEGINS_WITH_A_KEY]
    if answer.lets_in:
        work.findings.append(finding("login_without_key", f"{name} logs in without a credential"))
    elif others:
        work.findings.append(finding("login_without_key", f"{name}: the server offers {', '.join(others)}"))
    elif not answer.methods:
        work.not_checked.append((what, "the server names no methods"))


def _fail(what: str, error: SyncError, work: _Work) -> None:
    """Take the error of a later login. A server that was proven before must prove itself again."""
    work.not_checked.append((what, error.message))
    if isinstance(error, TrustError):
        work.findings.append(finding("server_changed", f"{what}: {error.message}"))


def _weak(answer: Answer) -> Iterator[Finding]:
    for keyword, names in answer.offered.items():
        weak = [name for name in names if name not in _allowed(keyword) and not _is_marker(name)]
        if weak:
            yield finding("weak_algorithm", f"the server offers {keyword}: {', '.join(weak)}")


def _allowed(keyword: str) -> FrozenSet[str]:
    return frozenset(each for profile in PROFILES.values() for each in profile.algorithms[keyword])


def _is_marker(name: str) -> bool:
    """Return whether a name of a list is no algorithm: strict key exchange, extensions."""
    return name.startswith(("kex-strict-", "ext-info-"))


def _intrude(intruder: Intruder, log_in: Any, key_of: Any, work: _Work) -> None:
    what = f"{_WORDS[intruder.kind]} of {intruder.account.endpoint.username}"
    try:
        key = key_of(intruder.account.credentials, ended=intruder.kind == EXPIRED)
        answer = log_in(intruder.account, _KEY)
    except SyncError as error:
        _fail(what, error, work)
        return
    if not answer.lets_in and key not in answer.sent:
        work.not_checked.append((what, "ssh did not send the key: the server does not ask for it"))
        return
    work.tried.append(what)
    if intruder.kind == EXPIRED and answer.taken and key not in answer.taken:
        return  # the server accepts the plain key, which ssh sends too, and not the certificate
    if answer.lets_in:
        work.findings.append(finding(intruder.kind, f"{what} logs in"))
    elif answer.half_way and intruder.kind != KEY_ALONE:
        work.findings.append(finding(intruder.kind, f"{what} is accepted as a first factor"))
    elif intruder.kind == KEY_ALONE and not answer.half_way:
        work.not_checked.append((what, "the server does not accept the key as a first factor"))


def _guess(asked: ProbeRequest, wait: _Wait, guesses: Any, work: _Work) -> int:
    endpoint = asked.server.endpoint
    if endpoint.proxy_jump:
        work.not_checked.append(("guesses", "the server is behind proxy_jump"))
        return 0
    wait(asked.pause)
    try:
        done = guesses(endpoint, asked.mark, asked.guesses, wait)
    except SyncError as error:
        work.not_checked.append(("guesses", error.message))
        return 0
    work.tried.append("guesses")
    if not done.refused:
        work.findings.append(finding("no_penalty", f"{counted(done.number, 'guess', 'guesses')} without a penalty"))
    return int(done.number)


class _Row(NamedTuple):
    severity: str
    wanted: str
    source: str


CATALOGUE: Mapping[str, _Row] = {
    "weak_algorithm": _Row(HIGH, "algorithms of the profiles of sftp_server", "sftp_server_profile"),
    "login_without_key": _Row(HIGH, "every login begins with a key", "sshd_config(5) AuthenticationMethods"),
    "key_alone": _Row(HIGH, "a key logs in with a second factor only", "sshd_config(5) AuthenticationMethods"),
    "revoked_key": _Row(CRITICAL, "a revoked key is refused", "sshd_config(5) RevokedKeys"),
    "expired_certificate": _Row(CRITICAL, "an expired certificate is refused", "ssh-keygen(1) CERTIFICATES"),
    "server_changed": _Row(
        CRITICAL, "each login reaches the same, proven server", "ssh_config(5) StrictHostKeyChecking"
    ),
    "no_penalty": _Row(MEDIUM, "a client that guesses is refused", "sshd_config(5) PerSourcePenalties"),
}


def finding(code: str, observed: str) -> Finding:
    row = CATALOGUE[code]
    return Finding(code, row.severity, observed, row.wanted, row.source)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 2.2: FTPS logins need a client certificate; else passwords are hashed well and changed."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..attack_results import attacked
from ..control import FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import is_within
from ..vsftpd_words import is_on

_DAY = 86400
_STRONG = ("y", "gy", "7", "6", "5")
"""Ids of yescrypt, gost-yescrypt, scrypt, SHA-512 and SHA-256 in crypt(5)."""
_LOCKED = "locked"
_DEMANDS = ("ssl_request_cert", "require_cert", "validate_cert")


def _judge(subject: Subject) -> Iterator[Gap]:
    if all(is_on(subject.values["ftps_settings"], name) for name in _DEMANDS):
        return
    if not subject.named.accounts:
        raise NotMeasured("accounts: no account of a partner is named")
    named = [each for each in subject.values["passwords"] if each["account"] in subject.named.accounts]
    usable = [each for each in named if each["kind"] != _LOCKED]
    yield from _weak(usable)
    for each in usable:
        yield from _old(subject, each["account"], each["changed"])
    unseen = set(subject.named.accounts) - {each["account"] for each in named}
    if unseen:
        raise NotMeasured("passwords: there is no entry of %s" % ", ".join(sorted(unseen)))


def _weak(passwords: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    for each in passwords:
        if each["kind"] not in _STRONG:
            shown = "%s: hash of the kind %s" % (each["account"], each["kind"])
            yield Gap(shown, "yescrypt, scrypt, SHA-512 or SHA-256", "high")


def _old(subject: Subject, account: str, changed: str) -> Iterator[Gap]:
    most = subject.policy.password_max_age
    if not is_within(subject, changed, most):
        shown = "%s: password of %s" % (account, changed[:10])
        yield Gap(shown, "a password of the last %d days" % (most // _DAY), "medium")


CONTROL = Control(
    "2.2",
    "The FTPS server demands client certificates, or the passwords of partners have strong hashes and are young.",
    "medium",
    "Set ftps_server_require_client_cert, or change the passwords with the role password_rotation.",
    (
        Check(FTPS_SERVER, ("ftps_settings", "passwords"), _judge),
        attacked(FTPS_SERVER, "tls", "client_certificate", "any_login"),
    ),
    "A hash does not show the length of a password. Second passwords during a rotation are not measured.",
)

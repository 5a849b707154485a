# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 9.2: attacks on each SFTP server fail, each FTPS server was scanned, and no security update is pending."""

from __future__ import annotations

from typing import Any, Collection, Iterator, Mapping

from ..attack_results import require_chain
from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..sshd_words import never_punished
from ..values import is_within

_DAY = 86400
_SEVERE = ("critical", "high", "medium")
_ALGORITHMS, _GUESSES, _NO_PENALTY = "algorithms", "guesses", "no_penalty"
_BY_SETTINGS = ("tunnel", "agent forwarding, environment")
"""Attempts of jail_probe that need a device on the controller or a shell. Control 5.1 reads the settings of sshd that
forbid them."""


def _attacks(subject: Subject) -> Iterator[Gap]:
    results = subject.values["attacks"]
    for result in results:
        for each in result["findings"]:
            if each["severity"] in _SEVERE:
                yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    tried = {result["account"] for result in results}
    _require_none("no account was tried", () if tried else ("jail_probe has no result",))
    _require_none("not tried", set(subject.named.accounts) - tried)
    _require_none("not checked", {_words(each) for result in results for each in _untried(result)})


def _untried(result: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    return (each for each in result["not_checked"] if each["what"] not in _BY_SETTINGS)


def _words(attempt: Mapping[str, str]) -> str:
    return "%s: %s" % (attempt["what"], attempt["why"])


def _require_none(problem: str, found: Collection[str], what: str = "attacks") -> None:
    if found:
        raise NotMeasured("%s: %s: %s" % (what, problem, "; ".join(sorted(found))))


def _scan(subject: Subject) -> Iterator[Gap]:
    for each in subject.values["tls"]["findings"]:
        if each["severity"] in _SEVERE:
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    require_chain(subject.values["tls"])


def _ssh(subject: Subject) -> Iterator[Gap]:
    found = subject.values["ssh_attacks"]
    exempt = never_punished(subject)
    for each in found["findings"]:
        if each["severity"] in _SEVERE and not (each["id"] == _NO_PENALTY and exempt):
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    wanted = {_ALGORITHMS, _GUESSES, *("login without a key as %s" % name for name in subject.named.accounts)}
    _require_none("not tried", wanted - set(found["tried"]), "ssh_attacks")
    _require_none("not checked", {_words(each) for each in found["not_checked"]}, "ssh_attacks")
    if exempt and any(each["id"] == _NO_PENALTY for each in found["findings"]):
        _require_none("guesses decide nothing, as penalties exempt", exempt, "ssh_attacks")


def _updates(subject: Subject) -> Iterator[Gap]:
    found = subject.values["packages"]
    for each in found["pending"]:
        shown = "%s %s" % (each["package"], each["installed"])
        yield Gap(shown, each["fixed"], "high" if each["security"] else "medium")
    most = subject.policy.package_lists_max_age
    if not is_within(subject, found["lists"], most):
        shown = "the package lists are of %s" % found["lists"]
        yield Gap(shown, "lists of the last %d days" % (most // _DAY), "high")


CONTROL = Control(
    "9.2",
    "Attempts to break out of jails and attacks on SSH servers fail, scans of FTPS servers have no finding of severity "
    "medium or higher, and no update of sshd, vsftpd and OpenSSL is pending.",
    "high",
    "Install the updates. Run the role sftp_server, chroot_jail or ftps_server.",
    (
        Check(SFTP_SERVER, ("attacks",), _attacks),
        Check(SFTP_SERVER, ("ssh_attacks", "sshd_settings"), _ssh),
        Check(FTPS_SERVER, ("tls",), _scan),
        *(Check(kind, ("packages",), _updates) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
    ),
    "Tunnels without a device on the controller, forwarding of agents and environments are not tried: see 5.1. Revoked "
    "keys, expired certificates and keys of people are tried only if audit_refused has them. Updates "
    "are known on Debian and Ubuntu only. With several sources of apt, the lists are as new as the newest of them.",
)

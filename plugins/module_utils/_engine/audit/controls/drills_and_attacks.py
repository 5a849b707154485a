# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls that are proven by trying.

- 9.1: a restore drill has passed recently, and a signed receipt proves it.
- 9.2: attacks on each SFTP server fail, each FTPS server was scanned, and no security update is pending.
- 10.1: sshd refuses revoked keys by a list that is fresh, and a drill shows how soon.
"""

from __future__ import annotations

from typing import Any, Collection, Iterator, List, Mapping

from ..control import CLIENT, CONTROLLER, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..forms import NOT_ASKED, REVOCATION, TRANSFERS
from ..policy import span
from ..values import (
    SEVERE,
    attacked,
    changeable,
    first,
    is_within,
    logins,
    never_punished,
    require_chain,
    require_values,
    severe,
    unseen,
)

_ALGORITHMS, _GUESSES, _NO_PENALTY = "algorithms", "guesses", "no_penalty"
_BY_SETTINGS = ("tunnel", "agent forwarding, environment")
"""Attempts of jail_probe that need a device on the controller or a shell. Control 5.1 reads the settings of sshd that
forbid them."""
_WORDS = {
    "none": "RevokedKeys is not set",
    "missing": "the file does not exist: sshd refuses all keys",
    "damaged": "the file is damaged: sshd refuses all keys",
    "text": "a text file, which has neither version nor date",
}


def _of_drills(subject: Subject) -> List[Mapping[str, Any]]:
    """Return the chains that may have drills. Receipts of transfers have none."""
    return [each for each in subject.values["receipts"] if each["of"] != TRANSFERS]


def _judge_drills(subject: Subject) -> Iterator[Gap]:
    most, given = subject.policy.drill_max_age, _of_drills(subject)
    drilled = [each for each in given if each["of"] != REVOCATION and each["drill"] != NOT_ASKED]
    if not drilled:
        require_values(given, "receipts")
        raise NotMeasured("receipts: no check of receipts has the option drill")
    for each in drilled:
        yield from _of_chain(subject, each, most, "drill")
    require_values(given, "receipts")


def _of_chain(subject: Subject, chain: Mapping[str, Any], most: float, kind: str) -> Iterator[Gap]:
    """Judge one chain and its newest drill: a drill that passed before it proves nothing about the present state. kind:
    of the drills. Raises NotMeasured."""
    name = chain["name"]
    if any(finding["severity"] in SEVERE for finding in chain["findings"]):
        yield Gap(f"{name}: the chain of receipts is broken", "an unbroken chain", "high")
    if chain["failed"]:
        shown = f"{name}: the newest drill, of {chain['failed']}, has not passed"
        yield Gap(shown, "a passed drill after it", "high")
    if not chain["drill"]:
        yield Gap(f"{name}: no {kind} has passed", "a passed drill", "high")
    elif not is_within(subject, chain["drill"], most):
        shown = f"{name}: the newest passed drill is of {chain['drill']}"
        yield Gap(shown, f"a passed drill of the last {span(most)}", "high")


DRILLS = Control(
    "9.1",
    "The newest restore drill has passed, in the time that the policy allows, as its signed receipt proves.",
    "high",
    "Run the role restore_drill.",
    (Check(CONTROLLER, ("receipts",), _judge_drills),),
    "Sets without a drill are not sought.",
)


def _attacks(subject: Subject) -> Iterator[Gap]:
    results = subject.values["attacks"]
    for result in results:
        yield from severe(result["findings"])
    require_values(results, "attacks")
    tried = {result["account"] for result in results}
    _require_none("no account was tried", () if tried else ("jail_probe has no result",))
    _require_none("not tried", set(subject.named.accounts) - tried)
    _require_none("not checked", {_words(each) for result in results for each in _untried(result)})


def _untried(result: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    return (each for each in result["not_checked"] if each["what"] not in _BY_SETTINGS)


def _words(attempt: Mapping[str, str]) -> str:
    return f"{attempt['what']}: {attempt['why']}"


def _require_none(problem: str, found: Collection[str], what: str = "attacks") -> None:
    if found:
        raise NotMeasured(f"{what}: {problem}: {'; '.join(sorted(found))}")


def _scan(subject: Subject) -> Iterator[Gap]:
    yield from severe(subject.values["tls"]["findings"])
    require_chain(subject.values["tls"])


def _ssh(subject: Subject) -> Iterator[Gap]:
    found = subject.values["ssh_attacks"]
    exempt = never_punished(subject)
    yield from severe(each for each in found["findings"] if not (each["id"] == _NO_PENALTY and exempt))
    wanted = {_ALGORITHMS, _GUESSES, *(f"login without a key as {name}" for name in subject.named.accounts)}
    _require_none("not tried", wanted - set(found["tried"]), "ssh_attacks")
    _require_none("not checked", {_words(each) for each in found["not_checked"]}, "ssh_attacks")
    if exempt and any(each["id"] == _NO_PENALTY for each in found["findings"]):
        _require_none("guesses decide nothing, as penalties exempt", exempt, "ssh_attacks")


def _updates(subject: Subject) -> Iterator[Gap]:
    found = subject.values["packages"]
    for each in found["pending"]:
        shown = f"{each['package']} {each['installed']}"
        yield Gap(shown, each["fixed"], "high" if each["security"] else "medium")
    most = subject.policy.package_lists_max_age
    if not is_within(subject, found["lists"], most):
        shown = f"the package lists are of {found['lists']}"
        yield Gap(shown, f"lists of the last {span(most)}", "high")


ATTACKS = Control(
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


def _judge_revocation(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """Judge the list. sshd itself reads a file that any account can change."""
    found = subject.values["revocation_list"]
    if found["path"]:
        yield from changeable(found["parts"], found["path"].replace("%", "%%") + ": %s")
        yield from unseen(found["parts"], "" if found["form"] == "missing" else found["target"])
    if found["form"] in _WORDS:
        shown = f"{found['path']}: {_WORDS[found['form']]}" if found["path"] else _WORDS[found["form"]]
        yield Gap(shown, "a signed list by key_revocation_list", "high")
    elif found["form"] == "krl":
        yield from _age(subject, found["path"], found["version"], found["date"])
    else:
        raise NotMeasured(f"revocation_list: the form {found['form'][:40]} is unknown")


def _accounts(subject: Subject) -> Iterator[Gap]:
    """A Match block can give an account another list."""
    path = subject.values["revocation_list"]["path"] or "none"
    for login in logins(subject):
        other = first(login["settings"], "revokedkeys")
        if other != path:
            yield Gap(f"{login['shown']}: RevokedKeys {other}", f"the list of all accounts: {path}", "high")


def _age(subject: Subject, path: str, version: int, date: str) -> Iterator[Gap]:
    if not is_within(subject, date, subject.policy.revocation_list_max_age):
        shown = f"{path}: version {version} of {date}"
        yield Gap(shown, f"a list of the last {span(subject.policy.revocation_list_max_age)}", "high")


def _drills(subject: Subject) -> Iterator[Gap]:
    """Judge the drills of a revocation. Chains of other drills decide nothing here."""
    of_revocations = [each for each in _of_drills(subject) if each["of"] == REVOCATION]
    asked = [each for each in of_revocations if each["drill"] != NOT_ASKED]
    unreadable: List[NotMeasured] = []
    for each in asked:
        try:
            yield from _drilled(subject, each)
        except NotMeasured as reason:
            unreadable.append(reason)
    if unreadable:
        raise unreadable[0]
    require_values(_of_drills(subject), "receipts")
    if not asked:
        missing = "has the option drill" if of_revocations else "is of records of incident_drill"
        raise NotMeasured(f"receipts: no check of receipts {missing}")


def _drilled(subject: Subject, chain: Mapping[str, Any]) -> Iterator[Gap]:
    """Judge one chain. Raises NotMeasured."""
    name, most = chain["name"], subject.policy.revocation_drill_max_age
    yield from _of_chain(subject, chain, most, "drill of a revocation")
    if not chain["drill"] or not is_within(subject, chain["drill"], most):
        return
    if chain["revoked_in"] < 0:
        yield Gap(f"{name}: the newest passed drill has no time to revoke", "a time", "high")
    elif chain["revoked_in"] > subject.policy.revocation_max_time * 1000:
        shown = f"{name}: every server refused the key after {chain['revoked_in'] / 1000:.1f} s"
        yield Gap(shown, f"at most {subject.policy.revocation_max_time:.0f} s", "high")


REVOKED_KEYS = Control(
    "10.1",
    "sshd reads a list of revoked keys with a version and a recent date, which root alone can change, and drills of a "
    "revocation pass in time.",
    "high",
    "Renew the list with key_revocation_list, and bring it to the host with key_revocation. Run the playbook "
    "incident_drill.",
    (
        Check(SFTP_SERVER, ("revocation_list",), _judge_revocation),
        Check(SFTP_SERVER, ("revocation_list", "sshd_settings"), _accounts),
        Check(CONTROLLER, ("receipts",), _drills),
        attacked(SFTP_SERVER, "ssh_attacks", "revoked_key"),
    ),
    "The signature of the list was checked when it was installed. Servers that a drill leaves out are not sought.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 10.1: sshd refuses revoked keys by a list that is fresh, and a drill shows how soon."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping

from ..attack_results import attacked
from ..control import CONTROLLER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..forms import NOT_ASKED, REVOCATION
from ..sshd_words import first, logins
from ..values import is_within

_HOUR, _DAY = 3600, 86400
_SEVERE = ("critical", "high", "medium")
_WORDS = {
    "none": "RevokedKeys is not set",
    "missing": "the file does not exist: sshd refuses all keys",
    "damaged": "the file is damaged: sshd refuses all keys",
    "text": "a text file, which has neither version nor date",
}


def _judge(subject: Subject) -> Iterator[Gap]:
    found = subject.values["revocation_list"]
    if found["form"] in _WORDS:
        shown = "%s: %s" % (found["path"], _WORDS[found["form"]]) if found["path"] else _WORDS[found["form"]]
        yield Gap(shown, "a signed list by key_revocation_list", "high")
    elif found["form"] == "krl":
        yield from _age(subject, found["path"], found["version"], found["date"])
    else:
        raise NotMeasured("revocation_list: the form %s is unknown" % found["form"][:40])


def _accounts(subject: Subject) -> Iterator[Gap]:
    """A Match block can give an account another list."""
    path = subject.values["revocation_list"]["path"] or "none"
    for login in logins(subject):
        other = first(login["settings"], "revokedkeys")
        if other != path:
            yield Gap("%s: RevokedKeys %s" % (login["shown"], other), "the list of all accounts: %s" % path, "high")


def _age(subject: Subject, path: str, version: int, date: str) -> Iterator[Gap]:
    if not is_within(subject, date, subject.policy.revocation_list_max_age):
        shown = "%s: version %d of %s" % (path, version, date)
        yield Gap(shown, "a list of the last %d hours" % (subject.policy.revocation_list_max_age // _HOUR), "high")


def _drills(subject: Subject) -> Iterator[Gap]:
    """Judge the drills of a revocation. Chains of other drills decide nothing here."""
    of_revocations = [each for each in subject.values["receipts"] if each["of"] == REVOCATION]
    asked = [each for each in of_revocations if each["drill"] != NOT_ASKED]
    unreadable: List[NotMeasured] = []
    for each in asked:
        try:
            yield from _drilled(subject, each)
        except NotMeasured as reason:
            unreadable.append(reason)
    if unreadable:
        raise unreadable[0]
    if not asked:
        missing = "has the option drill" if of_revocations else "is of records of incident_drill"
        raise NotMeasured("receipts: no check of receipts %s" % missing)


def _drilled(subject: Subject, chain: Mapping[str, Any]) -> Iterator[Gap]:
    """Judge one chain. Raises NotMeasured."""
    name, most = chain["name"], subject.policy.revocation_drill_max_age
    if any(finding["severity"] in _SEVERE for finding in chain["findings"]):
        yield Gap("%s: the chain of receipts is broken" % name, "an unbroken chain", "high")
    if chain["failed"]:
        shown = "%s: the newest drill, of %s, has not passed" % (name, chain["failed"])
        yield Gap(shown, "a passed drill after it", "high")
    if not chain["drill"]:
        yield Gap("%s: no drill of a revocation has passed" % name, "a passed drill", "high")
    elif not is_within(subject, chain["drill"], most):
        shown = "%s: the newest passed drill is of %s" % (name, chain["drill"])
        yield Gap(shown, "a passed drill of the last %d days" % (most // _DAY), "high")
    elif chain["revoked_in"] < 0:
        yield Gap("%s: the newest passed drill has no time to revoke" % name, "a time", "high")
    elif chain["revoked_in"] > subject.policy.revocation_max_time * 1000:
        shown = "%s: every server refused the key after %.1f s" % (name, chain["revoked_in"] / 1000)
        yield Gap(shown, "at most %d s" % subject.policy.revocation_max_time, "high")


CONTROL = Control(
    "10.1",
    "sshd reads a list of revoked keys with a version and a recent date, and drills of a revocation pass in time.",
    "high",
    "Renew the list with key_revocation_list, and bring it to the host with key_revocation. Run the playbook "
    "incident_drill.",
    (
        Check(SFTP_SERVER, ("revocation_list",), _judge),
        Check(SFTP_SERVER, ("revocation_list", "sshd_settings"), _accounts),
        Check(CONTROLLER, ("receipts",), _drills),
        attacked(SFTP_SERVER, "ssh_attacks", "revoked_key"),
    ),
    "The signature of the list was checked when it was installed. Servers that a drill leaves out are not sought.",
)

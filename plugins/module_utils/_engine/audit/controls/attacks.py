# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 9.2: attacks on each SFTP server fail, each FTPS server was scanned, and no security update is pending."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import moment

__all__ = ["CONTROL"]

_DAY = 86400
_SEVERE = ("critical", "high", "medium")


def _attacks(subject: Subject) -> Iterator[Gap]:
    if not subject.values["attacks"]:
        raise NotMeasured("attacks: no account was tried")
    for result in subject.values["attacks"]:
        for each in result["findings"]:
            if each["severity"] in _SEVERE:
                yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])


def _scan(subject: Subject) -> Iterator[Gap]:
    for each in subject.values["tls"]["findings"]:
        if each["severity"] in _SEVERE:
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])


def _updates(subject: Subject) -> Iterator[Gap]:
    found = subject.values["packages"]
    for each in found["pending"]:
        shown = "%s %s" % (each["package"], each["installed"])
        yield Gap(shown, each["fixed"], "high" if each["security"] else "medium")
    most = subject.policy.package_lists_max_age
    if subject.now - moment(found["lists"]) > most:
        shown = "the package lists are of %s" % found["lists"]
        yield Gap(shown, "lists of the last %d days" % (most // _DAY), "high")


CONTROL = Control(
    "9.2",
    "Attempts to break out of jails fail, scans of FTPS servers have no finding of severity medium or higher, and no "
    "update of sshd, vsftpd and OpenSSL is pending.",
    "high",
    "Install the updates. Run the role chroot_jail or ftps_server.",
    (
        Check(SFTP_SERVER, ("attacks",), _attacks),
        Check(FTPS_SERVER, ("tls",), _scan),
        *(Check(kind, ("packages",), _updates) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
    ),
    "Attempts that jail_probe could not make are in its result. Updates are known on Debian and Ubuntu only.",
)

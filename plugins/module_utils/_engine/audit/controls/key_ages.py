# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 5.3: private keys and certificates are younger than the policy allows."""

from __future__ import annotations

from functools import partial
from typing import Iterator

from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..private_keys import private_keys
from ..values import CLOCKS_APART, moment

_DAY = 86400


def _keys(kind: str, subject: Subject) -> Iterator[Gap]:
    most = subject.policy.key_max_age
    for each in private_keys(subject, kind):
        if each["kind"] == "directory":
            continue
        age = subject.now - moment(each["changed"])
        if age > most:
            shown = "%s: %s key of %d days" % (each["path"], each["kind"], age // _DAY)
            yield Gap(shown, "at most %d days" % (most // _DAY), "medium")
        elif age < -CLOCKS_APART:
            yield Gap("%s: changed at %s" % (each["path"], each["changed"]), "a time before now", "medium")


def _certificates(subject: Subject) -> Iterator[Gap]:
    least = subject.policy.certificate_min_left
    if not subject.values["tls"]["certificates"]:
        raise NotMeasured("tls: the server showed no certificate")
    for each in subject.values["tls"]["certificates"]:
        left = moment(each["not_after"]) - subject.now
        if left < least:
            shown = "a certificate ends at %s" % each["not_after"]
            yield Gap(shown, "at least %d days left" % (least // _DAY), "high" if left < 0 else "medium")


CONTROL = Control(
    "5.3",
    "Private keys of hosts and jobs are younger than the policy allows. Certificates do not end soon.",
    "medium",
    "Run the role host_key_rotation, client_key_rotation or certificate_rotation.",
    (
        *(Check(kind, ("key_files",), partial(_keys, kind)) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
        Check(FTPS_SERVER, ("tls",), _certificates),
    ),
    "A key is as old as its file. Passwords, open steps of rotations, and keys that ssh finds in the home of a job "
    "without an option, are not measured.",
)

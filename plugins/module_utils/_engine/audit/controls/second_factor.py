# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 2.3: sshd lets people in only with a second factor."""

from __future__ import annotations

from typing import Iterator

from ..attack_results import attacked
from ..control import SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import moment


def _judge(subject: Subject) -> Iterator[Gap]:
    if not subject.named.people:
        raise NotMeasured("people: no account of a person is named")
    found = {each["account"]: each for each in subject.values["second_factors"]}
    for name in filter(found.__contains__, subject.named.people):
        if not found[name]["factors"]:
            yield Gap("%s: no second factor" % name, "fido2 or totp", "high")
        pending = found[name]["pending_until"]
        if pending and moment(pending) > subject.now:
            yield Gap("%s: logs in without a code until %s" % (name, pending), "an enrolled second factor", "medium")
    missing = [name for name in subject.named.people if name not in found]
    if missing:
        raise NotMeasured("second_factors: not observed: %s" % ", ".join(missing))


CONTROL = Control(
    "2.3",
    "Each account of a person needs a second factor in each login over SSH.",
    "high",
    "Run the role mfa.",
    (Check(SFTP_SERVER, ("second_factors",), _judge), attacked(SFTP_SERVER, "ssh_attacks", "key_alone")),
    "Only the named people are judged. Logins at a console and over FTPS are not measured.",
)

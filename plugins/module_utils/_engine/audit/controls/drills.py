# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 9.1: a restore drill has passed recently, and a signed receipt proves it."""

from __future__ import annotations

from typing import Iterator

from ..control import CONTROLLER, Check, Control, Gap, NotMeasured, Subject
from ..forms import NOT_ASKED, REVOCATION
from ..values import is_within

_DAY = 86400
_SEVERE = ("critical", "high", "medium")


def _judge(subject: Subject) -> Iterator[Gap]:
    most = subject.policy.drill_max_age
    given = [each for each in subject.values["receipts"] if each["of"] != REVOCATION]
    drilled = [each for each in given if each["drill"] != NOT_ASKED]
    if not drilled:
        raise NotMeasured("receipts: no check of receipts has the option drill")
    for each in drilled:
        if any(finding["severity"] in _SEVERE for finding in each["findings"]):
            yield Gap("%s: the chain of receipts is broken" % each["name"], "an unbroken chain", "high")
        if not each["drill"]:
            yield Gap("%s: no drill has passed" % each["name"], "a passed drill", "high")
        elif not is_within(subject, each["drill"], most):
            shown = "%s: the newest passed drill is of %s" % (each["name"], each["drill"])
            yield Gap(shown, "a passed drill of the last %d days" % (most // _DAY), "high")


CONTROL = Control(
    "9.1",
    "A restore drill has passed in the time that the policy allows, as its signed receipt proves.",
    "high",
    "Run the role restore_drill.",
    (Check(CONTROLLER, ("receipts",), _judge),),
    "Sets without a drill are not sought.",
)

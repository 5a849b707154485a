# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 6.1: versions, suites, certificates and data connections of TLS, as tls_policy judges them."""

from __future__ import annotations

from typing import Iterator

from ..control import FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject

__all__ = ["CONTROL"]

_SEVERE = ("critical", "high")
_REQUIRED = "chain"
"""The part without which there is no answer; data connections are left out without a password."""


def _judge(subject: Subject) -> Iterator[Gap]:
    for each in subject.values["tls"]["findings"]:
        if each["severity"] in _SEVERE:
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    for each in subject.values["tls"]["not_checked"]:
        if each["what"] == _REQUIRED:
            raise NotMeasured("tls: %s was not checked: %s" % (each["what"], each["why"]))


CONTROL = Control(
    "6.1",
    "tls_policy has no finding of severity high or critical.",
    "high",
    "Run the role ftps_server.",
    (Check(FTPS_SERVER, ("tls",), _judge),),
    "Data connections are tried only if the check has a password.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 6.1: versions, suites, certificates and data connections of TLS, as tls_policy judges them."""

from __future__ import annotations

from typing import Iterator

from ..attack_results import require_chain
from ..control import FTPS_SERVER, Check, Control, Gap, Subject

_SEVERE = ("critical", "high")


def _judge(subject: Subject) -> Iterator[Gap]:
    for each in subject.values["tls"]["findings"]:
        if each["severity"] in _SEVERE:
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    require_chain(subject.values["tls"])


CONTROL = Control(
    "6.1",
    "tls_policy has no finding of severity high or critical.",
    "high",
    "Run the role ftps_server.",
    (Check(FTPS_SERVER, ("tls",), _judge),),
    "Data connections are tried only if the check has a password.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 3.1: the certificate of an FTPS server leads to a trusted authority, and jobs verified it."""

from __future__ import annotations

from typing import Iterator

from ..attack_results import require_chain
from ..control import CLIENT, FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..job_words import FTPS, successes

_ABOUT = (
    *("chain_untrusted", "chain_outdated", "pin", "certificate_unreadable", "host_name"),
    *("certificate_expired", "certificate_not_yet_valid", "certificate_signature", "data_certificate"),
)
"""Findings of tls_policy about the identity of the server."""


def _server(subject: Subject) -> Iterator[Gap]:
    tls = subject.values["tls"]
    for each in tls["findings"]:
        if each["id"] in _ABOUT and each["severity"] != "info":
            yield Gap("%s: %s" % (each["id"], each["observed"]), each["wanted"], each["severity"])
    require_chain(tls)
    if not tls["certificates"]:
        raise NotMeasured("tls: the server showed no certificate")


def _client(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == FTPS and not run["identity"]:
            yield Gap("%s: its newest run names no certificate" % job["job"], "the verified certificate", "high")


CONTROL = Control(
    "3.1",
    "Certificates of FTPS servers are valid for the name of the server, and signed by a trusted authority.",
    "high",
    "Run the role ftps_server or certificate_rotation. Give clients the certificate of the authority in ca_file.",
    (Check(FTPS_SERVER, ("tls",), _server), Check(CLIENT, ("jobs", "job_runs"), _client)),
    "Clients of partners are not measured.",
)

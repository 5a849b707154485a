# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 1.2: FTPS is explicit (AUTH TLS, RFC 4217) at both ends."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, FTPS_SERVER, Check, Control, Gap, Subject
from ..job_words import FTPS, jobs_over, successes
from ..vsftpd_words import is_on

_EXPLICIT = "explicit"


def _server(subject: Subject) -> Iterator[Gap]:
    given = subject.values["ftps_settings"]
    if is_on(given, "implicit_ssl"):
        yield Gap("implicit_ssl is %s" % given["implicit_ssl"], "implicit_ssl=NO", "medium")
    if not is_on(given, "ssl_enable"):
        yield Gap("ssl_enable is %s" % given.get("ssl_enable", "not set"), "ssl_enable=YES", "critical")


def _client(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, FTPS):
        if job["tls_mode"] != _EXPLICIT:
            yield Gap("%s: tls_mode %s" % (job["job"], job["tls_mode"]), "tls_mode explicit", "medium")
    for job, run in successes(subject):
        if job["protocol"] == FTPS and not run["protocol"].startswith("TLS"):
            yield Gap("%s: its newest run used %s" % (job["job"], run["protocol"] or "no protocol"), "TLS", "critical")


CONTROL = Control(
    "1.2",
    "Servers and jobs that use FTPS use explicit TLS (AUTH TLS).",
    "medium",
    "Run the role ftps_server, and set tls_mode of the job to explicit.",
    (Check(FTPS_SERVER, ("ftps_settings",), _server), Check(CLIENT, ("jobs", "job_runs"), _client)),
)

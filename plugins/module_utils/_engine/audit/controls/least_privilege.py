# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 5.1: accounts of partners can do nothing but SFTP, and units of jobs are sandboxed."""

from __future__ import annotations

from typing import Iterator

from ...jobs.names import UNIT
from ..attack_results import attacked
from ..control import CLIENT, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..job_words import jobs
from ..sshd_words import first, partners

_WANTED = {"disableforwarding": ("DisableForwarding", "yes"), "permittty": ("PermitTTY", "no")}

_ATTACKS = (
    *("command", "not_forced", "subsystem", "terminal", "environment", "tunnel", "keys_inside"),
    *("port_forwarding", "socket_forwarding", "remote_forwarding", "agent_forwarding", "display_forwarding"),
    *("download_writes", "upload_reads"),
)
"""Findings of jail_probe about more than SFTP, and about more than the access of the account."""


def _accounts(subject: Subject) -> Iterator[Gap]:
    for partner in partners(subject, "sshd_settings"):
        name, settings = partner["shown"], partner["settings"]
        command = first(settings, "forcecommand")
        if command.split()[:1] != ["internal-sftp"]:
            yield Gap("%s: ForceCommand %s" % (name, command), "ForceCommand internal-sftp", "high")
        for keyword, (shown, wanted) in _WANTED.items():
            if first(settings, keyword) != wanted:
                yield Gap("%s: %s %s" % (name, shown, first(settings, keyword)), "%s %s" % (shown, wanted), "high")


def _units(subject: Subject) -> Iterator[Gap]:
    units = {each["unit"] for each in subject.values["job_units"]}
    missing = [job["job"] for job in jobs(subject) if "%s.service" % UNIT % job["job"] not in units]
    most = subject.policy.exposure_max
    for each in subject.values["job_units"]:
        if each["exposure"] > most:
            yield Gap("%s: exposure %.1f" % (each["unit"], each["exposure"]), "exposure %.1f or less" % most, "medium")
    if missing:
        raise NotMeasured("job_units: there is no unit of %s" % ", ".join(missing))


CONTROL = Control(
    "5.1",
    "Accounts of partners have SFTP alone, without terminal and forwarding. Units of jobs are sandboxed.",
    "high",
    "Run the role chroot_jail for accounts, and the role sync_job for jobs.",
    (
        Check(SFTP_SERVER, ("sshd_settings",), _accounts),
        Check(CLIENT, ("job_units", "jobs"), _units),
        attacked(SFTP_SERVER, "attacks", *_ATTACKS),
    ),
    "Rights of FTPS accounts are not measured.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 3.2: jobs over SFTP have pins of host keys, used them, and no pin has expired."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, CONTROLLER, Check, Control, Gap, NotMeasured, Subject
from ..job_words import SFTP, jobs_over, successes


def _present(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, SFTP):
        if not any(file["exists"] for file in job["pins"]):
            paths = ", ".join(file["path"] for file in job["pins"])
            yield Gap("%s: %s is missing" % (job["job"], paths or "a file"), "a file of pinned host keys", "high")


def _used(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == SFTP and not run["identity"].startswith("SHA256:"):
            yield Gap("%s: its newest run names no host key" % job["job"], "the verified host key", "high")


def _stored(subject: Subject) -> Iterator[Gap]:
    """Judge files of pins on the controller."""
    if not subject.values["pins"]:
        raise NotMeasured("pins: no file is named")
    for file in subject.values["pins"]:
        if all(pin["state"] == "revoked" for pin in file["pins"]):
            raise NotMeasured("pins: %s has no pin" % file["name"])
        for pin in file["pins"]:
            if pin["state"] == "expired":
                yield Gap("%s: the pin of %s has expired" % (file["name"], pin["hosts"]), "a valid pin", "medium")
            if pin["pattern"] and pin["kind"] == "key":
                yield Gap(
                    "%s: a key is pinned for %s" % (file["name"], pin["hosts"]), "a pin for each server", "medium"
                )


CONTROL = Control(
    "3.2",
    "Jobs over SFTP have pinned host keys, and the records of their runs name the verified key. No pin has expired.",
    "high",
    "Pin the host keys with host_key_pin.",
    (
        Check(CLIENT, ("jobs",), _present),
        Check(CLIENT, ("jobs", "job_runs"), _used),
        Check(CONTROLLER, ("pins",), _stored),
    ),
    "A client that trusts keys on its own, besides the jobs, is not measured.",
)

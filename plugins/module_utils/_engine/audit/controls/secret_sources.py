# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 8.1: no secret is written out in job files, stored credentials, playbooks or inventories."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, CONTROLLER, Check, Control, Gap, Subject
from ..secret_scans import require_whole

WRITTEN_OUT = ("literal_secret", "known_value", "secret_by_form", "vault_in_clear", "detected")
"""Findings of secret_scan about a secret that a file holds."""


def _client(subject: Subject) -> Iterator[Gap]:
    found = subject.values["job_secrets"]
    for name in found["in_job_files"]:
        yield Gap("%s is written out" % name, "a secret of sync_job_jobs, from a look-up", "critical")
    for path in found["in_cleartext"]:
        yield Gap("%s is not encrypted" % path, "systemd-creds encrypt", "high")


def _controller(subject: Subject) -> Iterator[Gap]:
    scan = subject.values["secret_scan"]
    for each in scan["findings"]:
        if each["id"] in WRITTEN_OUT:
            yield Gap("%s:%d: %s" % (each["file"], each["line"], each["kind"]), "a look-up", each["severity"])
    require_whole(scan)


CONTROL = Control(
    "8.1",
    "Secrets come from a secrets manager: none is written out in a job file, a playbook or an inventory.",
    "critical",
    "Take the secret from a look-up, and replace it: everybody with access to the file may know it.",
    (Check(CLIENT, ("job_secrets",), _client), Check(CONTROLLER, ("secret_scan",), _controller)),
    "A secret without the form or the name of a secret is found only if secret_scan knows its value.",
)

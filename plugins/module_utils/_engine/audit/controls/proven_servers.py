# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of the identity of servers.

- 3.1: the certificate of an FTPS server leads to a trusted authority, and jobs verified it.
- 3.2: jobs over SFTP have pins of host keys, used them, and no pin has expired.
- 3.3: only root can change pins and signers; host_key_pin changes pins with proof.
"""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, CONTROLLER, FTPS_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import FTPS, SFTP, changeable, jobs, jobs_over, require_chain, successes, unseen, usable

_ABOUT = (
    *("chain_untrusted", "chain_outdated", "pin", "certificate_unreadable", "host_name"),
    *("certificate_expired", "certificate_not_yet_valid", "certificate_signature", "data_certificate"),
)
"""Findings of tls_policy about the identity of the server."""


def _server(subject: Subject) -> Iterator[Gap]:
    tls = subject.values["tls"]
    for each in tls["findings"]:
        if each["id"] in _ABOUT and each["severity"] != "info":
            yield Gap(f"{each['id']}: {each['observed']}", each["wanted"], each["severity"])
    require_chain(tls)
    if not tls["certificates"]:
        raise NotMeasured("tls: the server showed no certificate")


def _client(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == FTPS and not run["identity"]:
            yield Gap(f"{job['job']}: its newest run names no certificate", "the verified certificate", "high")


SERVER_CERTIFICATES = Control(
    "3.1",
    "Certificates of FTPS servers are valid for the name of the server, and signed by a trusted authority.",
    "high",
    "Run the role ftps_server or certificate_rotation. Give clients the certificate of the authority in ca_file.",
    (Check(FTPS_SERVER, ("tls",), _server), Check(CLIENT, ("jobs", "job_runs"), _client)),
    "Clients of partners are not measured.",
)


def _present(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, SFTP):
        if not any(file["exists"] for file in job["pins"]):
            paths = ", ".join(file["path"] for file in job["pins"])
            yield Gap(f"{job['job']}: {paths or 'a file'} is missing", "a file of pinned host keys", "high")


def _used(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == SFTP and not run["identity"].startswith("SHA256:"):
            yield Gap(f"{job['job']}: its newest run names no host key", "the verified host key", "high")


def _stored(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """Judge files of pins on the controller and on job hosts."""
    if not subject.values["pins"]:
        raise NotMeasured("pins: no file is named")
    for file in usable(subject, "pins"):
        if all(pin["state"] == "revoked" for pin in file["pins"]):
            yield NotMeasured(f"pins: {file['name']} has no pin")
        for pin in file["pins"]:
            if pin["state"] == "expired":
                yield Gap(f"{file['name']}: the pin of {pin['hosts']} has expired", "a valid pin", "medium")
            if pin["pattern"] and pin["kind"] == "key":
                yield Gap(f"{file['name']}: a key is pinned for {pin['hosts']}", "a pin for each server", "medium")


HOST_KEY_PINS = Control(
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


def _judge_pin_changes(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """Judge each file that a job trusts. A missing file can be created by the owner of its directory."""
    for job in jobs(subject):
        for file in [*job["pins"], *job["signers"]]:
            yield from changeable(file["parts"], f"{job['job']}: {file['path'].replace('%', '%%')}: %s")
            yield from unseen(file["parts"], file["target"] if file["exists"] else "")
        if not any(file["exists"] for file in job["pins"]):
            yield NotMeasured(f"jobs: {job['job']} has no file with pins or authorities")


PIN_CHANGES = Control(
    "3.3",
    "Root alone can change the pins, authorities and signers that jobs trust, and each directory above them.",
    "high",
    "Name a file of root in known_hosts_file, tls_pins_file, ca_file, allowed_signers_file or revoked_keys_file, and "
    "change pins with host_key_pin.",
    (Check(CLIENT, ("jobs",), _judge_pin_changes),),
    "The history of pins is not recorded: a change by root without proof is not seen.",
)

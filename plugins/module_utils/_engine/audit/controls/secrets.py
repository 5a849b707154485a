# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of secrets at rest and in use.

- 7.1: the directories that must be encrypted at rest are in vaults that are in use.
- 7.2: only root can read private keys and stored credentials.
- 8.1: no secret is written out in job files, stored credentials, playbooks or inventories.
- 8.2: jobs log in with SSH certificates that end soon.
- 8.3: automation shows no secret in output, arguments, environments or logs.
"""

from __future__ import annotations

from functools import partial
from typing import Iterator

from ..control import CLIENT, CONTROLLER, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..values import SEVERE, SFTP, changeable, jobs_over, octal, private_keys, require_whole, unseen

_OTHERS = 0o077
_GROUP_OF_SSHD = "ssh_keys"
"""Older systems of the family Red Hat let this group, which has no member, read host keys."""
WRITTEN_OUT = ("literal_secret", "known_value", "secret_by_form", "vault_in_clear", "detected")
"""Findings of secret_scan about a secret that a file holds."""


def _judge_encrypted_files(subject: Subject) -> Iterator[Gap]:
    if not subject.named.encrypted:
        raise NotMeasured("encrypted: no directory that must be encrypted is named")
    vaults = sorted(subject.values["vaults"], key=lambda each: len(each["mount"]), reverse=True)
    targets = {each["path"]: each["target"] for each in subject.values["directories"]}
    if not all(each["mount"].startswith("/") and each["mount"].strip("/") for each in vaults):
        raise NotMeasured("vaults: a vault has no mount point of its own")
    locked = []
    for name in subject.named.encrypted:
        if name not in targets:
            raise NotMeasured(f"directories: there is no answer about {name}")
        path = targets[name]
        shown = name if name.rstrip("/") == path else f"{name}, which leads to {path},"
        vault = next((each for each in vaults if _is_in(path, each["mount"])), None)
        if vault is None:
            yield Gap(f"{shown} is in no vault", "a vault of the role at_rest", "high")
        elif not vault["open"]:
            locked.append(vault["mount"])
        else:
            for point in vault["unencrypted"]:
                if _is_in(path, point) or _is_in(point, path):
                    yield Gap(f"{name}: another file system is mounted at {point}", "the vault alone", "high")
    if locked:
        # Below a mount point without its mount, or with another, files would be written in cleartext.
        raise NotMeasured(f"vaults: the vault at {locked[0]} is locked")


def _is_in(path: str, directory: str) -> bool:
    return (path.rstrip("/") + "/").startswith(directory.rstrip("/") + "/")


ENCRYPTED_FILES = Control(
    "7.1",
    "Each directory that must be encrypted at rest is in an encrypted vault.",
    "high",
    "Run the role at_rest, and move the files into the vault.",
    tuple(
        Check(kind, ("vaults", "directories"), _judge_encrypted_files) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)
    ),
    "The role at_rest seeks a canary in the store when it unlocks a vault; the audit writes none. Disks that are "
    "encrypted as a whole are not measured.",
)


def _judge_private_keys(kind: str, subject: Subject) -> Iterator[Gap | NotMeasured]:
    for each in private_keys(subject, kind):
        if each["uid"] not in (0, each["reader"]):
            owner = "owned by root" + (", or by the account of the job" if each["reader"] else "")
            yield Gap(f"{each['path']}: owned by the user id {each['uid']}", owner, "critical")
        open_to = octal(each["mode"]) & _OTHERS
        if open_to & ~(0o040 if each["group"] == _GROUP_OF_SSHD else 0):
            shown = f"{each['path']}: mode {each['mode']}, group {each['group']}"
            yield Gap(shown, "no rights for group and others", "high")
        yield from changeable(each["parts"][:-1], each["path"].replace("%", "%%") + ": %s", (0, each["reader"]))
        yield from unseen(each["parts"], each["target"])


PRIVATE_KEYS = Control(
    "7.2",
    "Root owns the private keys of servers and the stored credentials of jobs, no other account can read them, and "
    "root alone can change the directories above them. A file with a private key that a job names, and its "
    "directories, may belong to the account of the job.",
    "high",
    "Set the owner to root and the mode to 0600 (directories: 0700).",
    tuple(
        Check(kind, ("key_files",), partial(_judge_private_keys, kind)) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)
    ),
    "Keys of people, of programs besides sshd, vsftpd and sync_job, and keys that ssh finds in the home of a job "
    "without an option, are not sought.",
)


def _client(subject: Subject) -> Iterator[Gap]:
    found = subject.values["job_secrets"]
    for name in found["in_job_files"]:
        yield Gap(f"{name} is written out", "a secret of sync_job_jobs, from a look-up", "critical")
    for path in found["in_cleartext"]:
        yield Gap(f"{path} is not encrypted", "systemd-creds encrypt", "high")


def _controller(subject: Subject) -> Iterator[Gap]:
    scan = subject.values["secret_scan"]
    for each in scan["findings"]:
        if each["id"] in WRITTEN_OUT:
            yield Gap(f"{each['file']}:{each['line']}: {each['kind']}", "a look-up", each["severity"])
    require_whole(scan)


SECRET_SOURCES = Control(
    "8.1",
    "Secrets come from a secrets manager: none is written out in a job file, a playbook or an inventory.",
    "critical",
    "Take the secret from a look-up, and replace it: everybody with access to the file may know it.",
    (Check(CLIENT, ("job_secrets",), _client), Check(CONTROLLER, ("secret_scan",), _controller)),
    "A secret without the form or the name of a secret is found only if secret_scan knows its value.",
)


def _judge_short_credentials(subject: Subject) -> Iterator[Gap]:
    most = subject.policy.certificate_max_ttl
    found = jobs_over(subject, SFTP)
    if not found:
        raise NotMeasured("jobs: the host has no job over SFTP")
    wanted = f"a certificate of at most {most // 3600:.0f} hours"
    for job in found:
        if job["certificate"] == "none":
            yield Gap(f"{job['job']}: a key without a certificate", wanted, "medium")
        elif job["certificate_seconds"] > most:
            hours = job["certificate_seconds"] // 3600
            yield Gap(f"{job['job']}: a certificate of {hours} hours", wanted, "medium")
    for job in found:
        if job["certificate"] != "none" and job["certificate_seconds"] <= 0:
            raise NotMeasured(f"jobs: the lifetime of the certificate of {job['job']} is not known")


SHORT_CREDENTIALS = Control(
    "8.2",
    "Each job over SFTP logs in with an SSH certificate whose lifetime the policy allows.",
    "medium",
    "Set certificate of the job, with ttl.",
    (Check(CLIENT, ("jobs",), _judge_short_credentials),),
    "Jobs over FTPS, and tokens of the secrets manager, are not measured.",
)


def _judge_exposed_secrets(subject: Subject) -> Iterator[Gap]:
    scan = subject.values["secret_scan"]
    for each in scan["findings"]:
        if each["severity"] in SEVERE:
            shown = f"{each['file']}:{each['line']}: {each['kind']}"
            yield Gap(shown, f"no finding of {each['id']}", each["severity"])
    require_whole(scan)


EXPOSED_SECRETS = Control(
    "8.3",
    "secret_scan has no finding of severity medium or higher, and checked everything that it was given.",
    "high",
    "Read the finding, correct the file, and replace the secret.",
    (Check(CONTROLLER, ("secret_scan",), _judge_exposed_secrets),),
    "Files and logs that secret_scan was not given are not measured.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of accounts and their keys.

- 5.1: accounts of partners can do nothing but SFTP, and units of jobs are sandboxed.
- 5.2: accounts of partners are jailed, and no part of the path to a jail can be changed by others. vsftpd reads the
  file of an account after it has decided about the jail: only the root, and whether it may be writable, can be another
  for an account.
- 5.3: private keys and certificates are younger than the policy allows.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Iterator, Mapping, Sequence

from ...jobs.names import UNIT
from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..policy import span
from ..values import CLOCKS_APART, attacked, changeable, first, is_on, jobs, moment, partners, private_keys, unseen

_WANTED = {"disableforwarding": ("DisableForwarding", "yes"), "permittty": ("PermitTTY", "no")}

_ATTACKS = (
    *("command", "not_forced", "subsystem", "terminal", "environment", "tunnel", "keys_inside"),
    *("port_forwarding", "socket_forwarding", "remote_forwarding", "agent_forwarding", "display_forwarding"),
    *("download_writes", "upload_reads"),
)
"""Findings of jail_probe about more than SFTP, and about more than the access of the account."""
_ATTACKS_jails = (
    "name_outside",
    "other_account",
    "root_writable",
    "outside_writable",
    "links",
    "link_leads_out",
    "link",
)
"""Findings of jail_probe about ways out of the jail."""


def _accounts(subject: Subject) -> Iterator[Gap]:
    for partner in partners(subject, "sshd_settings"):
        name, settings = partner["shown"], partner["settings"]
        command = first(settings, "forcecommand")
        if command.split()[:1] != ["internal-sftp"]:
            yield Gap(f"{name}: ForceCommand {command}", "ForceCommand internal-sftp", "high")
        for keyword, (shown, wanted) in _WANTED.items():
            if first(settings, keyword) != wanted:
                yield Gap(f"{name}: {shown} {first(settings, keyword)}", f"{shown} {wanted}", "high")


def _units(subject: Subject) -> Iterator[Gap]:
    units = {each["unit"] for each in subject.values["job_units"]}
    missing = [job["job"] for job in jobs(subject) if f"{UNIT}.service" % job["job"] not in units]
    most = subject.policy.exposure_max
    for each in subject.values["job_units"]:
        if each["exposure"] > most:
            yield Gap(f"{each['unit']}: exposure {each['exposure']:.1f}", f"exposure {most:.1f} or less", "medium")
    if missing:
        raise NotMeasured(f"job_units: there is no unit of {', '.join(missing)}")


LEAST_PRIVILEGE = Control(
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


def _sshd(subject: Subject) -> Iterator[Gap | NotMeasured]:
    for jail in partners(subject, "jails"):
        if jail["path"] == "none" or not jail["path"].strip("/"):
            yield Gap(f"{jail['account']}: ChrootDirectory {jail['path']}", "a jail", "critical")
            continue
        yield from _way(jail["parts"], jail["path"].rstrip("/"))


def _vsftpd(subject: Subject) -> Iterator[Gap | NotMeasured]:
    settings = subject.values["ftps_settings"]
    if is_on(settings, "guest_enable"):
        raise NotMeasured("ftps_settings: guest_enable is on, so accounts have the home of another")
    excepting = is_on(settings, "chroot_list_enable")
    for account in partners(subject, "ftps_accounts"):
        name = account["account"]
        excepted = excepting and account["listed"]
        if is_on(settings, "chroot_local_user") == excepted:
            shown = f"chroot_local_user is {settings.get('chroot_local_user', 'not set')}"
            if excepted:
                shown += ", and chroot_list_file has the account"
            yield Gap(f"{name}: {shown}", "a jail", "critical")
        if is_on({**settings, **account["settings"]}, "allow_writeable_chroot"):
            yield Gap(f"{name}: allow_writeable_chroot is on", "allow_writeable_chroot=NO", "high")
        if account["target"] == "/":
            yield Gap(f"{name}: its root is {account['root']}", "a jail", "critical")
        else:
            yield from _way(account["parts"], account["target"])
        if "/./" in account["home"] and not is_on(settings, "passwd_chroot_enable"):
            yield NotMeasured(f"ftps_accounts: {name} has the home {account['home']}, without passwd_chroot_enable")


def _way(parts: Sequence[Mapping[str, Any]], target: str) -> Iterator[Gap | NotMeasured]:
    yield from changeable(parts)
    yield from unseen(parts, target)


JAILS = Control(
    "5.2",
    "Each account of a partner has a jail, over SFTP and over FTPS. Root alone owns the jail and each directory above "
    "it, and can write there.",
    "critical",
    "Run the role chroot_jail, and for FTPS the role ftps_server.",
    (
        Check(SFTP_SERVER, ("jails",), _sshd),
        Check(FTPS_SERVER, ("ftps_settings", "ftps_accounts"), _vsftpd),
        attacked(SFTP_SERVER, "attacks", *_ATTACKS_jails),
    ),
    "The audit itself attempts no break-outs: jail_probe and the playbook verify_jails do that over SFTP.",
)


def _keys(kind: str, subject: Subject) -> Iterator[Gap]:
    most = subject.policy.key_max_age
    for each in private_keys(subject, kind):
        if each["kind"] == "directory":
            continue
        age = subject.now - moment(each["changed"])
        if age > most:
            shown = f"{each['path']}: {each['kind']} key of {span(age)}"
            yield Gap(shown, f"at most {span(most)}", "medium")
        elif age < -CLOCKS_APART:
            yield Gap(f"{each['path']}: changed at {each['changed']}", "a time before now", "medium")


def _certificates(subject: Subject) -> Iterator[Gap]:
    least = subject.policy.certificate_min_left
    if not subject.values["tls"]["certificates"]:
        raise NotMeasured("tls: the server showed no certificate")
    for each in subject.values["tls"]["certificates"]:
        left = moment(each["not_after"]) - subject.now
        if left < least:
            shown = f"a certificate ends at {each['not_after']}"
            yield Gap(shown, f"at least {span(least)} left", "high" if left < 0 else "medium")


KEY_AGES = Control(
    "5.3",
    "Private keys of hosts and jobs are younger than the policy allows. Certificates do not end soon.",
    "medium",
    "Run the role host_key_rotation, client_key_rotation or certificate_rotation.",
    (
        *(Check(kind, ("key_files",), partial(_keys, kind)) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
        Check(FTPS_SERVER, ("tls",), _certificates),
    ),
    "A key is as old as its file. Passwords, open steps of rotations, and keys that ssh finds in the home of a job "
    "without an option, are not measured.",
)

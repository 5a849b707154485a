# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 5.2: accounts of partners are jailed, and no part of the path to a jail can be changed by others.

vsftpd reads the file of an account after it has decided about the jail: only the root, and whether it may be writable,
can be another for an account.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..attack_results import attacked
from ..control import FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..sshd_words import partners
from ..vsftpd_words import is_on
from ..ways import changeable, unseen

_ATTACKS = ("name_outside", "other_account", "root_writable", "outside_writable", "links", "link_leads_out", "link")
"""Findings of jail_probe about ways out of the jail."""


def _sshd(subject: Subject) -> Iterator[Gap | NotMeasured]:
    for jail in partners(subject, "jails"):
        if jail["path"] == "none" or not jail["path"].strip("/"):
            yield Gap("%s: ChrootDirectory %s" % (jail["account"], jail["path"]), "a jail", "critical")
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
            shown = "chroot_local_user is %s" % settings.get("chroot_local_user", "not set")
            if excepted:
                shown += ", and chroot_list_file has the account"
            yield Gap("%s: %s" % (name, shown), "a jail", "critical")
        if is_on({**settings, **account["settings"]}, "allow_writeable_chroot"):
            yield Gap("%s: allow_writeable_chroot is on" % name, "allow_writeable_chroot=NO", "high")
        if account["target"] == "/":
            yield Gap("%s: its root is %s" % (name, account["root"]), "a jail", "critical")
        else:
            yield from _way(account["parts"], account["target"])
        if "/./" in account["home"] and not is_on(settings, "passwd_chroot_enable"):
            yield NotMeasured(
                "ftps_accounts: %s has the home %s, without passwd_chroot_enable" % (name, account["home"])
            )


def _way(parts: Sequence[Mapping[str, Any]], target: str) -> Iterator[Gap | NotMeasured]:
    yield from changeable(parts)
    yield from unseen(parts, target)


CONTROL = Control(
    "5.2",
    "Each account of a partner has a jail, over SFTP and over FTPS. Root alone owns the jail and each directory above "
    "it, and can write there.",
    "critical",
    "Run the role chroot_jail, and for FTPS the role ftps_server.",
    (
        Check(SFTP_SERVER, ("jails",), _sshd),
        Check(FTPS_SERVER, ("ftps_settings", "ftps_accounts"), _vsftpd),
        attacked(SFTP_SERVER, "attacks", *_ATTACKS),
    ),
    "The audit itself attempts no break-outs: jail_probe and the playbook verify_jails do that over SFTP.",
)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 5.2: accounts of partners are jailed, and no part of the path to a jail can be changed by others."""

from __future__ import annotations

from typing import Iterator

from ..attack_results import attacked
from ..control import SFTP_SERVER, Check, Control, Gap, Subject
from ..sshd_words import partners
from ..ways import changeable, require_way

__all__ = ["CONTROL"]

_ATTACKS = ("name_outside", "other_account", "root_writable", "outside_writable", "links", "link_leads_out", "link")
"""Findings of jail_probe about ways out of the jail."""


def _judge(subject: Subject) -> Iterator[Gap]:
    for jail in partners(subject, "jails"):
        if jail["path"] == "none" or not jail["path"].strip("/"):
            yield Gap("%s: ChrootDirectory %s" % (jail["account"], jail["path"]), "a jail", "critical")
            continue
        for gap in changeable(jail["parts"]):
            yield Gap(*gap, "high")
        require_way(jail["parts"], jail["path"].rstrip("/"))


CONTROL = Control(
    "5.2",
    "Each account of a partner has a jail. Root alone owns the jail and each directory above it, and can write there.",
    "critical",
    "Run the role chroot_jail.",
    (Check(SFTP_SERVER, ("jails",), _judge), attacked(SFTP_SERVER, "attacks", *_ATTACKS)),
    "The audit itself attempts no break-outs: jail_probe and the playbook verify_jails do that.",
)

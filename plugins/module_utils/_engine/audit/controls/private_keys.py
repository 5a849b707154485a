# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 7.2: only root can read private keys and stored credentials."""

from __future__ import annotations

from functools import partial
from typing import Iterator

from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject
from ..private_keys import private_keys
from ..values import octal
from ..ways import changeable, unseen

_OTHERS = 0o077
_GROUP_OF_SSHD = "ssh_keys"
"""Older systems of the family Red Hat let this group, which has no member, read host keys."""


def _judge(kind: str, subject: Subject) -> Iterator[Gap | NotMeasured]:
    for each in private_keys(subject, kind):
        if each["uid"] not in (0, each["reader"]):
            owner = "owned by root" + (", or by the account of the job" if each["reader"] else "")
            yield Gap("%s: owned by the user id %d" % (each["path"], each["uid"]), owner, "critical")
        open_to = octal(each["mode"]) & _OTHERS
        if open_to & ~(0o040 if each["group"] == _GROUP_OF_SSHD else 0):
            shown = "%s: mode %s, group %s" % (each["path"], each["mode"], each["group"])
            yield Gap(shown, "no rights for group and others", "high")
        yield from changeable(each["parts"][:-1], each["path"].replace("%", "%%") + ": %s", (0, each["reader"]))
        yield from unseen(each["parts"], each["target"])


CONTROL = Control(
    "7.2",
    "Root owns the private keys of servers and the stored credentials of jobs, no other account can read them, and "
    "root alone can change the directories above them. A file with a private key that a job names, and its "
    "directories, may belong to the account of the job.",
    "high",
    "Set the owner to root and the mode to 0600 (directories: 0700).",
    tuple(Check(kind, ("key_files",), partial(_judge, kind)) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
    "Keys of people, of programs besides sshd, vsftpd and sync_job, and keys that ssh finds in the home of a job "
    "without an option, are not sought.",
)

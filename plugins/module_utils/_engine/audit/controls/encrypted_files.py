# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 7.1: the directories that must be encrypted at rest are in vaults that are in use."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, NotMeasured, Subject


def _judge(subject: Subject) -> Iterator[Gap]:
    if not subject.named.encrypted:
        raise NotMeasured("encrypted: no directory that must be encrypted is named")
    vaults = sorted(subject.values["vaults"], key=lambda each: len(each["mount"]), reverse=True)
    targets = {each["path"]: each["target"] for each in subject.values["directories"]}
    if not all(each["mount"].startswith("/") and each["mount"].strip("/") for each in vaults):
        raise NotMeasured("vaults: a vault has no mount point of its own")
    locked = []
    for name in subject.named.encrypted:
        if name not in targets:
            raise NotMeasured("directories: there is no answer about %s" % name)
        path = targets[name]
        shown = name if name.rstrip("/") == path else "%s, which leads to %s," % (name, path)
        vault = next((each for each in vaults if _is_in(path, each["mount"])), None)
        if vault is None:
            yield Gap("%s is in no vault" % shown, "a vault of the role at_rest", "high")
        elif not vault["open"]:
            locked.append(vault["mount"])
        else:
            for point in vault["unencrypted"]:
                if _is_in(path, point) or _is_in(point, path):
                    yield Gap("%s: another file system is mounted at %s" % (name, point), "the vault alone", "high")
    if locked:
        # Below a mount point without its mount, or with another, files would be written in cleartext.
        raise NotMeasured("vaults: the vault at %s is locked" % locked[0])


def _is_in(path: str, directory: str) -> bool:
    return (path.rstrip("/") + "/").startswith(directory.rstrip("/") + "/")


CONTROL = Control(
    "7.1",
    "Each directory that must be encrypted at rest is in an encrypted vault.",
    "high",
    "Run the role at_rest, and move the files into the vault.",
    tuple(Check(kind, ("vaults", "directories"), _judge) for kind in (SFTP_SERVER, FTPS_SERVER, CLIENT)),
    "The role at_rest seeks a canary in the store when it unlocks a vault; the audit writes none. Disks that are "
    "encrypted as a whole are not measured.",
)

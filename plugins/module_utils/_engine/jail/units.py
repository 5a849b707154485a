# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of systemd mount units for jails, see systemd.mount(5). Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from .request import DEV, LOG_SOCKET

BASE_OPTIONS = ("nosuid", "nodev", "noexec")
SYSTEM_LOG = "/run/systemd/journal/dev-log"
_UNSAFE = re.compile(r"[^A-Za-z0-9:_.]")
_TEXT = """# Managed by Ansible (secure.ftp_synchronize.jail_mount): changes are overwritten.
[Unit]
Description=%s
%s
[Mount]
What=%s
Where=%s
Type=none
Options=%s

[Install]
WantedBy=%s
"""
_EARLY = "local-fs.target"
_IN_A_VAULT = """DefaultDependencies=no
Conflicts=umount.target
Before=umount.target
BindsTo=%s
After=%s
"""


class Place(NamedTuple):
    """Source and target of a mount."""

    source: str
    point: str


class Unit(NamedTuple):
    """name: of the unit and its file; source is mounted on point. wanted_by: the unit that starts it"""

    name: str
    source: str
    point: str
    text: str
    wanted_by: str


def base_unit(base: str, vault: str = "") -> Unit:
    """Return the directory of all jails on itself: in it no program starts, no set-user-ID bit and no device counts."""
    # private: otherwise mounts in it appear a second time, in the directory below it.
    return _unit("Jails without programs, set-user-ID and devices", "", "bind,private", Place(base, base), vault)


def log_unit(base: str, jail: str, vault: str = "") -> Unit:
    """Return the system's log in one jail, so that internal-sftp can write to it from there.

    vault: the unit of the vault that holds the jail
    """
    order = "After=systemd-journald-dev-log.socket\nRequires=systemd-journald-dev-log.socket\n"
    place = Place(SYSTEM_LOG, "%s/%s/%s/%s" % (base, jail, DEV, LOG_SOCKET))
    return _unit("Log of the jail %s" % jail, order, "bind", place, vault)


def unit_name(path: str) -> str:
    """Return the name that systemd demands of the unit for a mount point (systemd.unit(5), string escaping)."""
    return "-".join(_escaped(part) for part in path.strip("/").split("/")) + ".mount"


def _escaped(part: str) -> str:
    text = _UNSAFE.sub(lambda match: "".join("\\x%02x" % byte for byte in match.group().encode()), part)
    return "\\x2e" + text[1:] if text.startswith(".") else text


def _unit(description: str, order: str, kind: str, place: Place, vault: str) -> Unit:
    options = ",".join((kind, *BASE_OPTIONS))
    order += _IN_A_VAULT % (vault, vault) if vault else ""
    wanted_by = vault or _EARLY
    text = _TEXT % (description, order, place.source, place.point, options, wanted_by)
    return Unit(unit_name(place.point), place.source, place.point, text, wanted_by)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run for mounts: write, enable and start units; judged by the real mounts, not by systemd's view.

The texts of the units follow systemd.mount(5).
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import List, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, Refused
from ..system.changes import ChangeReport, Changes
from ..system.entries import MISSING, Attributes, keep_file, read_file
from ..system.mount_table import is_in_fstab, mounted_on
from ..system.program import run_program
from ..system.root_owned_path import Walker, closing, parts_of
from ..system.vault_units import require_unlocked, vault_of
from .request import ABSENT, DEV, LOG_SOCKET, check_account_name

_UNITS = "/etc/systemd/system"
_UNIT_FILE = Attributes(0, 0, 0o644)
BASE_OPTIONS = ("nosuid", "nodev", "noexec")
SYSTEM_LOG = "/run/systemd/journal/dev-log"
_UNSAFE = re.compile(r"[^A-Za-z0-9:_.]")
_TEXT = """# Managed by Ansible (secure.ftp_synchronize.jail): changes are overwritten.
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


class MountRequest(NamedTuple):
    """The request for mounts.

    base: the directory of all jails
    jails: names of those whose log is mounted or, with state ABSENT, is not
    """

    base: str
    jails: Tuple[str, ...]
    state: str
    check_mode: bool = False


def keep_mounts(request: MountRequest) -> ChangeReport:
    """Run the module. Raises InvalidRequest, UnsafePath, and OperationFailed if systemd refuses."""
    for name in request.jails:
        check_account_name(name)
    if not parts_of(request.base):
        raise InvalidRequest("path: / must not be the directory of jails")
    require_unlocked(request.base)
    found = vault_of(request.base)
    vault = found.name if found else ""
    changes = Changes(check_mode=request.check_mode)
    logs = [log_unit(request.base, name, vault) for name in request.jails]
    if request.state == ABSENT:
        _remove(logs, changes)
    else:
        base = base_unit(request.base, vault)
        units = [*([] if _is_foreign(base) else [base]), *logs]
        _keep_units(units, changes)
        _mount_base(base, changes)
        for log in logs:
            _mount_log(log, changes)
    return changes.report()


def _is_foreign(base: Unit) -> bool:
    """Return whether the base is a file system that the administrator mounts. Our unit would hide its data.

    Raises Refused if it is mounted without the safe options.
    """
    if os.path.lexists(f"{_UNITS}/{base.name}"):
        return False
    found = mounted_on(base.point)
    if found is not None and not found.options.issuperset(BASE_OPTIONS):
        raise Refused(
            f"{base.point} is mounted without {','.join(sorted(set(BASE_OPTIONS) - found.options))}",
            cure="Add the options to its line in /etc/fstab, and remount it.",
        )
    return found is not None or is_in_fstab(base.point)


def _keep_units(units: List[Unit], changes: Changes) -> None:
    with closing(Walker().open(_UNITS)) as directory:
        for unit in units:
            shown = f"{_UNITS}/{unit.name}"
            keep_file(unit.name, unit.text.encode(), _UNIT_FILE, changes, parent=directory, shown=shown)
    if changes.report().changes and not changes.check_mode:
        _systemctl("daemon-reload")
    _enable([unit for unit in units if not os.path.lexists(_wanted(unit))], changes)


def _wanted(unit: Unit) -> str:
    """Return the link by which another unit starts this unit."""
    return f"{_UNITS}/{unit.wanted_by}.wants/{unit.name}"


def _enable(units: List[Unit], changes: Changes) -> None:
    do = [changes.record(f"start of {unit.name} with the system", "off", "on") for unit in units]
    if any(do):
        _systemctl("enable", *(unit.name for unit in units))


def _mount_base(unit: Unit, changes: Changes) -> None:
    """Remount a mount whose options were changed: a restart would remove the logs below it."""
    found = mounted_on(unit.point)
    wanted = ",".join(BASE_OPTIONS)
    if found is None:
        if changes.record(unit.point, "not mounted", wanted):
            _systemctl("start", unit.name)
    elif not found.options.issuperset(BASE_OPTIONS):
        before = ",".join(sorted(found.options.intersection(BASE_OPTIONS))) or "none of " + wanted
        if changes.record(unit.point, before, wanted):
            run_program("mount", "--options", "remount,bind," + wanted, unit.point)


def _mount_log(unit: Unit, changes: Changes) -> None:
    """Mount the system's socket in the jail, not an older socket."""
    if _identity(unit.point) != _identity(unit.source) and changes.record(unit.point, "no log", "the system's log"):
        _systemctl("restart", unit.name)


def _remove(units: List[Unit], changes: Changes) -> None:
    there = [unit for unit in units if os.path.lexists(f"{_UNITS}/{unit.name}")]
    mounted = [unit for unit in units if unit not in there and mounted_on(unit.point)]
    for unit in there:
        _remove_unit(unit, changes)
    for unit in mounted:
        if changes.record(unit.point, "mounted", "not mounted"):
            run_program("umount", unit.point)
    if there and not changes.check_mode:
        _systemctl("daemon-reload")


def _remove_unit(unit: Unit, changes: Changes) -> None:
    with closing(Walker().open(_UNITS)) as directory:
        content = read_file(unit.name, parent=directory, shown=f"{_UNITS}/{unit.name}") or b""
        if changes.record(f"{_UNITS}/{unit.name}", content.decode("utf-8", "replace"), MISSING):
            _systemctl("disable", "--now", unit.name)
            with suppress(FileNotFoundError):
                os.unlink(unit.name, dir_fd=directory)


def _identity(path: str) -> Optional[Tuple[int, int]]:
    with suppress(OSError):
        info = os.lstat(path)
        return (info.st_dev, info.st_ino)
    return None


def _systemctl(*words: str) -> None:
    """Run systemctl. Raises OperationFailed with its output."""
    run_program("systemctl", "--no-ask-password", *words)


class Place(NamedTuple):
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
    place = Place(SYSTEM_LOG, f"{base}/{jail}/{DEV}/{LOG_SOCKET}")
    return _unit(f"Log of the jail {jail}", order, "bind", place, vault)


def unit_name(path: str) -> str:
    """Return the name that systemd demands of the unit for a mount point (systemd.unit(5), string escaping)."""
    return "-".join(_escaped(part) for part in path.strip("/").split("/")) + ".mount"


def _escaped(part: str) -> str:
    text = _UNSAFE.sub(lambda match: "".join(f"\\x{byte:02x}" for byte in match.group().encode()), part)
    return "\\x2e" + text[1:] if text.startswith(".") else text


def _unit(description: str, order: str, kind: str, place: Place, vault: str) -> Unit:
    options = ",".join((kind, *BASE_OPTIONS))
    order += _IN_A_VAULT % (vault, vault) if vault else ""
    wanted_by = vault or _EARLY
    text = _TEXT % (description, order, place.source, place.point, options, wanted_by)
    return Unit(unit_name(place.point), place.source, place.point, text, wanted_by)

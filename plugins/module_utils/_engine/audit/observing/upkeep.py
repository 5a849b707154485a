# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upkeep of a host: monitoring, updates, retained data, encrypted directories.

- monitoring: the collector of the role transfer_monitoring, its sources, its timer, and its last run
- marks: events of marked logins of ssh_probe and tls_policy, and of marked files of jail_probe, whose names imitate
  a login from a forged address
- packages: updates of the programs of both ends that are not installed, by apt, and the age of its package lists
- retention: the age of the oldest data: events, the log of vsftpd, and archives of jails
- vaults: the directories of the role at_rest, and whether each is unlocked
"""

from __future__ import annotations

import glob
import os
import re
import stat
import time
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ...events.event import Event
from ...events.event_log import EventLog, Period
from ...events.settings import parse_settings
from ...events.state import StateUnusable, load_state
from ...model.marked_login import FORGED_ADDRESS
from ...model.utc import utc
from ...system.mount_table import mounts_below
from ...system.program import ask_program
from ...system.vault_units import UNITS, all_vaults
from .observed import Unobservable

SETTINGS = "/etc/secure_ftp_synchronize/events.json"
_TIMER, _SERVICE = "secure-ftp-events.timer", "secure-ftp-events.service"
_PERIOD = 86400.0
_PATIENCE, _PAUSE = 150.0, 3.0
"""Seconds. The collector runs each minute."""
_MOST = 20
_PERIODIC = "/var/lib/apt/periodic"
_STAMPS = (f"{_PERIODIC}/update-success-stamp", f"{_PERIODIC}/update-stamp", "/var/lib/apt/lists")
"""Paths that change when lists were updated. A failed update changes lists/partial, and each list has the time of its
server."""
_COMMAND = ("apt-get", "--simulate", "--quiet", "--ignore-hold", "-o", "Debug::NoLocking=1", "dist-upgrade")
_UPDATE = re.compile(r"^Inst (\S+) \[([^\]\n]+)\] \((\S+) ([^)\n]*)\)", re.M)
_OURS = re.compile(r"(?:openssh-\S+|ssh|vsftpd|openssl|libssl\S+)\Z")
_VSFTPD = "log of vsftpd"
PLACES: Mapping[str, str] = {
    "events": "/var/log/secure_ftp_synchronize/events.jsonl*",
    _VSFTPD: "/var/log/vsftpd.log*",
    "archives of jails": "/var/backups/chroot_jail/*",
}
"""Kind of data -> pattern of its files. The settings of vsftpd may name another log."""
_GOCRYPTFS = "fuse.gocryptfs"


def monitoring(path: str = SETTINGS) -> Dict[str, Any]:
    """Return the state of the collector. Raises InvalidRequest and Unobservable."""
    try:
        with open(path, "rb") as file:
            settings = parse_settings(file.read())
    except FileNotFoundError:
        found = {"installed": False, "timer": False, "failed": False, "last_run": "", "sshd": False}
        return {**found, "ftp_logs": [], "files": ""}
    return {
        "installed": True,
        "timer": ask_program("systemctl", "is-active", "--quiet", _TIMER).status == 0,
        "failed": ask_program("systemctl", "show", "--property=Result", "--value", _SERVICE).out.strip() != "success",
        "last_run": _completed(settings.state),
        "sshd": settings.journal,
        "ftp_logs": [*settings.vsftpd, *settings.xferlog],
        "files": settings.files,
    }


def _completed(path: str) -> str:
    """Return when the collector had read all logs. A run that failed saves the part of the logs that it read."""
    directory = None
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        state = load_state(directory)
    except OSError as error:
        raise Unobservable(f"{path}: {error.strerror}") from None
    except StateUnusable as error:
        raise Unobservable(error.message) from None
    finally:
        if directory is not None:
            os.close(directory)
    completed = state.values.get("completed") if state else None
    if not isinstance(completed, float) or not completed:
        raise Unobservable(f"the collector has not completed a run yet, by its state in {path}")
    return utc(completed)


def marks(names: Sequence[str], path: str = SETTINGS, patience: float = _PATIENCE) -> List[Dict[str, Any]]:
    """Return the events of each mark; wait for them. Raises InvalidRequest and Unobservable."""
    if not names:
        return []
    try:
        with open(path, "rb") as file:
            output = parse_settings(file.read()).output
    except FileNotFoundError:
        raise Unobservable(f"events are not collected: {path} is missing") from None
    deadline = time.monotonic() + patience
    while True:
        found = [_events(output, name) for name in names]
        if all(each["events"] for each in found) or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE)


def _events(path: str, mark: str) -> Dict[str, Any]:
    seen, forged = _read(path, mark)
    return {"mark": mark, "events": seen[:_MOST], "forged": forged[:_MOST]}


def _read(path: str, mark: str) -> Tuple[List[Dict[str, str]], List[Dict[str, str]]]:
    """Return the events whose account or file has the mark, and those that seem to come from the forged address."""
    seen, forged = [], []
    now = time.time()
    for event in EventLog(os.fsencode(path)).events(Period(now - _PERIOD, now + _PERIOD)):
        if event.address == FORGED_ADDRESS:
            forged.append(_shown(event))
        elif mark in event.account or mark in event.reason or mark.encode("ascii") in event.path:
            seen.append(_shown(event))
    return seen, forged


def _shown(event: Event) -> Dict[str, str]:
    return {"action": event.action, "account": event.account, "address": event.address}


def packages() -> Dict[str, Any]:
    """Return the updates of sshd, vsftpd and OpenSSL that are not installed. Raises Unobservable."""
    try:
        completed = ask_program(*_COMMAND)
    except FileNotFoundError:
        raise Unobservable("apt-get is missing: pending updates are only known on Debian and Ubuntu") from None
    if completed.status:
        raise Unobservable(f"apt-get reports: {' '.join((completed.err or completed.out).split())[:300]}")
    return {"lists": utc(_listed()), "pending": list(parse_updates(completed.out))}


def _listed() -> float:
    """Return the time of the last update of the package lists."""
    times = [os.stat(path).st_mtime for path in _STAMPS if os.path.exists(path)]
    if not times:
        raise Unobservable("the host has no package lists")
    return max(times)


def parse_updates(text: str) -> Iterator[Dict[str, Any]]:
    """Yield the updates in the output of `apt-get --simulate dist-upgrade`."""
    for name, installed, fixed, origin in _UPDATE.findall(text):
        if _OURS.match(name):
            security = "security" in origin.lower()
            yield {"package": name, "installed": installed, "fixed": fixed, "security": security}


def retention(ftps: Optional[Mapping[str, str]], places: Mapping[str, str]) -> List[Dict[str, Any]]:
    """Return the file of each kind that was written the longest ago; nothing for a kind without files.

    ftps: the settings of vsftpd
    places: PLACES
    """
    log = (ftps or {}).get("vsftpd_log_file")
    places = {**places, _VSFTPD: glob.escape(log) + "*"} if log else places
    return [
        {"what": what, "path": path, "written": utc(written)}
        for what, pattern in places.items()
        for written, path in sorted(_files(pattern))[:1]
    ]


def _files(pattern: str) -> Iterator[Tuple[float, str]]:
    for path in glob.iglob(pattern):
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise Unobservable(
                f"{path} is not a regular file: move it away, or name the file to which the server writes"
            )
        yield status.st_mtime, path


def vaults(units: str = UNITS) -> List[Dict[str, Any]]:
    """Return unit and mount point of each vault, and the mounts below it that are not encrypted."""
    return [_vault(each.name, os.path.realpath(each.mount)) for each in all_vaults(units)]


def _vault(unit: str, mount: str) -> Dict[str, Any]:
    """Describe a vault. mount: without symbolic links, as the table of mounts has it."""
    return {
        "unit": unit,
        "mount": mount,
        "open": _is_encrypted(mount),
        "unencrypted": [point for point in mounts_below(mount) if not _is_encrypted(point)],
    }


def _is_encrypted(mount: str) -> bool:
    """Return whether the mount is of gocryptfs, or a directory that fscrypt encrypts."""
    if not os.path.ismount(mount):
        return False
    # Of two mounts on one point, the last is on top.
    completed = ask_program("findmnt", "--noheadings", "--list", "--output", "FSTYPE", "--mountpoint", mount)
    return completed.out.split()[-1:] == [_GOCRYPTFS] or _has_attribute(mount)


def _has_attribute(directory: str) -> bool:
    """Return whether lsattr(1) shows the attribute E, of fscrypt."""
    return "E" in ask_program("lsattr", "-d", directory).out.partition(" ")[0]

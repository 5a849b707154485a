# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback of a change: a copy of the configuration before it, and a timer of the host that restores the copy.

The timer runs `restoring`, also when the controller has died; a unit runs it at a boot before sshd starts. Both run it
again until it succeeds.
Configuration, moduli and host keys are restored. To the revoked keys, and to the authorized keys of the account that
makes the change, lines that are gone are added, and none is removed: a key that was revoked meanwhile stays revoked.

A login that is newer than the change confirms it, and stops the timer. Confirmation is refused, and the copy restored,
if the files were changed meanwhile or the owner of this login could not log in again.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import inspect
import json
import os
import pwd
import secrets
import shutil
import stat
import sys
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..errors import NotConfirmed
from ..system.lock_file import opened_lock_file
from ..system.program import ask_program, run_program
from ..system.root_owned_path import closing
from ..system.run_lock import wait_for_lock
from . import daemon, restoring, session
from .daemon import CONFIG, SOCKET, Effective
from .keys import MODULI
from .restoring import Folder, Saved
from .stage import DROP_INS, configuration_files
from .views import expanded
from .wanted import owner_refused

_HOME = "/var/lib/secure_ftp_synchronize"
GUARD = _HOME + "/sshd_guard"
_RESTORED = _HOME + "/sshd_restored"
_SCRIPT = _HOME + "/restore_sshd"
_UNIT = "secure_ftp_synchronize-restore"
_BOOT_UNIT = f"/etc/systemd/system/{_UNIT}-boot.service"
_BOOT_WANTS = f"/etc/systemd/system/sysinit.target.wants/{_UNIT}-boot.service"
_RESTORED_WHOLE = (CONFIG, DROP_INS, MODULI, "/etc/ssh/ssh_host_*")
_PATIENCE = 60
"""Seconds for a run that holds the lock. After them, the files are restored without it, and no change is confirmed."""
_AGAIN = ("Restart=on-failure", "RestartSec=30s")
"""For a rollback that fails, as on a full disk: sshd has the files by then that could be restored."""
_MOST_LINKS = 40
_NO_GROUP = 65534

_BOOT_TEXT = """[Unit]
Description=Restore the sshd configuration after an unconfirmed change
DefaultDependencies=no
RequiresMountsFor=/var/lib /etc %s
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=%s
%s
"""


def arm(seconds: int, unit: str, changed: Iterable[str], growing: Sequence[str]) -> None:
    """Copy the files for a rollback and start the timer.

    unit: the systemd unit with which sshd listens
    changed: the files of the change
    growing: files that lose no line
    """
    shutil.rmtree(GUARD, ignore_errors=True)
    os.makedirs(GUARD, mode=0o700)
    # Before the directory is opened: a lock file of an earlier version could be read by every account, and so locked.
    os.close(opened_lock_file(GUARD + ".lock"))
    # Accounts of sync jobs have their homes below it. An earlier version closed it to them.
    os.chmod(_HOME, 0o755)  # noqa: S103 - all that is closed has a mode of its own
    _write(_SCRIPT, inspect.getsource(restoring))
    _keep([path for path in changed if path not in growing], growing, unit)
    _keep_rules()
    run_program(*_program(), "try")
    _write(_BOOT_UNIT, _BOOT_TEXT % (sys.executable, " ".join(_program()), "\n".join(_AGAIN)))
    os.makedirs(os.path.dirname(_BOOT_WANTS), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(_BOOT_UNIT, _BOOT_WANTS)
    _write(_in_guard(restoring.ARMED), "")
    os.sync()
    # A name of its own: for a while systemd may still know the timer of an earlier change, though it was stopped.
    own = f"{_UNIT}-{secrets.token_hex(4)}"
    timer = [f"--on-active={seconds}s", "--timer-property=AccuracySec=1s", "--unit=" + own, "--collect"]
    run_program("systemd-run", "--quiet", *timer, *("--property=" + each for each in _AGAIN), *_program())


def note(facts: Mapping[str, Any]) -> None:
    """Record the facts that the confirmation needs."""
    _write(_in_guard("facts"), json.dumps(facts))


def pending() -> Optional[Dict[str, Any]]:
    """Return the recorded facts of the pending change; None if there is none."""
    if not os.path.exists(_in_guard(restoring.ARMED)):
        return None
    try:
        with open(_in_guard("facts")) as stream:
            facts: Dict[str, Any] = json.load(stream)
        return facts
    except (OSError, ValueError):
        return {}


def disarm() -> bool:
    """Confirm: the timer goes. Whether it was in time."""
    with _lock():
        if not os.path.exists(_in_guard(restoring.ARMED)):
            return False
        os.unlink(_in_guard(restoring.ARMED))
    _forget()
    shutil.rmtree(GUARD, ignore_errors=True)
    shutil.rmtree(_RESTORED, ignore_errors=True)
    return True


def restore() -> None:
    """Restore the previous files now. After an error, the timer does it."""
    run_program(*_program())
    _forget()


def restored() -> bool:
    """Return whether the last change was undone."""
    return os.path.exists(_RESTORED)


def state_of(files: Sequence[str]) -> str:
    """Return a digest of the files' contents: it changes with any file."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as stream:
            digest.update(b"%s\0%s\0" % (path.encode(), hashlib.sha256(stream.read()).digest()))
    return digest.hexdigest()


def key_files(user: str, found: Effective) -> List[str]:
    """Return the files whose lines a rollback adds again: the authorized keys of a user, and the revoked keys of
    everybody."""
    entry = pwd.getpwnam(user)
    words = " ".join(found.get("authorizedkeysfile", ())).split()
    places = [*expanded(words, entry), *found.get("revokedkeys", ())]
    return [path for path in (_without_links(place, entry.pw_uid) for place in places) if os.path.isfile(path)]


def _without_links(path: str, user: int) -> str:
    """Return the path of a file; empty if a link of an account leads to a directory of a user other than `user`."""
    chosen = False
    with contextlib.suppress(OSError):
        for _link in range(_MOST_LINKS):
            parts = path.split("/")
            ways = ["/".join(parts[:number]) for number in range(2, len(parts) + 1)]
            link = next((way for way in ways if os.path.islink(way)), "")
            if not link:
                return "" if chosen and os.stat(os.path.dirname(path)).st_uid != user else path
            above = os.path.dirname(link)
            chosen = chosen or os.stat(above).st_uid != 0
            path = os.path.normpath(os.path.join(above, os.readlink(link)) + path[len(link) :])
    return ""


def _keep(changed: List[str], growing: Sequence[str], unit: str) -> None:
    """Copy sshd's files and the files of keys, with the directories of these, which sshd wants closed to others."""
    places = [path for pattern in _RESTORED_WHOLE for path in glob.glob(pattern)]
    below = [
        os.path.join(above, name)
        for place in places
        if not os.path.islink(place)
        for above, folders, names in os.walk(place)
        for name in folders + names
    ]
    os.mkdir(_in_guard(restoring.COPIES), 0o700)
    paths = [path for path in dict.fromkeys(places + below + changed) if os.path.lexists(path)]
    state = {
        "whole": [_saved(path) for path in paths],
        "growing": [saved for saved in (_saved(path, grows=True) for path in growing) if saved.content],
        "places": [*_RESTORED_WHOLE, *map(glob.escape, changed)],
        "unit": unit,
        "socket": SOCKET,
        "patience": _PATIENCE,
        "boot": restoring.boot(),
        "restored": _RESTORED,
        "boot_files": [_BOOT_UNIT, _BOOT_WANTS],
    }
    _write(_in_guard(restoring.STATE), json.dumps(state))


def _saved(path: str, *, grows: bool = False) -> Saved:
    above, name = os.path.split(path)
    with contextlib.ExitStack() as stack:
        folders, parent = _walked(os.path.realpath(above), stack)
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        saved = Saved(folders, name, found.st_uid, found.st_gid, found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            return saved._replace(folders=_walked(os.path.realpath(path), stack)[0], name="", settled=1)
        if stat.S_ISLNK(found.st_mode):
            return saved._replace(content=os.readlink(name, dir_fd=parent))
        content = restoring.read(name, saved.holder, parent)
        if content is None:
            return saved  # not a file; or the account could not read it either
        copy = secrets.token_hex(8)
        _write_bytes(_in_guard(restoring.COPIES, copy), content)
        return saved._replace(content=copy, settled=2 if grows else 0, grows=grows)


def _walked(path: str, stack: contextlib.ExitStack) -> Tuple[List[Folder], int]:
    """Return the directories from the root down, and a descriptor of the last."""
    folders, current = [], os.open("/", restoring.FOLDER)
    stack.callback(os.close, current)
    for name in filter(None, path.split("/")):
        current = os.open(name, restoring.FOLDER, dir_fd=current)
        stack.callback(os.close, current)
        found = os.fstat(current)
        mode = stat.S_IMODE(found.st_mode)
        groups = _groups(found.st_uid)
        folders.append(Folder(name, found.st_uid, found.st_gid, mode, found.st_dev, found.st_ino, groups))
    return folders, current


def _groups(user: int) -> List[int]:
    try:
        entry = pwd.getpwuid(user)
    except KeyError:
        return [_NO_GROUP]
    return list(dict.fromkeys([entry.pw_gid, *os.getgrouplist(entry.pw_name, entry.pw_gid)]))


def _keep_rules() -> None:
    """Save the packet filter, if present: a change of it can lock out as well."""
    with contextlib.suppress(FileNotFoundError):
        rules = ask_program("nft", "list", "ruleset")
        if not rules.status:
            _write(_in_guard(restoring.RULES), rules.out)


def _forget() -> None:
    for path in (_BOOT_UNIT, _BOOT_WANTS, _SCRIPT):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    ask_program("systemctl", "stop", _UNIT + "-*.timer", _UNIT + "-*.service")


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with closing(opened_lock_file(GUARD + ".lock")) as lock:
        wait_for_lock(lock, f"{GUARD}.lock: a rollback or another program holds this lock", _PATIENCE)
        yield


def _program() -> List[str]:
    """Return the command, with the interpreter of this module."""
    return [sys.executable, "-I", _SCRIPT, GUARD]


def _in_guard(*names: str) -> str:
    return os.path.join(GUARD, *names)


def _write(path: str, text: str) -> None:
    _write_bytes(path, text.encode())


def _write_bytes(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def confirm() -> None:
    """Keep the pending change if this login and the present files prove it; otherwise restore the previous files."""
    facts = pending()
    if facts is None:
        raise NotConfirmed(
            "no change of sshd's configuration awaits confirmation%s"
            % (": it was undone, because it was not confirmed in time" if restored() else ""),
            cure="Read sshd's log to find out why the login failed or was late, and run this again.",
        )
    doubt = _doubt(facts)
    if doubt:
        restore()
        raise NotConfirmed(f"{doubt}; the previous configuration is restored", cure="Run this again.")
    if not disarm():
        raise NotConfirmed("the confirmation came too late: the change was undone", cure="Allow more time for it.")


def _doubt(facts: Mapping[str, object]) -> str:
    """Return the objection to the change; empty if there is none."""
    if session.began() <= float(str(facts.get("applied", "inf"))):
        return "this login is not newer than the change"
    written = list(configuration_files())
    if written != facts["files"] or state_of(written) != facts["state"]:
        return "sshd's configuration was changed again in the meantime, and the login proves nothing about that change"
    daemon.check()
    return owner_refused(session.owner(), CONFIG)

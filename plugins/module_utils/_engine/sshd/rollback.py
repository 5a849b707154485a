# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback of a change: a copy of the configuration before it, and a timer of the host that restores the copy.

The timer runs when the controller has died, and a unit does the same at a boot before sshd starts. Configuration,
moduli and host keys are restored. To the revoked keys, and to the authorized keys of the account that makes the change,
lines that are gone are added, and none is removed: a key that was revoked meanwhile stays revoked.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import pwd
import secrets
import shutil
import tarfile
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence

from ..system.lock_file import opened_lock_file
from ..system.program import ask_program, run_program
from ..system.root_owned_path import closing
from ..system.run_lock import wait_for_lock
from .daemon import CONFIG, SOCKET, Effective
from .keys import MODULI
from .stage import DROP_INS

__all__ = ["arm", "disarm", "key_files", "note", "pending", "restore", "restored", "state_of"]

_HOME = "/var/lib/secure_ftp_synchronize"
GUARD = _HOME + "/sshd_guard"
_RESTORED = _HOME + "/sshd_restored"
_SCRIPT = _HOME + "/restore_sshd"
_UNIT = "secure_ftp_synchronize-restore"
_BOOT_UNIT = "/etc/systemd/system/%s-boot.service" % _UNIT
_BOOT_WANTS = "/etc/systemd/system/sysinit.target.wants/%s-boot.service" % _UNIT
_RESTORED_WHOLE = (CONFIG, DROP_INS, MODULI, "/etc/ssh/ssh_host_*")
_PATIENCE = 60
"""Seconds for a run that holds the lock. After them, the files are restored without it, and no change is confirmed."""
_OWN_FORMAT = b"SSHKRL"
"""How a list of revoked keys in OpenSSH's own format begins."""

_BOOT_TEXT = (
    """[Unit]
Description=Restore the sshd configuration after an unconfirmed change
DefaultDependencies=no
RequiresMountsFor=/var/lib /etc
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/sh %s boot
"""
    % _SCRIPT
)

_SCRIPT_TEXT = """#!/bin/sh
# Written by the Ansible collection secure.ftp_synchronize: restores sshd's configuration after an unconfirmed change.
# The first argument is "boot" before sshd has started.
set -u
umask 077 # an account that can open the file could lock it for ever
exec 9>"%(guard)s.lock"
umask 022
flock -w %(patience)d 9
[ -f "%(guard)s/armed" ] || exit 0
{ find %(places)s ! -type d 2>/dev/null; cat "%(guard)s/changed"; } | while IFS= read -r path; do
    grep -qxFe "$path" "%(guard)s/kept" || rm -f -- "$path"
done
tar --extract --preserve-permissions --numeric-owner --directory=/ --file="%(guard)s/before.tar"
while IFS= read -r path; do
    before="%(guard)s/keys$path"
    [ -f "$path" ] && grep -aq "^%(own_format)s" "$before" "$path" && continue # a binary list
    cp -p -- "$before" "$before.all"
    [ -f "$path" ] && grep -avxFf "$before" -- "$path" >> "$before.all"
    cp -p -- "$before.all" "$path.restored" && mv -- "$path.restored" "$path"
done < "%(guard)s/growing"
if [ -f "%(guard)s/rules" ] && [ "${1-}" != boot ] && [ "$(nft list ruleset)" != "$(cat "%(guard)s/rules")" ]; then
    { echo flush ruleset; cat "%(guard)s/rules"; } | nft -f -
fi
sync
# Copies of private keys are removed as soon as they are not needed.
rm -rf "%(restored)s" "%(guard)s/before.tar" "%(guard)s/keys"
mv "%(guard)s" "%(restored)s"
rm -f "%(boot_unit)s" "%(boot_wants)s"
echo "the configuration of sshd is restored: its last change was not confirmed"
unit=$(cat "%(restored)s/unit")
# A socket takes its ports from the configuration when systemd reloads.
case $unit in *%(socket)s) systemctl daemon-reload ;; esac
[ "${1-}" = boot ] && exit
# A unit that failed too often starts again only after its failures are reset.
systemctl reset-failed "$unit" "${unit%%%(socket)s}" 2>/dev/null
systemctl restart "$unit"
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
    _keep([path for path in changed if path not in growing], growing)
    _keep_growing(growing)
    _write(GUARD + "/unit", unit)
    _keep_rules()
    names = {"guard": GUARD, "restored": _RESTORED, "places": " ".join(_RESTORED_WHOLE), "socket": SOCKET}
    names.update(boot_unit=_BOOT_UNIT, boot_wants=_BOOT_WANTS, own_format=_OWN_FORMAT.decode())
    _write(_SCRIPT, _SCRIPT_TEXT % {**names, "patience": _PATIENCE})
    _write(_BOOT_UNIT, _BOOT_TEXT)
    os.makedirs(os.path.dirname(_BOOT_WANTS), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(_BOOT_UNIT, _BOOT_WANTS)
    _write(GUARD + "/armed", "")
    os.sync()
    # A name of its own: for a while systemd may still know the timer of an earlier change, though it was stopped.
    own = "%s-%s" % (_UNIT, secrets.token_hex(4))
    timer = ["--on-active=%ds" % seconds, "--timer-property=AccuracySec=1s", "--unit=" + own, "--collect"]
    run_program("systemd-run", "--quiet", *timer, "/bin/sh", _SCRIPT)


def note(facts: Mapping[str, Any]) -> None:
    """Record the facts that the confirmation needs."""
    _write(GUARD + "/facts", json.dumps(facts))


def pending() -> Optional[Dict[str, Any]]:
    """Return the recorded facts of the pending change; None if there is none."""
    if not os.path.exists(GUARD + "/armed"):
        return None
    try:
        with open(GUARD + "/facts") as stream:
            facts: Dict[str, Any] = json.load(stream)
        return facts
    except (OSError, ValueError):
        return {}


def disarm() -> bool:
    """Confirm: the timer goes. Whether it was in time."""
    with _lock():
        if not os.path.exists(GUARD + "/armed"):
            return False
        os.unlink(GUARD + "/armed")
    _forget()
    shutil.rmtree(GUARD, ignore_errors=True)
    shutil.rmtree(_RESTORED, ignore_errors=True)
    return True


def restore() -> None:
    """Restore the previous files now."""
    ask_program("/bin/sh", _SCRIPT)
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
    words = [word for line in found.get("authorizedkeysfile", ()) for word in line.split()]
    named = [word.replace("%h", entry.pw_dir).replace("%u", user).replace("%%", "%") for word in words]
    places = [os.path.join(entry.pw_dir, word) for word in named] + list(found.get("revokedkeys", ()))
    return [os.path.realpath(place) for place in places if os.path.isfile(place)]


def _keep(changed: Iterable[str], growing: Sequence[str]) -> None:
    """sshd's configuration, and the directories of key files, which sshd wants closed to others."""
    places = [path for pattern in _RESTORED_WHOLE for path in sorted(glob.glob(pattern))]
    others = [path for path in changed if os.path.lexists(path)]
    directories = [each for path in growing for each in (os.path.dirname(os.path.dirname(path)), os.path.dirname(path))]
    _write(GUARD + "/before.tar", "")
    with tarfile.open(GUARD + "/before.tar", "w") as archive:
        for path in dict.fromkeys(places + others):
            archive.add(path)
        for path in dict.fromkeys(directories):
            archive.add(path, recursive=False)
        _write(GUARD + "/kept", "".join("/%s\n" % name for name in archive.getnames()))
    _write(GUARD + "/changed", "".join("%s\n" % path for path in changed))


def _keep_growing(paths: Sequence[str]) -> None:
    for path in paths:
        copy = GUARD + "/keys" + path
        os.makedirs(os.path.dirname(copy), mode=0o700, exist_ok=True)
        shutil.copy2(path, copy)
        there = os.stat(path)
        os.chown(copy, there.st_uid, there.st_gid)
        _end_last_line(copy)
    _write(GUARD + "/growing", "".join("%s\n" % path for path in paths))


def _end_last_line(path: str) -> None:
    """Lines are added behind it."""
    with open(path, "rb+") as stream:
        text = stream.read()
        if text and not text.startswith(_OWN_FORMAT) and not text.endswith(b"\n"):
            stream.write(b"\n")


def _keep_rules() -> None:
    """Save the packet filter, if present: a change of it can lock out as well."""
    with contextlib.suppress(FileNotFoundError):
        rules = ask_program("nft", "list", "ruleset")
        if not rules.status:
            _write(GUARD + "/rules", rules.out)


def _forget() -> None:
    for path in (_BOOT_UNIT, _BOOT_WANTS, _SCRIPT):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    ask_program("systemctl", "stop", _UNIT + "-*.timer")


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with closing(opened_lock_file(GUARD + ".lock")) as lock:
        wait_for_lock(lock, "%s.lock: a rollback or another program holds this lock" % GUARD, _PATIENCE)
        yield


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)

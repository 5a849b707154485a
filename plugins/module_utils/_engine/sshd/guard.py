# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: what was there before a change, and a timer of the host that puts it there again unless told not to.

It needs nobody: the timer runs when the controller has died, and a unit does the same at a boot before sshd starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import tarfile
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from ..program import ask_program, run_program
from .daemon import Effective
from .unit import SOCKET

__all__ = ["arm", "disarm", "key_places", "note", "pending", "restore", "restored", "state_of"]

_HOME = "/var/lib/secure_ftp_synchronize"
GUARD = _HOME + "/sshd_guard"
_RESTORED = _HOME + "/sshd_restored"
_SCRIPT = _HOME + "/restore_sshd"
_UNIT = "secure_ftp_synchronize-restore"
_BOOT_UNIT = "/etc/systemd/system/%s-boot.service" % _UNIT
_BOOT_WANTS = "/etc/systemd/system/sysinit.target.wants/%s-boot.service" % _UNIT
_CONFIGURATION = "/etc/ssh"

_BOOT_TEXT = (
    """[Unit]
Description=Put back an sshd configuration that nobody confirmed
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
# Written by the Ansible collection secure.ftp_synchronize: puts back what was there before a change of sshd's
# configuration that nobody confirmed. Its first argument is "boot" before sshd has started.
set -u
exec 9>"%(guard)s.lock"
flock 9
[ -f "%(guard)s/armed" ] || exit 0
find "%(configuration)s" ! -type d | while IFS= read -r path; do
    grep -qxFe "$path" "%(guard)s/kept" || rm -f -- "$path"
done
tar --extract --preserve-permissions --numeric-owner --directory=/ --file="%(guard)s/before.tar"
if [ -f "%(guard)s/rules" ] && [ "${1-}" != boot ] && [ "$(nft list ruleset)" != "$(cat "%(guard)s/rules")" ]; then
    { echo flush ruleset; cat "%(guard)s/rules"; } | nft -f -
fi
rm -rf "%(restored)s"
mv "%(guard)s" "%(restored)s"
rm -f "%(boot_unit)s" "%(boot_wants)s"
echo "the configuration of sshd is what it was before a change that nobody confirmed"
unit=$(cat "%(restored)s/unit")
# A socket has its ports from the configuration, but only when that is read again.
case $unit in *%(socket)s) systemctl daemon-reload ;; esac
[ "${1-}" = boot ] && exit
# What failed too often is not started again, unless that is forgotten.
systemctl reset-failed "$unit" "${unit%%%(socket)s}" 2>/dev/null
systemctl restart "$unit"
"""


def arm(seconds: int, unit: str, places: Sequence[str]) -> None:
    """Keep what is there and start the timer. unit: of systemd, by which sshd listens; places: files besides sshd's
    configuration."""
    shutil.rmtree(GUARD, ignore_errors=True)
    os.makedirs(GUARD, mode=0o700)
    os.chmod(_HOME, 0o700)
    _keep(places)
    _write(GUARD + "/unit", unit)
    _keep_rules()
    names = {"guard": GUARD, "restored": _RESTORED, "configuration": _CONFIGURATION, "socket": SOCKET}
    _write(_SCRIPT, _SCRIPT_TEXT % {**names, "boot_unit": _BOOT_UNIT, "boot_wants": _BOOT_WANTS})
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
    """Write down what the one who confirms has to know."""
    _write(GUARD + "/facts", json.dumps(facts))


def pending() -> Optional[Dict[str, Any]]:
    """What was noted of the change that waits to be confirmed; None if none does."""
    if not os.path.exists(GUARD + "/armed"):
        return None
    try:
        with open(GUARD + "/facts") as stream:
            return json.load(stream)
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
    """Put back what was there, now."""
    ask_program("/bin/sh", _SCRIPT)
    _forget()


def restored() -> bool:
    """Whether the last change was undone."""
    return os.path.exists(_RESTORED)


def state_of(files: Sequence[str]) -> str:
    """A digest of the files' contents: the same as long as nobody changes one."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as stream:
            digest.update(b"%s\0%s\0" % (path.encode(), hashlib.sha256(stream.read()).digest()))
    return digest.hexdigest()


def key_places(user: str, found: Effective) -> List[str]:
    """The files with the public keys that let a user in."""
    entry = pwd.getpwnam(user)
    words = [word for line in found.get("authorizedkeysfile", ()) for word in line.split()]
    named = [word.replace("%h", entry.pw_dir).replace("%u", user).replace("%%", "%") for word in words]
    return [os.path.join(entry.pw_dir, word) for word in named if word != "none"]


def _keep(places: Sequence[str]) -> None:
    """Everything below sshd's configuration, and the places with the directories that sshd wants closed to others."""
    _write(GUARD + "/before.tar", "")
    with tarfile.open(GUARD + "/before.tar", "w") as archive:
        archive.add(_CONFIGURATION)
        for place in filter(os.path.exists, places):
            path = os.path.realpath(place)
            for directory in (os.path.dirname(os.path.dirname(path)), os.path.dirname(path)):
                archive.add(directory, recursive=False)
            archive.add(path)
        _write(GUARD + "/kept", "".join("/%s\n" % name for name in archive.getnames()))


def _keep_rules() -> None:
    """The packet filter, where there is one: a change of it can lock out as well."""
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
    with open(GUARD + ".lock", "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)

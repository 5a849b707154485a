# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore sshd's files after a change that was not confirmed: the program that `rollback` writes to the host.

    python3 -I PROGRAM DIRECTORY       from the timer, at once, or at a boot before sshd starts
    python3 -I PROGRAM DIRECTORY try   read the state, and do nothing

It runs when the controller has died, so it needs only Python's standard library. An error in one step never prevents
the next steps. If a file of the configuration could not be restored, as on a full disk, the copies stay, and systemd
runs it again after half a minute, until it succeeds.

Root never works by name in a directory of another account. A path is walked from the root, and no link is followed. In
each directory, entries are read, made and renamed with the rights of the account that owned the directory when the copy
was made. A link that this account plants therefore gains nothing.
"""

from __future__ import annotations

# A program of its own, which has no module: pylint: disable=ansible-bad-function
import contextlib
import errno
import fcntl
import glob
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from typing import Any, Callable, Iterator, List, NamedTuple, Optional, Sequence, Set

ARMED, STATE, RULES, COPIES = "armed", "state", "rules", "copies"
FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = ".restored"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OWN_FORMAT = b"SSHKRL"
"""How a list of revoked keys in OpenSSH's own format begins."""
_LARGEST = 1 << 24
"""Bytes of a file in a directory of an account."""
_SECONDS = 20.0
"""For the files in directories of accounts: a file system of theirs need not answer."""


class Folder(NamedTuple):
    """A directory on the way to a file, as it was. groups: of its owner"""

    name: str
    user: int
    group: int
    mode: int
    device: int
    inode: int
    groups: Sequence[int]


_ROOT = Folder("", 0, 0, 0, 0, 0, [0])


class Saved(NamedTuple):
    """A file, a link or a directory as it was.

    folders: from the root down; of a directory, also itself
    mode: with the kind
    content: name of the copy, or target of the link
    settled: the number of its lowest folders that get their owners and modes again
    grows: whether lines that are there now stay
    """

    folders: Sequence[Folder]
    name: str
    user: int = 0
    group: int = 0
    mode: int = 0
    content: str = ""
    settled: int = 0
    grows: bool = False

    @property
    def holder(self) -> Folder:
        return self.folders[-1] if self.folders else _ROOT

    @property
    def path(self) -> str:
        return "/" + "/".join([folder.name for folder in self.folders] + ([self.name] if self.name else []))


def main(directory: str, word: str = "") -> None:
    """Restore everything if the change still waits for its confirmation."""
    armed = os.path.join(directory, ARMED)
    if word != "try" and not os.path.exists(armed):
        return
    with open(os.path.join(directory, STATE)) as stream:
        state = json.load(stream)
    whole, growing = ([_saved(each) for each in state[key]] for key in ("whole", "growing"))
    if word == "try":
        return
    with _locked(directory + ".lock", state["patience"]):
        if not os.path.exists(armed):
            return  # another run was faster
        done = [_tried(_remove_new, state["places"], {saved.path for saved in whole})]
        done += [_tried(_restore, saved, directory) for saved in whole]
        for saved in growing:
            _in_time(_restore, saved, directory)
        if state["boot"] == boot():  # else they are gone
            _tried(_restore_rules, os.path.join(directory, RULES))
        restored = all(done) and _tried(_end, directory, state)
        if restored:
            print("the configuration of sshd is restored: its last change was not confirmed", flush=True)
        _restart(state["unit"], state["socket"], due=_has_begun())
    if not restored:
        sys.exit("the configuration of sshd is not restored: correct the causes, and run this program again")


def boot() -> str:
    """Return the id of this boot; "" if it is unknown."""
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id") as stream:
        return stream.read()
    return ""


def _has_begun() -> bool:
    """Return whether services start already. At a boot they wait for this program; after an error, it runs again."""
    with contextlib.suppress(OSError):
        words = ["systemctl", "is-active", "sysinit.target"]
        asked = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        return asked.stdout.strip() not in ("inactive", "activating")
    return True


def _saved(found: List[Any]) -> Saved:
    return Saved([Folder(*each) for each in found[0]], *found[1:])


def _tried(step: Callable[..., object], *given: object) -> bool:
    """Do it; return whether it succeeded."""
    try:
        return step(*given) is not False
    except Exception as error:
        print(ascii(f"not restored: {getattr(given[0], 'path', given[0])}: {error}"), file=sys.stderr, flush=True)
        return False


def _in_time(step: Callable[..., object], *given: object) -> None:
    """Do it in a child, which gets some seconds. A child that waits for a dead file system is left to the system."""
    child = os.fork()
    if not child:
        try:
            _tried(step, *given)
        finally:
            os._exit(0)
    deadline = time.monotonic() + _SECONDS
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > deadline:
            return os.kill(child, 9)
        time.sleep(0.01)


@contextlib.contextmanager
def _locked(path: str, patience: float) -> Iterator[None]:
    """Wait some time for a run that holds the lock, then go on without it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
    yield
    os.close(lock)


@contextlib.contextmanager
def acting_as(folder: Folder) -> Iterator[None]:
    """Act as the owner of a directory. The real user stays root: processes of the account cannot reach this process."""
    if os.geteuid() or not folder.user:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups(folder.groups)
    os.setegid(folder.groups[0])
    os.seteuid(folder.user)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def read(name: str, folder: Folder, parent: int) -> Optional[bytes]:
    """Return the content of a file in an open directory, read as its owner; None if there is no such file.

    In a directory of root's, links are followed: they are the administrator's choice.
    """
    try:
        with acting_as(folder):
            file = os.open(name, _READ | (os.O_NOFOLLOW if folder.user else 0), dir_fd=parent)
    except OSError as error:
        if folder.user or error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise
    with os.fdopen(file, "rb") as stream:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or (folder.user and found.st_size > _LARGEST):
            return None
        return stream.read(_LARGEST if folder.user else -1)


def _remove_new(patterns: Sequence[str], kept: Set[str]) -> bool:
    """Remove new files of the configuration, whose directories are root's; return whether all are gone."""
    found = [path for pattern in patterns for path in glob.glob(pattern)]
    for each in [path for path in found if not os.path.islink(path)]:
        found += [os.path.join(place, name) for place, folders, names in os.walk(each) for name in folders + names]
    left = []
    for path in filter(os.path.lexists, found):  # some are found twice
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if real not in kept and (os.path.islink(path) or not os.path.isdir(path)) and not _tried(os.unlink, path):
            left.append(path)
    return not left


def _restore(saved: Saved, directory: str) -> None:
    parent = _entered(saved)
    try:
        if stat.S_ISREG(saved.mode) and saved.content:
            copy = os.path.join(directory, COPIES, saved.content)
            with open(copy, "rb") as stream:
                before = stream.read()
            present = read(saved.name, saved.holder, parent) if saved.grows else None
            if present is None or _OWN_FORMAT not in (before[:6], present[:6]):
                try:
                    _put(saved, parent, _grown(before, present or b""))
                except OSError as error:
                    if error.errno not in _FULL or saved.grows or saved.holder.user not in (0, os.geteuid()):
                        raise
                    _put_copy(saved, parent, copy)
        elif stat.S_ISLNK(saved.mode):
            with acting_as(saved.holder):
                _unlink(saved.name + _NEW, parent)
                os.symlink(saved.content, saved.name + _NEW, dir_fd=parent)
                os.rename(saved.name + _NEW, saved.name, src_dir_fd=parent, dst_dir_fd=parent)
    finally:
        os.close(parent)


def _entered(saved: Saved) -> int:
    """Return the directory of a file; directories that are missing or were replaced by a link are made again."""
    current, above = os.open("/", FOLDER), _ROOT
    for number, folder in enumerate(saved.folders, 1):
        try:
            following = _folder(folder, current, above, settled=number > len(saved.folders) - saved.settled)
        finally:
            os.close(current)
        current, above = following, folder
    return current


def _folder(folder: Folder, parent: int, above: Folder, *, settled: bool) -> int:
    made = False
    with acting_as(above):
        try:
            found = os.open(folder.name, FOLDER, dir_fd=parent)
        except (FileNotFoundError, NotADirectoryError):
            _unlink(folder.name, parent)
            os.mkdir(folder.name, 0o700, dir_fd=parent)
            made = True
            found = os.open(folder.name, FOLDER, dir_fd=parent)
    try:
        _settle(folder, found, above, made=made, wanted=made or settled)
    except BaseException:
        os.close(found)
        raise
    return found


def _settle(folder: Folder, found: int, above: Folder, *, made: bool, wanted: bool) -> None:
    """Restore owner and mode of a directory. Refuse a directory that the account above may have put there."""
    status = os.fstat(found)
    same = (status.st_dev, status.st_ino) == (folder.device, folder.inode)
    alike = status.st_uid == folder.user and above.user in (0, folder.user)
    if not (same or alike or (made and not above.user)):
        raise PermissionError(f"{folder.name} is another directory, of the user {status.st_uid}")
    if wanted:
        # "." is the open directory, also if another has its name by now.
        with contextlib.suppress(PermissionError):  # on a network file system, root may be refused
            os.chown(".", folder.user, folder.group, dir_fd=found)
            os.chmod(".", folder.mode, dir_fd=found)


def _grown(before: bytes, present: bytes) -> bytes:
    """Return the lines of both."""
    known = set(before.split(b"\n"))
    more = b"".join(line + b"\n" for line in present.split(b"\n") if line and line not in known)
    return before + (b"\n" if more and before and not before.endswith(b"\n") else b"") + more


def _put(saved: Saved, parent: int, content: bytes) -> None:
    """Replace a file. Its owner makes and renames it; root writes, who may use the last blocks of a full disk."""
    new, holder = saved.name + _NEW, saved.holder
    if not holder.user and _is_there(saved, parent, content):
        return
    with acting_as(holder):
        _unlink(new, parent)
        file = os.open(new, _CREATE, 0o600, dir_fd=parent)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            # In a directory of an account, no file is given to another user.
            user = saved.user if holder.user in (0, saved.user) else -1
            with contextlib.suppress(PermissionError):
                os.fchown(file, user, saved.group)
                os.fchmod(file, saved.mode & (0o777 if holder.user else 0o7777))
            os.fsync(file)
        with acting_as(holder):
            os.rename(new, saved.name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        with acting_as(holder):
            _unlink(new, parent)
        raise


def _put_copy(saved: Saved, parent: int, copy: str) -> None:
    """Make the copy itself the file, which needs no room; in a directory of root's."""
    new = saved.name + _NEW
    os.link(copy, new, dst_dir_fd=parent, follow_symlinks=False)
    os.chown(new, saved.user, saved.group, dir_fd=parent, follow_symlinks=False)
    os.chmod(new, stat.S_IMODE(saved.mode), dir_fd=parent)
    os.rename(new, saved.name, src_dir_fd=parent, dst_dir_fd=parent)


def _is_there(saved: Saved, parent: int, content: bytes) -> bool:
    with contextlib.suppress(OSError):
        found = os.stat(saved.name, dir_fd=parent, follow_symlinks=False)
        if (found.st_uid, found.st_gid, found.st_mode) == (saved.user, saved.group, saved.mode):
            return read(saved.name, saved.holder, parent) == content
    return False


def _unlink(name: str, parent: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=parent)


def _restore_rules(path: str) -> None:
    if os.path.exists(path):
        with open(path) as stream:
            rules = stream.read()
        listed = subprocess.run(["nft", "list", "ruleset"], stdout=subprocess.PIPE, text=True, check=False)
        if listed.stdout.rstrip("\n") != rules.rstrip("\n"):
            subprocess.run(["nft", "-f", "-"], input="flush ruleset\n" + rules, text=True, check=False)


def _end(directory: str, state: Any) -> None:
    _in_time(os.sync)  # a network file system that is gone holds it up
    # Copies of private keys are removed as soon as they are not needed.
    for each in (state["restored"], os.path.join(directory, COPIES)):
        shutil.rmtree(each, ignore_errors=True)
    os.rename(directory, state["restored"])
    for path in state["boot_files"]:
        _tried(os.unlink, path)


def _restart(unit: str, socket: str, *, due: bool) -> None:
    def systemctl(*words: str) -> None:
        _tried(subprocess.run, ["systemctl", *words])

    if unit.endswith(socket):
        systemctl("daemon-reload")  # a socket takes its ports from the configuration when systemd reloads
    if due:
        # A unit that failed too often starts again only after its failures are reset.
        systemctl("reset-failed", unit, *([unit[: -len(socket)]] if unit.endswith(socket) else []))
        systemctl("restart", unit)


if __name__ == "__main__":
    main(*sys.argv[1:])

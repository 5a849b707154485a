# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a directory with paramiko until killed. Arguments: address, port, directory, host key, authorized keys, uid.

paramiko brings the protocol, its user the file system: here each request is one call of the system.
"""

from __future__ import annotations

__all__ = ["main"]

import os
import socketserver
import sys
from pathlib import Path
from typing import Any, ClassVar

import paramiko
from paramiko import SFTP_OK, SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface

_EVERYTHING = 0o7777


class _Handle(SFTPHandle):
    def stat(self) -> SFTPAttributes:
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def chattr(self, attributes: SFTPAttributes) -> int:
        return _guarded(lambda: SFTPServer.set_file_attr(self.filename, attributes))


def _guarded(act: Any) -> Any:
    """The result of `act`, SFTP_OK where it has none, or the code of the system's error."""
    try:
        done = act()
    except OSError as error:
        return SFTPServer.convert_errno(error.errno)
    return SFTP_OK if done is None else done


class _Files(SFTPServerInterface):
    """root: the directory that clients see as /"""

    root: ClassVar[str]

    def _real(self, path: str) -> str:
        return self.root + self.canonicalize(path)

    def list_folder(self, path: str) -> Any:
        def entries() -> list[SFTPAttributes]:
            return [SFTPAttributes.from_stat(each.stat(follow_symlinks=False), each.name) for each in found]

        found = _guarded(lambda: list(os.scandir(self._real(path))))
        return found if isinstance(found, int) else _guarded(entries)

    def stat(self, path: str) -> Any:
        return _guarded(lambda: SFTPAttributes.from_stat(os.stat(self._real(path))))

    def lstat(self, path: str) -> Any:
        return _guarded(lambda: SFTPAttributes.from_stat(os.lstat(self._real(path))))

    def open(self, path: str, flags: int, attributes: SFTPAttributes) -> Any:
        def act() -> SFTPHandle:
            mode = 0o666 if attributes.st_mode is None else attributes.st_mode & _EVERYTHING
            descriptor = os.open(self._real(path), flags, mode)
            handle = _Handle(flags)
            handle.filename = self._real(path)
            handle.readfile = handle.writefile = os.fdopen(descriptor, _mode_of(flags))
            return handle

        return _guarded(act)

    def remove(self, path: str) -> int:
        return _guarded(lambda: os.remove(self._real(path)))

    def rename(self, old: str, new: str) -> int:
        def act() -> int | None:
            if os.path.lexists(self._real(new)):
                return paramiko.SFTP_FAILURE
            return os.rename(self._real(old), self._real(new))

        return _guarded(act)

    def posix_rename(self, old: str, new: str) -> int:
        return _guarded(lambda: os.replace(self._real(old), self._real(new)))

    def mkdir(self, path: str, attributes: SFTPAttributes) -> int:
        mode = 0o777 if attributes.st_mode is None else attributes.st_mode & _EVERYTHING
        return _guarded(lambda: os.mkdir(self._real(path), mode))

    def rmdir(self, path: str) -> int:
        return _guarded(lambda: os.rmdir(self._real(path)))

    def chattr(self, path: str, attributes: SFTPAttributes) -> int:
        return _guarded(lambda: SFTPServer.set_file_attr(self._real(path), attributes))

    def symlink(self, target: str, path: str) -> int:
        return _guarded(lambda: os.symlink(target, self._real(path)))

    def readlink(self, path: str) -> Any:
        return _guarded(lambda: os.readlink(self._real(path)))


def _files(root: str) -> type[SFTPServerInterface]:
    return type("Files", (_Files,), {"root": root})


def _mode_of(flags: int) -> str:
    """The mode of fdopen(3) for these flags."""
    if flags & os.O_WRONLY:
        return "wb"
    return "r+b" if flags & os.O_RDWR else "rb"


class _Logins(paramiko.ServerInterface):
    def __init__(self, keys: set[str]) -> None:
        self._keys = keys

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = f"{key.get_name()} {key.get_base64()}" in self._keys
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, number: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main(address: str, port: str, root: str, host_key: str, authorized: str, uid: str) -> None:
    """Serve as the account `uid`."""
    key = paramiko.Ed25519Key.from_private_key_file(host_key)
    keys = {" ".join(line.split()[:2]) for line in Path(authorized).read_text().splitlines()}
    files = _files(root)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            transport = paramiko.Transport(self.request)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", SFTPServer, files)
            transport.start_server(server=_Logins(keys))
            transport.join()

    os.umask(0o022)
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    _Listener((address, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

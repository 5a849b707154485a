# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a directory with Twisted Conch until killed.

Arguments: address, port, directory, host key, authorized keys, uid.
"""

from __future__ import annotations

__all__ = ["main"]

import os
import sys
from pathlib import Path
from typing import Any

from twisted.conch.avatar import ConchUser
from twisted.conch.checkers import InMemorySSHKeyDB, SSHPublicKeyChecker
from twisted.conch.interfaces import ISFTPServer
from twisted.conch.ssh import factory, filetransfer, keys, session
from twisted.conch.unix import SFTPServerForUnixConchUser
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.python.components import registerAdapter
from twisted.python.filepath import FilePath
from zope.interface import implementer


class _Avatar(ConchUser):  # type: ignore[misc]
    """home: the directory of a session. The process is the account already, so nothing is switched."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self._home = home
        self.channelLookup[b"session"] = session.SSHSession
        self.subsystemLookup[b"sftp"] = filetransfer.FileTransferServer

    def getUserGroupId(self) -> tuple[int, int]:
        return os.getuid(), os.getgid()

    def getHomeDir(self) -> FilePath[str]:
        return FilePath(self._home)

    def _runAsUser(self, act: Any, *arguments: Any, **named: Any) -> Any:
        calls = [(act, arguments, named)] if callable(act) else act
        for call in calls:
            done = call[0](*(call[1] if len(call) > 1 else ()), **(call[2] if len(call) > 2 else {}))
        return done


@implementer(IRealm)
class _Realm:
    def __init__(self, home: str) -> None:
        self._home = home

    def requestAvatar(self, name: Any, mind: Any, *interfaces: Any) -> Any:
        return interfaces[0], _Avatar(self._home), lambda: None


def main(address: str, port: str, root: str, host_key: str, authorized: str, uid: str) -> None:
    """Serve as the account `uid`."""
    registerAdapter(SFTPServerForUnixConchUser, _Avatar, ISFTPServer)
    known = [keys.Key.fromString(line) for line in Path(authorized).read_bytes().splitlines()]

    class Keys(InMemorySSHKeyDB):  # type: ignore[misc]
        def getAuthorizedKeys(self, username: bytes) -> Any:
            return known

    serving = factory.SSHFactory()
    own = keys.Key.fromFile(host_key)
    serving.publicKeys = {own.sshType(): own.public()}
    serving.privateKeys = {own.sshType(): own}
    serving.portal = Portal(_Realm(root), [SSHPublicKeyChecker(Keys({}))])
    os.umask(0o022)
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    reactor.listenTCP(int(port), serving, interface=address)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SFTP server on loopback that needs no root rights and no installed daemon, for the demo.

    python embedded_sftp.py DIRECTORY

It serves DIRECTORY/files to the user `demo` and writes the client's private key (`key`) and the pin of its own key
(`known_hosts`) into DIRECTORY. It prints its port as one line when it is ready. It ends when its standard input ends,
so it cannot outlive its parent. Not for real data: it has no limits and no log."""

from __future__ import annotations

__all__ = ["USER", "serve"]

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncssh

USER = "demo"
_LOOPBACK = "127.0.0.1"
_KIND = "ssh-ed25519"


class _Files(asyncssh.SFTPServer):
    """The directory `root`, as if it were the whole file system. Links out of it lead nowhere."""

    def __init__(self, channel: asyncssh.SSHServerChannel, root: Path) -> None:
        super().__init__(channel, chroot=os.fsencode(root))


async def serve(directory: Path) -> asyncssh.SSHAcceptor:
    """Make keys and pin in `directory`; serve `directory`/files on a free port until the result is closed."""
    files = directory / "files"
    files.mkdir(exist_ok=True)
    host_key, client_key = asyncssh.generate_private_key(_KIND), asyncssh.generate_private_key(_KIND)
    server = await asyncssh.listen(
        _LOOPBACK,
        0,
        server_host_keys=[host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(_public(client_key)),
        sftp_factory=lambda channel: _Files(channel, files),
        allow_scp=False,
        encoding=None,
    )
    _write_key(directory / "key", client_key)
    pin = f"[{_LOOPBACK}]:{server.get_port()} {_public(host_key)}"
    (directory / "known_hosts").write_text(pin)
    return server


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode()


def _write_key(path: Path, key: asyncssh.SSHKey) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(key.export_private_key())


async def _serve_until_input_ends(directory: Path) -> None:
    async with await serve(directory) as server:
        print(server.get_port(), flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    # Ctrl-C reaches everybody in front of the terminal. Clients clean up first; then the input ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve_until_input_ends(Path(sys.argv[1])))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a directory with asyncssh until killed. Arguments: address, port, directory, host key, authorized keys, uid."""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import os
import sys

import asyncssh


async def main(address: str, port: str, root: str, host_key: str, authorized: str, uid: str) -> None:
    """Serve as the account `uid`."""
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    await asyncssh.listen(
        address,
        int(port),
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(root)),
        allow_scp=False,
        encoding=None,
    )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

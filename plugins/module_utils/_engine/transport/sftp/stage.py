# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a stage on an SFTP server, and explain a refusal."""

from __future__ import annotations

from typing import Callable

from ...errors import AlreadyExists, SyncError
from ...model.relpath import RelPath
from ...model.tree import Attributes
from ...sftp.client import Reply, SftpClient
from ...sftp.packets import ATTRS, FX_FAILURE, FXF_CREAT, FXF_EXCL, FXF_WRITE, LSTAT, attributes_field, string

__all__ = ["NEW", "PRIVATE", "tell_refusal"]

NEW = FXF_WRITE | FXF_CREAT | FXF_EXCL
PRIVATE = attributes_field(Attributes(mode=0o600))


def tell_refusal(
    client: SftpClient, path: RelPath, remote: bytes, reply: Reply, told: Callable[[SyncError], None]
) -> None:
    """`told` gets why the server did not make the stage `remote` of `path`, perhaps after one more look."""
    error = client.error(reply, path)
    if reply != FX_FAILURE:
        told(error)
        return
    # The code for a name that is taken as well as for much else: look which it is.
    taken = AlreadyExists("its temporary name is taken", path=path)
    client.request(LSTAT, ATTRS, string(remote), lambda seen: told(error if isinstance(seen, int) else taken))

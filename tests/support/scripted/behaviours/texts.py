# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: texts for people."""

from __future__ import annotations

__all__ = ["StatusText"]

from .. import sftp_wire as wire
from ..sftp_service import Server
from ..sftp_wire import Reply, Request, put_string
from .base import Behaviour


class StatusText(Behaviour):
    """`value` is the message of every status that is no success."""

    name = "status_text"
    default = b"\x1b[2J{{ 6 * 7 }}"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if reply.kind != wire.STATUS or reply.body[:4] == bytes(4):
            return reply
        return Reply(wire.STATUS, reply.body[:4] + put_string(self.value) + put_string(b"\x1b"))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: changed names."""

from __future__ import annotations

__all__ = ["Denied", "LinkSwap", "LyingDelete", "LyingRename", "NoReplace", "RenameDoneUntold"]

import os
import posixpath
from typing import TYPE_CHECKING

from ..ftps_wire import Command, is_write, reply
from .base import Behaviour

if TYPE_CHECKING:
    from ..ftps_session import Session


class RenameDoneUntold(Behaviour):
    """RNTO is done, and refused in words."""

    name = "rename_done_untold"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return reply(550, b"Rename failed") if command.verb == b"RNTO" else answer


class LyingRename(Behaviour):
    """RNTO is acknowledged, and not done."""

    name = "lying_rename"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(250, b"Renamed") if command.verb == b"RNTO" else None


class NoReplace(Behaviour):
    """Do not let RNTO replace an existing entry."""

    name = "no_replace"

    def command(self, session: Session, command: Command) -> bytes | None:
        there = command.verb == b"RNTO" and os.path.lexists(session.real(command.argument))
        return reply(550, b"File exists") if there else None


class LyingDelete(Behaviour):
    """DELE is acknowledged, and not done."""

    name = "lying_delete"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(250, b"Deleted") if command.verb == b"DELE" else None


class Denied(Behaviour):
    """Refuse every request about a path that ends with `value`, but list it."""

    name = "denied"

    def command(self, session: Session, command: Command) -> bytes | None:
        asked = command.verb in (b"RETR", b"MLSD", b"LIST", b"CWD", b"SIZE", b"RNFR") or is_write(command)
        refused = asked and posixpath.normpath(command.argument or b".").endswith(self.value)
        return reply(550, b"Permission denied") if refused else None


class LinkSwap(Behaviour):
    """`value` is NAME:TARGET. When the directory NAME was listed, a link to TARGET takes its place."""

    name = "link_swap"
    _done = False

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        name, _colon, target = self.value.partition(b":")
        path = session.real(command.argument.removeprefix(b"-a ")).rstrip(b"/")
        due = command.verb in (b"MLSD", b"LIST") and answer.startswith(b"226") and os.path.basename(path) == name
        if due and not self._done:
            self._done = True
            os.rename(path, path + b".moved")
            os.symlink(target, path)
        return answer

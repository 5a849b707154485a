# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: items at which every session ends, as behind a filter that reads along."""

from __future__ import annotations

__all__ = ["PoisonCut", "PoisonStall"]

from typing import TYPE_CHECKING, NoReturn

from ..ftps_wire import Command
from .base import Behaviour, Blocks

if TYPE_CHECKING:
    from ..ftps_session import Session


class _Poison(Behaviour):
    """The bytes `value` in a command or in content; a listing may show them."""

    default = b"poison"

    def strike(self, session: Session) -> NoReturn:
        """End the session."""
        raise NotImplementedError

    def command(self, session: Session, command: Command) -> bytes | None:
        if self.value in command.argument:
            self.strike(session)
        return None

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return self.stored(session, command, blocks)

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        for block in blocks:
            if self.value in block:
                self.strike(session)
            yield block


class PoisonCut(_Poison):
    """A command or content that holds the bytes `value` ends the session."""

    name = "poison_cut"

    def strike(self, session: Session) -> NoReturn:
        session.stop(reset=True)
        raise AssertionError


class PoisonStall(_Poison):
    """From a command or content on that holds the bytes `value`, the session is silent."""

    name = "poison_stall"

    def strike(self, session: Session) -> NoReturn:
        session.hang()
        raise AssertionError

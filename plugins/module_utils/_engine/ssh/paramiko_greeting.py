# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect text before the SSH version: paramiko skips it and waits."""

from __future__ import annotations

from typing import Any, Optional

from .paramiko_library import library
from .wrong_port import is_another_protocol, is_limit

_VERSION = "SSH-"


class Greeting:
    """Reads along in one transport.

    line: the first line of a server that has not yet identified itself as an SSH server.
    is_awaited: nothing came so far.
    is_identified: the server has identified itself as an SSH server.
    """

    def __init__(self, transport: Any = None) -> None:
        self.line: Optional[str] = None
        self.is_awaited = transport is not None
        self.is_identified = False
        if transport is not None:
            self._read = transport.packetizer.readline
            transport.packetizer.readline = self._read_along

    def _read_along(self, timeout: float) -> str:
        line: str = self._read(timeout)
        self.is_awaited = False
        if line.startswith(_VERSION):
            self.line, self.is_identified = None, True
        elif self.line is None and not is_limit(line):
            self.line = line
        if is_another_protocol(line):
            raise library().SSHException("another protocol")
        return line

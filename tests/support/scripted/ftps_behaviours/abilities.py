# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: missing features, as in many good servers."""

from __future__ import annotations

__all__ = [
    "DemandsReuse",
    "DosListing",
    "IgnoresTimes",
    "LocalTimes",
    "LocalizedListing",
    "NoEpsv",
    "NoFeat",
    "NoHash",
    "NoMdtm",
    "NoMfmt",
    "NoMlsd",
    "NoSite",
    "NoTimes",
    "NoUtf8",
    "StrangeZone",
    "UmaskKept",
    "UmaskOnly",
]

import calendar
import re
import ssl
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..ftps_wire import Command, Listed, dos_line, is_write, reply, timestamp, unix_line
from .base import Behaviour

if TYPE_CHECKING:
    from socket import socket

    from ..ftps_session import Session

_UNKNOWN = reply(500, b"Unknown command")
_MONTHS = {
    b"fr": "janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.",
    b"de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
}


class _Lacks(Behaviour):
    """Does not know `verbs`, and FEAT does not name `words`."""

    verbs: tuple[bytes, ...] = ()
    words: tuple[bytes, ...] = ()

    def features(self, lines: list[bytes]) -> list[bytes]:
        return [line for line in lines if not line.startswith(self.words)] if self.words else lines

    def command(self, session: Session, command: Command) -> bytes | None:
        return _UNKNOWN if command.verb in self.verbs else None


class NoMlsd(_Lacks):
    """No MLSD and MLST: LIST is all there is."""

    name = "no_mlsd"
    verbs = (b"MLSD", b"MLST")
    words = (b"MLST",)


class NoMfmt(_Lacks):
    """No MFMT: times are set by MDTM or SITE UTIME."""

    name = "no_mfmt"
    verbs = (b"MFMT", b"MFF")
    words = (b"MFMT",)


class NoMdtm(_Lacks):
    """No MDTM: without MLSD, no reply has a time to the second."""

    name = "no_mdtm"
    verbs = (b"MDTM",)
    words = (b"MDTM",)


class NoTimes(NoMfmt):
    """No way to set a time."""

    name = "no_times"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb == b"MDTM" and is_write(command):
            return reply(550, b"No such file")
        if command.verb == b"SITE" and command.argument.upper().startswith(b"UTIME"):
            return reply(504, b"Unknown SITE command")
        return super().command(session, command)


class NoEpsv(_Lacks):
    """No EPSV: PASV is all there is."""

    name = "no_epsv"
    verbs = (b"EPSV",)
    words = (b"EPSV",)


class NoRest(_Lacks):
    """No REST: content begins with its first byte."""

    name = "no_rest"
    verbs = (b"REST",)
    words = (b"REST",)


class NoHash(_Lacks):
    """No HASH and XSHA256."""

    name = "no_hash"
    verbs = (b"HASH", b"XSHA256")
    words = (b"HASH", b"XSHA")


class NoFeat(_Lacks):
    """No FEAT."""

    name = "no_feat"
    verbs = (b"FEAT",)


class NoSite(_Lacks):
    """No SITE command at all: no umask, no modes."""

    name = "no_site"
    verbs = (b"SITE",)
    words = (b"SITE",)


class NoUtf8(_Lacks):
    """No UTF-8: FEAT does not name it and OPTS refuses it; names are bytes all the same."""

    name = "no_utf8"
    words = (b"UTF8",)

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb == b"OPTS" and command.argument.upper().startswith(b"UTF8"):
            return reply(501, b"Option not understood")
        return None


class UmaskOnly(_Lacks):
    """SITE knows UMASK, but no CHMOD."""

    name = "no_chmod"

    def command(self, session: Session, command: Command) -> bytes | None:
        refused = command.verb == b"SITE" and command.argument.upper().startswith(b"CHMOD")
        return reply(500, b"Unknown SITE command.") if refused else None


class UmaskKept(_Lacks):
    """SITE knows CHMOD, but no UMASK: files come to be as the server likes."""

    name = "no_umask"

    def command(self, session: Session, command: Command) -> bytes | None:
        refused = command.verb == b"SITE" and command.argument.upper().startswith(b"UMASK")
        return reply(504, b"Unknown SITE command") if refused else None


class DosListing(Behaviour):
    """LIST looks as on Windows."""

    name = "dos_listing"
    form = staticmethod(dos_line)

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(215, b"Windows_NT") if command.verb == b"SYST" else None


class LocalizedListing(Behaviour):
    """LIST names months in another language: fr, de."""

    name = "localized_listing"
    default = b"fr"

    def form(self, entry: Listed) -> bytes:
        """Return the line of LIST."""
        months = [month.encode() for month in _MONTHS[self.value].split()]
        return unix_line(entry, months, day_first=self.value == b"fr")


class IgnoresTimes(Behaviour):
    """Acknowledge a time without setting it."""

    name = "ignores_times"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb == b"MFMT" or (command.verb == b"MDTM" and is_write(command)):
            return reply(213, b"Modify=%s; file" % command.argument[:14])
        if command.verb == b"SITE" and command.argument.upper().startswith(b"UTIME"):
            return reply(200, b"UTIME done")
        return None


class LocalTimes(Behaviour):
    """Set and report all times `value` seconds ahead of UTC."""

    name = "local_times"
    default = b"7200"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb == b"MFMT" or (command.verb == b"MDTM" and is_write(command)):
            stamp, _blank, name = command.argument.partition(b" ")
            when = calendar.timegm(time.strptime(stamp.decode(), "%Y%m%d%H%M%S")) - self.number
            return session.act(command._replace(argument=timestamp(when) + b" " + name))
        return None

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb not in (b"MDTM", b"MLST") or is_write(command):
            return answer
        return re.sub(rb"(?<=^213 )\d{14}|(?<=modify=)\d{14}", lambda found: self._later(found[0]), answer)

    def _later(self, stamp: bytes) -> bytes:
        return timestamp(calendar.timegm(time.strptime(stamp.decode(), "%Y%m%d%H%M%S")) + self.number)

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return (entry._replace(mtime=entry.mtime + self.number) for entry in entries)


class StrangeZone(LocalTimes):
    """Report times `value` seconds ahead of UTC, but set them in UTC."""

    name = "strange_zone"

    def command(self, session: Session, command: Command) -> bytes | None:
        return None


class DemandsReuse(Behaviour):
    """A data connection must resume the control connection's TLS session, as with vsftpd."""

    name = "demands_reuse"

    def open_data(self, session: Session, connection: socket) -> socket | None:
        secured = session.service.data_context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
        session.service.note(session=session.number, data=secured.version(), resumed=secured.session_reused)
        if not secured.session_reused:
            raise ssl.SSLError("session reuse required")
        return secured

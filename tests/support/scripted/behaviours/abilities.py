# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: missing and additional abilities."""

from __future__ import annotations

__all__ = [
    "CheckFile",
    "EmptyHardlinks",
    "ForgetsModes",
    "ForgetsTimes",
    "HiddenTargets",
    "LyingCheckFile",
    "NoExtensions",
    "NoModesByHandle",
    "NoPosixRename",
    "NoSetstat",
    "RenameReplaces",
    "SmallLimits",
    "SymlinkByDraft",
    "SymlinkByDraftAnnounced",
]

import hashlib
import os
import struct
from dataclasses import replace

from .. import sftp_wire as wire
from ..sftp_service import Server, Stop
from ..sftp_wire import Attributes, Reply, Request, put_string
from .base import Behaviour, extension


class NoPosixRename(Behaviour):
    """No posix-rename: the plain RENAME, which refuses to replace a file, is all there is."""

    name = "no_posix_rename"
    _missing = b"posix-rename@openssh.com"

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {key: text for key, text in advertised.items() if key != self._missing}

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.status(wire.OP_UNSUPPORTED) if extension(request) == self._missing else None


class NoExtensions(Behaviour):
    """No extension at all."""

    name = "no_extensions"

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {}

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.status(wire.OP_UNSUPPORTED) if request.kind == wire.EXTENDED else None


class SmallLimits(Behaviour):
    """limits@openssh.com states `value` bytes for READ and WRITE and 4 handles, and that is enforced."""

    name = "small_limits"
    default = b"4096"
    _handles = 4

    def request(self, server: Server, request: Request) -> Reply | None:
        if extension(request) == b"limits@openssh.com":
            limits = (self.number + 1024, self.number, self.number, self._handles)
            return Reply(wire.EXTENDED_REPLY, struct.pack(">4Q", *limits))
        if request.kind in (wire.OPEN, wire.OPENDIR) and len(server.opened) >= self._handles:
            return wire.status(wire.FAILURE, "Too many handles")
        if len(request.payload) > self.number + 1024:
            raise Stop
        return None


class NoSetstat(Behaviour):
    """SETSTAT and FSETSTAT are not supported: modes and times stay as the server makes them."""

    name = "no_setstat"
    _kinds = (wire.SETSTAT, wire.FSETSTAT)

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.status(wire.OP_UNSUPPORTED) if request.kind in self._kinds else None


class NoModesByHandle(Behaviour):
    """FSETSTAT of a mode fails, as on Windows OpenSSH with a ChrootDirectory."""

    name = "no_modes_by_handle"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.FSETSTAT:
            return None
        fields = request.fields()
        fields.string()
        return None if fields.attributes().mode is None else wire.status(wire.BAD_MESSAGE)


class _Forgets(Behaviour):
    """Acknowledge changed attributes, but store only the kinds in `kept`."""

    def request(self, server: Server, request: Request) -> Reply | None:
        fields = request.fields()
        start = b""
        if extension(request) == b"lsetstat@openssh.com":
            start = put_string(fields.string())
        elif request.kind not in (wire.SETSTAT, wire.FSETSTAT):
            return None
        kept = start + put_string(fields.string()) + self.kept(fields.attributes()).pack()
        return server.act(Request(request.number, request.kind, kept))

    def kept(self, attributes: Attributes) -> Attributes:
        """Return the stored attributes."""
        return attributes


class ForgetsTimes(_Forgets):
    """Times that are set are acknowledged and not stored."""

    name = "forgets_times"

    def kept(self, attributes: Attributes) -> Attributes:
        return replace(attributes, times=None)


class ForgetsModes(_Forgets):
    """Modes that are set are acknowledged and not stored."""

    name = "forgets_modes"

    def kept(self, attributes: Attributes) -> Attributes:
        return replace(attributes, mode=None)


class CheckFile(Behaviour):
    """Answers check-file-name and check-file-handle as ProFTPD does, SHA-256 only."""

    name = "check_file"

    def request(self, server: Server, request: Request) -> Reply | None:
        kind = extension(request)
        if kind not in (b"check-file-name", b"check-file-handle"):
            return None
        fields = request.fields()
        fields.string()
        subject, wanted, start, length = fields.string(), fields.string(), fields.number(">Q"), fields.number(">Q")
        if b"sha256" not in wanted.split(b","):
            return wire.status(wire.OP_UNSUPPORTED)
        path = server.opened[subject].path if kind == b"check-file-handle" else subject
        try:
            with open(path, "rb") as source:
                source.seek(start)
                content = source.read(length or -1)
        except OSError:
            return wire.status(wire.NO_SUCH_FILE)
        size = fields.number(">I") or len(content) or 1
        blocks = [content[at : at + size] for at in range(0, len(content) or 1, size)]
        return Reply(wire.EXTENDED_REPLY, put_string(b"sha256") + b"".join(map(self.digest, blocks)))

    def digest(self, content: bytes) -> bytes:
        """Return the digest to state."""
        return hashlib.sha256(content).digest()


class LyingCheckFile(CheckFile):
    """As check_file, but every digest is wrong."""

    name = "lying_check_file"

    def digest(self, content: bytes) -> bytes:
        return hashlib.sha256(content + b"!").digest()


class RenameReplaces(Behaviour):
    """RENAME replaces an existing file, as in rclone."""

    name = "rename_replaces"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.RENAME:
            return None
        fields = request.fields()
        old, new = fields.string(), fields.string()
        if not os.path.lexists(old):
            return wire.status(wire.NO_SUCH_FILE)
        os.rename(old, new)
        return wire.ok()


class EmptyHardlinks(Behaviour):
    """Hard links are announced and acknowledged, and none is made, as by rclone."""

    name = "empty_hardlinks"

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.ok() if extension(request) == b"hardlink@openssh.com" else None


class SymlinkByDraft(Behaviour):
    """SYMLINK expects the link first, as in the draft, without announcing it."""

    name = "symlink_by_draft"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.SYMLINK:
            return None
        fields = request.fields()
        link, target = fields.string(), fields.string()
        return server.act(Request(request.number, request.kind, put_string(target) + put_string(link)))


class SymlinkByDraftAnnounced(SymlinkByDraft):
    """As symlink_by_draft, but announced, as in the Green End server."""

    name = "symlink_by_draft_announced"

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {**advertised, b"symlink-order@rjk.greenend.org.uk": b"linkpath-targetpath"}


class HiddenTargets(Behaviour):
    """READLINK rejects absolute targets, as asyncssh does outside the account's root."""

    name = "hidden_targets"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind == wire.READLINK and os.readlink(request.subject).startswith(b"/"):
            return wire.status(wire.NO_SUCH_FILE)
        return None

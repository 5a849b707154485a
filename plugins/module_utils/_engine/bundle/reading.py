# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read an archive whose signature is good, and refuse all that a bundle never has.

Only files, directories and links are members; each name is a path below the root, in ascending order, in a directory
that is a member too; a link cannot lead out of the tree. So no program that unpacks it writes anywhere else.
"""

from __future__ import annotations

import tarfile
from typing import IO, Iterable, Iterator, NamedTuple, Set, Tuple

from ..errors import ProtocolViolation, SyncError, UnsafeName
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, Entry
from ..planning.compare import stays_inside
from .archive import ENCODING, ERRORS, SECOND
from .listing import Member

_KINDS = {tarfile.REGTYPE: FILE, tarfile.DIRTYPE: DIRECTORY, tarfile.SYMTYPE: LINK}
_KEYWORDS = {"path", "linkpath", "size", "mtime", "hdrcharset"}
_BLOCK = tarfile.BLOCKSIZE
_LONGEST_END = 2 * tarfile.RECORDSIZE


class Stored(NamedTuple):
    """One member. offset: where its content begins."""

    member: Member
    offset: int


def unusable(fact: str, path: RelPath = ROOT) -> SyncError:
    """Return the error of an archive with a good signature that is not a bundle."""
    return ProtocolViolation(
        f"dest: is no bundle: {fact}", path=path or None, cure="Ask the sender; the signature of dest is valid."
    )


def read_archive(file: IO[bytes]) -> Tuple[Stored, ...]:
    """Return all members. Raises ProtocolViolation, UnsafeName."""
    try:
        found = tuple(_members(file))
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise unusable(str(error)) from error
    end = found[-1].offset + found[-1].member.entry.size if found else 0
    file.seek(-(-end // _BLOCK) * _BLOCK)
    rest = file.read(_LONGEST_END + 1)
    if not 2 * _BLOCK <= len(rest) <= _LONGEST_END or len(rest) % _BLOCK or rest.strip(b"\0"):
        raise unusable("it is cut, or something follows its members")
    _check_order(each.member for each in found)
    return found


def _members(file: IO[bytes]) -> Iterator[Stored]:
    file.seek(0)
    with tarfile.TarFile(fileobj=file, mode="r", encoding=ENCODING, errors=ERRORS) as archive:
        while True:
            info = archive.next()
            if archive.pax_headers:
                raise unusable("it has a global header")
            if info is None:
                return
            archive.members.clear()  # type: ignore[attr-defined]  # it only grows, and is not read
            yield Stored(_member(info), info.offset_data)


def _member(info: tarfile.TarInfo) -> Member:
    path = _path(info.name)
    kind = _KINDS.get(info.type)
    if kind is None or info.pax_headers.keys() - _KEYWORDS:
        raise unusable("a member is neither a file nor a directory nor a link", path)
    if (info.uid, info.gid, info.uname, info.gname) != (0, 0, "", "") or info.mode & ~PERMISSION_BITS:
        raise unusable("a member has an owner, or more than permission bits", path)
    if kind != FILE and info.size:  # which programs skip, or read as further members
        raise unusable("a member that is no file has content", path)
    target = info.linkname.encode(ENCODING, ERRORS) if kind == LINK else None
    if target is not None and not stays_inside(path, target):
        raise UnsafeName(
            "dest: the target of a link could lead out of the tree", path=path, cure="Do not unpack the archive."
        )
    return Member(path, Entry(kind, info.size, int(info.mtime) * SECOND, info.mode, target))


def _path(name: str) -> RelPath:
    try:
        return RelPath.checked(name.encode(ENCODING, ERRORS))
    except UnsafeName as error:
        raise error.at(error.path, message=f"dest: {error.message}", cure="Do not unpack the archive.") from error


def _check_order(members: Iterable[Member]) -> None:
    directories: Set[bytes] = {ROOT}
    last = ROOT
    for path, entry in members:
        if path <= last:
            raise unusable("its members are not in ascending order", path)
        if path.parent not in directories:
            raise unusable("the directory of a member is not a member", path)
        if entry.kind == DIRECTORY:
            directories.add(path)
        last = path

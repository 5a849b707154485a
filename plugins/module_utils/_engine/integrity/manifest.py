# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
r"""A tree with digests written down in mtree(5) form, so that stock tools can check it.

One full path a line, parents before children, special bytes as \ooo (vis(3), VIS_OCTAL). `time` is seconds, a dot and
nanoseconds: mtree and libarchive read the part after the dot as a whole number of nanoseconds, so nine digits are
written, which every reader interprets alike; times before 1970 are rounded down and count up. `tags`, which other
readers ignore, holds the change time and the inode number of a file on this host. A comment after the first line names
the tree of the manifest, if given. The last line is a comment with the SHA-256 of all lines above it: a truncated or
changed manifest is rejected.
"""

from __future__ import annotations

import re
from struct import error as StructError
from types import MappingProxyType
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ..errors import UnsafeName
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, STAMP, Digests, Entry, Stamps, Tree, find_by_bytes
from .digest import DIGEST_SIZE, UnusableManifest, sha256

_SECOND = 1000000000
_ABOUT = b"# about: "
_SEAL = b"# sha256 "
_SEAL_LENGTH = len(_SEAL) + 2 * DIGEST_SIZE + 1
"""Bytes of the last line."""

_ReadOnlyStamps = Mapping[bytes, bytes]
_NO_STAMPS: _ReadOnlyStamps = MappingProxyType({})

_ODD = re.compile(rb"[^!-~]|[#*=?\[\\\]]")
_FILE_LINE = re.compile(
    rb"^\./([!-~]+) type=file mode=0[0-7]+ size=(\d{1,20}) time=(-?\d{1,20})\.(\d{9}) sha256digest=([0-9a-f]{64})"
    rb"(?: tags=ctime:(-?\d{1,20})\.(\d{9}),inode:(\d{1,20}))?$",
    re.M,
)

_ESCAPE = re.compile(rb"\\(?:([0-3][0-7]{2}|[0-7]{1,2})|M-([ -~])|M\^([?-_])|\^([?-_])|([#\\abfnrstvE])|)")
_C_STYLE = dict(zip(b"#\\abfnrstvE", b"#\\\a\b\f\n\r \t\v\x1b"))
_TIME = re.compile(rb"(-?\d{1,20})\.(\d{1,9})")
_SIZE = re.compile(rb"\d{1,20}")
_DIGEST = re.compile(rb"[0-9a-fA-F]{64}")

_UNSAFE = (b"//", b"/ ", b"/./", b"/. ", b"/../", b"/.. ")
"""Parts of a line whose name has an empty part, "." or "..": "./" comes before a name and a blank after it."""
RecordedFile = Tuple[bytes, Tuple[int, int, bytes, bytes]]
"""A path and the fields of Recorded, as an item of a dictionary."""
_Fields = Tuple[bytes, ...]
"""Name (escaped), size, seconds, nanoseconds, SHA-256 in hexadecimal; of the stamp, if known: seconds,
nanoseconds, inode."""


class Recorded(NamedTuple):
    """A file whose content was known.

    size: bytes
    mtime: nanoseconds since 1970
    digest: SHA-256, 32 bytes
    stamp: as STAMP, b"" if there is none
    """

    size: int
    mtime: int
    digest: bytes
    stamp: bytes = b""


def write_manifest(tree: Tree, digests: Digests, *, stamps: _ReadOnlyStamps = _NO_STAMPS, about: bytes = b"") -> bytes:
    """Return the whole tree as text: files (with a known digest), directories, links. Special entries are left out.
    about: name of the tree, one word."""
    lines = [manifest_head(about), b". type=dir\n"]
    for path in sorted(tree):
        lines.append(_line(path, tree[path], digests.get(path), stamps.get(path)))
    return seal(b"".join(lines))


def seal(body: bytes) -> bytes:
    """Return a manifest with its last line: the SHA-256 of all lines above it."""
    return b"%s%s%s\n" % (body, _SEAL, sha256(body).hexdigest().encode())


def manifest_head(about: bytes) -> bytes:
    return b"#mtree\n%s%s\n" % (_ABOUT, about) if about else b"#mtree\n"


def is_about(head: bytes, about: bytes) -> bool:
    """Return whether a manifest that begins with `head` may be of `about`: it names `about`, or was written
    before manifests had names."""
    return head.startswith(manifest_head(about)) or not head.startswith(manifest_head(b"") + _ABOUT)


def _line(path: bytes, entry: Entry, digest: Optional[bytes], stamp: Optional[bytes]) -> bytes:
    kind, size, mtime, mode, target = entry
    name = escape_name(path)
    if kind == FILE:
        seconds, fraction = divmod(mtime, _SECOND)
        line = b"./%s type=file mode=0%o size=%d time=%d.%09d" % (name, mode, size, seconds, fraction)
        if digest is None:
            return line + b"\n"
        return b"%s sha256digest=%s%s\n" % (line, digest.hex().encode(), _tags(stamp) if stamp else b"")
    if kind == DIRECTORY:
        return b"./%s type=dir mode=0%o time=%d.%09d\n" % (name, mode, *divmod(mtime, _SECOND))
    if kind == LINK:
        return (
            b"./%s type=link\n" % name if target is None else b"./%s type=link link=%s\n" % (name, escape_name(target))
        )
    return b""


def _tags(stamp: bytes) -> bytes:
    changed, inode = STAMP.unpack(stamp)
    return b" tags=ctime:%d.%09d,inode:%d" % (*divmod(changed, _SECOND), inode)


def escape_name(text: bytes) -> bytes:
    """Return a name or a target as one word of a line."""
    return _ODD.sub(_octal, text) if _ODD.search(text) else text


def need_no_escapes(names: Iterable[bytes]) -> bool:
    """Return whether `escape_name` changes none of them."""
    return _ODD.search(b"".join(names)) is None


def _octal(match: re.Match[bytes]) -> bytes:
    return b"\\%03o" % match.group()[0]


def read_manifest(data: bytes, *, sealed: bool = True) -> Dict[RelPath, Recorded]:
    """Return the files of a manifest that have size, time and SHA-256.

    sealed: accept only output of `write_manifest`; if False, manifests of other tools (bsdtar, mtree -C) are read too,
    and unknown lines are left out
    Raises UnusableManifest, and nothing else for any bytes.
    """
    if not sealed:
        return _collect(list(_foreign(data)), plain=False)
    body = unseal(data)
    return _collect(_FILE_LINE.findall(body), plain=are_plain(body))


def recorded_digests(records: Iterable[RecordedFile], tree: Tree, stamps: Optional[Stamps] = None) -> Digests:
    """Return the digests of the files of `tree` whose size and mtime (and stamp, if `stamps` are given) still match the
    record."""
    digests: Digests = {}
    find = find_by_bytes(tree)
    for path, (size, mtime, digest, stamp) in records:
        entry = find(path)
        if entry is None or entry[2] != mtime or entry[1] != size or entry[0] != FILE:
            continue
        if stamps is None or stamps.get(path) == stamp:
            digests[path] = digest
    return digests


def unseal(data: bytes) -> bytes:
    """Return the lines above the seal. Raises UnusableManifest if the seal is not theirs."""
    body = data[:-_SEAL_LENGTH]
    if data != seal(body):
        raise UnusableManifest("the manifest's last line is not the SHA-256 of the lines above it")
    return body


def _foreign(data: bytes) -> Iterator[_Fields]:
    """Yield the certain parts of any mtree(5) text: lines with a full path and all keywords."""
    if data[-_SEAL_LENGTH:].startswith(_SEAL):
        data = unseal(data)
    for line in data.split(b"\n"):
        words = line.split()
        if not line.startswith(b"./") or line.endswith(b"\\") or unescape(words[0]) is None:
            continue
        keywords = dict(word.split(b"=", 1) for word in words[1:] if b"=" in word)
        time = _TIME.fullmatch(keywords.get(b"time", b""))
        size = keywords.get(b"size", b"")
        digest = keywords.get(b"sha256digest", keywords.get(b"sha256", b""))
        if keywords.get(b"type") == b"file" and time and _SIZE.fullmatch(size) and _DIGEST.fullmatch(digest):
            yield words[0][2:], size, time[1], time[2], digest, b"", b"", b""


def _collect(rows: List[_Fields], *, plain: bool) -> Dict[RelPath, Recorded]:
    """plain: no name can leave the tree but by an escape, so that each need not be looked at."""
    records: Dict[RelPath, Recorded] = {}
    for name, size, seconds, nanoseconds, digest, *stamp in rows:
        mtime = int(seconds) * _SECOND + int(nanoseconds)
        path = RelPath(name) if plain and b"\\" not in name else unescape_path(name)
        records[path] = Recorded(int(size), mtime, bytes.fromhex(digest.decode()), _stamp(*stamp))
    if len(records) != len(rows):
        raise UnusableManifest("the manifest lists a file twice")
    return records


def are_plain(body: bytes) -> bool:
    """Return whether no name in these lines can leave the tree, unless by an escape sequence."""
    return not any(part in body for part in _UNSAFE)


def _stamp(seconds: bytes, nanoseconds: bytes, inode: bytes) -> bytes:
    if not inode:
        return b""
    try:
        return STAMP.pack(int(seconds) * _SECOND + int(nanoseconds), int(inode))
    except StructError:
        raise UnusableManifest("the manifest holds a number that is not a valid time or inode") from None


def unescape_path(name: bytes) -> RelPath:
    """Return the path that a line names. Raises UnusableManifest if it is outside the tree."""
    plain = unescape(name) if b"\\" in name else name
    if plain is None:
        raise UnusableManifest("the manifest holds a name with an unknown escape sequence")
    try:
        return RelPath.checked(plain)
    except UnsafeName as error:
        raise UnusableManifest("the manifest lists a path outside its tree") from error


def unescape(name: bytes) -> Optional[bytes]:
    """Undo vis(3) in any style; None if an escape is unknown."""
    try:
        return _ESCAPE.sub(_byte, name)
    except KeyError:
        return None


def _byte(match: re.Match[bytes]) -> bytes:
    octal, meta, meta_control, control, letter = match.groups()
    if octal is not None:
        code = int(octal, 8)
    elif meta is not None:
        code = meta[0] | 0x80
    elif letter is not None:
        code = _C_STYLE[letter[0]]
    else:
        code = _control(meta_control) | 0x80 if meta_control is not None else _control(control)
    return bytes((code,))


def _control(letter: Optional[bytes]) -> int:
    if letter is None:
        raise KeyError(letter)
    return 0x7F if letter == b"?" else letter[0] & 0x1F

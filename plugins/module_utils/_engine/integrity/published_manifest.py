# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A published manifest: the list of a set of files, for every receiver and for stock tools.

Its head is described in `header`. Its entries have only keywords that every receiver can keep, because mtree(8) checks
all keywords of a line: type, size, sha256digest, link. Mode and time are there by request. The directory of the
manifests is marked `ignore`, so that mtree does not report the files in it. The last line is the seal of `manifest`.

MANIFEST/000017.mtree is the 17th manifest of its tree, MANIFEST/000017.mtree.sig its signature,
and MANIFEST/000017.index.age its sealed index, if its files are sealed.

`ssh-keygen -Y sign` writes the signature of FILE to FILE.sig, so `.sig` comes last.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from typing import Callable, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import ManifestTooLarge
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree
from .digest import UnusableManifest
from .header import ManifestHeader, format_header, parse_header
from .manifest import are_plain, escape_name, need_no_escapes, seal, unescape, unescape_path, unseal

MANIFEST_LIMIT = 256 << 20
"""Bytes of a manifest."""
SIGNATURE_LIMIT = 64 << 10
"""Bytes of its signature."""
ENTRY_LIMIT = 5_000_000
"""Entries of a manifest."""

_SECOND = 1000000000
_ATTRIBUTES = rb"(?: mode=0([0-7]{1,3}) time=(-?\d{1,18})\.(\d{9}))?"
_FILE_LINE = re.compile(
    rb"^\./([!-~]+) type=file size=(\d{1,19})" + _ATTRIBUTES + rb" sha256digest=([0-9a-f]{64})$", re.M
)
_DIRECTORY_LINE = re.compile(rb"^\./([!-~]+) type=dir" + _ATTRIBUTES + rb"$", re.M)
_LINK_LINE = re.compile(rb"^\./([!-~]+) type=link link=([!-~]*)$", re.M)

_Rows = List[Tuple[bytes, ...]]
"""The groups of one of these expressions, for each line that it matches."""
SUMS = RelPath(b"SHA256SUMS")
"""The list for sha256sum(1), in the root of the tree."""
MOST_FILES = 100_000
"""Files in a directory of manifests."""
_NAME = re.compile(rb"([0-9]{6,12})\.(?:mtree(\.sig)?|(index)\.[^/]+)")


class PublishedManifest(NamedTuple):
    """A published manifest that was read.

    tree: the set, without the directory of the manifests. mode and mtime are 0 unless `attributes`
    digests: of each file
    attributes: whether files and directories have mode and time
    """

    header: ManifestHeader
    tree: Tree
    digests: Digests
    attributes: bool = False


def write_published(
    header: ManifestHeader, tree: Tree, digests: Digests, *, directory: bytes, attributes: bool = False
) -> bytes:
    """Return the manifest. directory: name of the directory of manifests. Each file has a digest, each link a target.
    Special entries are left out. Raises ManifestTooLarge."""
    lines = _lines_with_attributes(tree, digests) if attributes else _lines(tree, digests)
    data = seal(_opening(header, directory) + b"".join(lines))
    if len(data) > MANIFEST_LIMIT or len(tree) > ENTRY_LIMIT:
        raise ManifestTooLarge(
            f"the manifest has {len(tree)} entries in {len(data)} bytes",
            cure="Publish parts of the tree, each by a task with its own dest.",
        )
    return data


def _opening(header: ManifestHeader, directory: bytes) -> bytes:
    """Return the lines before the entries."""
    return b"%s. type=dir\n%s" % (format_header(header), _ignored(directory))


def _ignored(directory: bytes) -> bytes:
    return b"./%s type=dir ignore\n" % escape_name(directory)


def _lines(tree: Tree, digests: Digests) -> Iterator[bytes]:
    """Yield the line of each entry. The loop runs over everything."""
    paths = sorted(tree)
    plain, find = need_no_escapes(paths), digests.get
    for path in paths:
        entry = tree[path]
        digest = find(path) if entry[0] == FILE else None
        if digest is None:
            yield _other_line(path, entry, b"")
        else:
            name = path if plain else escape_name(path)
            yield b"./%s type=file size=%d sha256digest=%s\n" % (name, entry[1], digest.hex().encode())


def _lines_with_attributes(tree: Tree, digests: Digests) -> Iterator[bytes]:
    for path in sorted(tree):
        entry, digest = tree[path], digests.get(path)
        attributes = b" mode=0%o time=%d.%09d" % (entry.mode, *divmod(entry.mtime, _SECOND))
        if entry.kind == FILE and digest is not None:
            words = (escape_name(path), entry.size, attributes, digest.hex().encode())
            yield b"./%s type=file size=%d%s sha256digest=%s\n" % words
        else:
            yield _other_line(path, entry, attributes)


def _other_line(path: bytes, entry: Entry, attributes: bytes) -> bytes:
    if entry.kind == DIRECTORY:
        return b"./%s type=dir%s\n" % (escape_name(path), attributes)
    if entry.kind == LINK and entry.target is not None:
        return b"./%s type=link link=%s\n" % (escape_name(path), escape_name(entry.target))
    if entry.kind in (FILE, LINK):
        raise ValueError(f"{path!r} has no digest or target")
    return b""


def read_published(data: bytes, *, directory: bytes) -> PublishedManifest:
    """Return the manifest, whose signature has been verified. directory: name of the directory of manifests.

    Raises UnusableManifest for everything that `write_published` does not write, UnknownFormat, ManifestTooLarge.
    """
    header = parse_header(data)
    body = unseal(data)
    marker = b"\n. type=dir\n" + _ignored(directory)
    start = body.find(marker)
    if start < 0:
        raise UnusableManifest(f"it has no line for the directory {escape_name(directory).decode()}")
    entries = body[start + len(marker) :]
    files, directories, links = _rows(entries)
    path_of = _plain_path if are_plain(entries) and b"\\" not in entries else unescape_path
    tree, digests = _files(files, path_of)
    tree.update(_directories(directories, path_of))
    tree.update((path_of(name), Entry(LINK, 0, 0, 0, _target(target))) for name, target in links)
    _check_places(tree, len(files) + len(directories) + len(links), directory)
    return PublishedManifest(header, tree, digests, any(row[2] for row in files) or any(row[1] for row in directories))


def _rows(entries: bytes) -> Tuple[_Rows, _Rows, _Rows]:
    count = entries.count(b"\n")
    if count > ENTRY_LIMIT:
        raise ManifestTooLarge(
            f"the manifest has {count} entries, the limit is {ENTRY_LIMIT}",
            cure="Ask the sender to publish less.",
        )
    files: _Rows = _FILE_LINE.findall(entries)
    directories: _Rows = _DIRECTORY_LINE.findall(entries)
    # Most sets have no links, and each expression costs a walk over all lines.
    links: _Rows = _LINK_LINE.findall(entries) if len(files) + len(directories) < count else []
    if len(files) + len(directories) + len(links) != count:
        raise UnusableManifest("it has a line that is not a known entry")
    return files, directories, links


def _files(rows: _Rows, path_of: Callable[[bytes], RelPath]) -> Tuple[Tree, Digests]:
    tree: Tree = {}
    digests: Digests = {}
    for name, size, mode, seconds, nanoseconds, digest in rows:
        path = path_of(name)
        attributes = (_mtime(seconds, nanoseconds), int(mode, 8)) if mode else (0, 0)
        tree[path] = Entry(FILE, int(size), *attributes)
        digests[path] = unhexlify(digest)
    return tree, digests


def _directories(rows: _Rows, path_of: Callable[[bytes], RelPath]) -> Iterator[Tuple[RelPath, Entry]]:
    for name, mode, seconds, nanoseconds in rows:
        yield path_of(name), Entry(DIRECTORY, 0, _mtime(seconds, nanoseconds), int(mode or b"0", 8))


def _mtime(seconds: bytes, nanoseconds: bytes) -> int:
    return int(seconds) * _SECOND + int(nanoseconds) if seconds else 0


def _plain_path(name: bytes) -> RelPath:
    return RelPath(name)


def _target(word: bytes) -> bytes:
    target = unescape(word)
    if target is None:
        raise UnusableManifest("it holds a target with an unknown escape sequence")
    return target


def _check_places(tree: Tree, lines: int, directory: bytes) -> None:
    """Each path comes once, below directories of the set, and none is in the directory of the manifests."""
    if len(tree) != lines:
        raise UnusableManifest("it lists a path twice")
    for parent in {path.parent for path in tree}:
        if parent and (parent not in tree or tree[parent].kind != DIRECTORY):
            raise UnusableManifest("it lists an entry without its directory")
    if RelPath(directory) in tree:
        raise UnusableManifest("it lists the directory of the manifests as content")


class Published(NamedTuple):
    """One file of a directory of manifests. signature, is_index: whether it is the signature, or the sealed index."""

    sequence: int
    signature: bool
    is_index: bool = False


def manifest_name(sequence: int) -> bytes:
    """Return the name of the manifest in its directory. Six digits at least: names sort by number for a long time."""
    return b"%06d.mtree" % sequence


def signature_name(sequence: int) -> bytes:
    return manifest_name(sequence) + b".sig"


def index_name(sequence: int, extension: bytes) -> bytes:
    """Return the name of the sealed index. extension: of sealed files."""
    return b"%06d.index" % sequence + extension


def parse_published(name: bytes) -> Optional[Published]:
    """Return the number and role of a file of the directory; None if a run does not publish this name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    sequence = int(match[1])
    if not sequence or match[1] != b"%06d" % sequence:
        return None
    return Published(sequence, match[2] is not None, match[3] is not None)


def complete_pairs(names: Iterable[bytes]) -> List[int]:
    """Return the numbers with both files, highest first."""
    files = {parse_published(name) for name in names}
    numbers = {each.sequence for each in files if each is not None}
    return sorted((each for each in numbers if files.issuperset(_pair(each))), reverse=True)


def _pair(sequence: int) -> List[Published]:
    return [Published(sequence, signature=False), Published(sequence, signature=True)]

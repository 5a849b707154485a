# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directory trees to synchronise, and the tests' own way of comparing two of them.

`tree_digest` shares no code with the product: it decides whether a synchronization of two trees was right.
"""

from __future__ import annotations

__all__ = [
    "IRREGULAR",
    "LARGE",
    "ODD_NAMES",
    "Seen",
    "differences",
    "distribution_tree",
    "make_large_sparse",
    "make_many",
    "make_modes",
    "make_odd_names",
    "make_sample",
    "tree_digest",
]

import contextlib
import hashlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

MTIME = 1_700_000_000


def _make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):  # a long path is no address
        server.bind(path.name)


def _link_to_directory(path: Path) -> None:
    (path.parent / "directory").mkdir()
    path.symlink_to("directory")


IRREGULAR: tuple[Callable[[Path], object], ...] = (
    Path.mkdir,
    os.mkfifo,
    _make_socket,
    _link_to_directory,
    lambda path: path.symlink_to("/dev/zero"),
)
"""Make an entry that is no regular file, or a link to one."""
# More than 32 bits can count.
LARGE = 4 * 1024**3 + 65_536 + 1
_BLOCK = 1 << 20
_CANDIDATES = ("/usr/share/doc", "/usr/share/zoneinfo", "/usr/share/perl", "/usr/lib/python3", "/usr/share", "/usr/lib")
_WANTED_FILES, _WANTED_LINKS = 2_000, 10

ODD_NAMES: tuple[bytes, ...] = (
    b"line\nfeed",
    b"carriage\rreturn",
    b"tab\tulator",
    b"escape\x1b[31mred",
    b"bell\x07",
    b"-rf",
    b"--help",
    b" leading blank",
    b"trailing blank ",
    b" ",
    b"single'quote",
    b'double"quote',
    b"back\\slash",
    b"star*",
    b"what?",
    b"[a-z]",
    b"{a,b}",
    b"$HOME",
    b"`id`",
    b"semi;colon",
    b"amper&sand",
    b"pipe|line",
    b"ti~lde",
    b"~root",
    b"#comment",
    b"percent%41",
    b"colon:name",
    b"{{ template }}",
    b".hidden",
    b"..twodots",
    b"...",
    b"high\x80byte",
    b"all\xffbits",
    b"\xc3\x28",
    "compos\u00e9d".encode(),
    "decompose\u0301d".encode(),
    "bidi\u202egnp.exe".encode(),
    "emoji-\U0001f600".encode(),
    b"Case",
    b"case",
    b"x" * 255,
    b"\xff" * 255,
    b"file.part",
    b"file.tmp",
    b".file.~tmp~",
    b".name.XXXXXX",
    b"CON",
    b"trailing.",
)


class Seen(NamedTuple):
    """The result of `tree_digest` for a name.

    content: SHA-256 of a file in hex, target of a link, else nothing. kind is a letter of `find -type`; size and mtime
    (whole seconds) are 0 if they have no meaning.
    """

    kind: str
    mode: int
    size: int
    mtime: int
    content: bytes


def tree_digest(root: Path | str | bytes, *, directory_mtime: bool = False) -> dict[bytes, Seen]:
    """Give everything below `root`, by its name relative to it. Links are read and never followed."""
    found: dict[bytes, Seen] = {}
    top = os.fsencode(root)
    pending = [b""]
    while pending:
        prefix = pending.pop()
        with os.scandir(os.path.join(top, prefix)) as entries:
            for entry in entries:
                name = os.path.join(prefix, entry.name)
                seen = _see(entry, directory_mtime=directory_mtime)
                found[name] = seen
                if seen.kind == "d":
                    pending.append(name)
    return dict(sorted(found.items()))


def differences(left: dict[bytes, Seen], right: dict[bytes, Seen], *, limit: int = 20) -> list[str]:
    """Describe where two results of `tree_digest` differ, at most `limit` lines; nothing if they are equal."""
    names = sorted({*left, *right})
    lines = [f"{name!r}: {left.get(name)} / {right.get(name)}" for name in names if left.get(name) != right.get(name)]
    return lines[:limit] + ([f"and {len(lines) - limit} more"] if len(lines) > limit else [])


def distribution_tree() -> Path:
    """Return a directory of the distribution with links and thousands of files, independent of these tests."""
    counted = {}
    for name in _CANDIDATES:
        files = links = 0
        for place, directories, others in os.walk(name):
            files += len(others)
            links += sum(os.path.islink(os.path.join(place, each)) for each in directories + others)
        if files >= _WANTED_FILES and links >= _WANTED_LINKS:
            return Path(name)
        counted[name] = (files, links)
    raise RuntimeError(f"no directory of the distribution holds {_WANTED_FILES} files and links: {counted}")


def make_sample(root: Path) -> None:
    """Make a small tree of everything: nested and empty directories, files, modes, links, odd names."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("empty", "deep/er/and/deeper", "with space"):
        (root / name).mkdir(parents=True)
    for name, content in (
        ("plain", b"plain\n"),
        ("nothing", b""),
        ("deep/er/one", b"1"),
        ("deep/er/and/deeper/last", b"last\n" * 1000),
        ("with space/binary", bytes(range(256)) * 1024),
    ):
        (root / name).write_bytes(content)
    os.symlink("plain", root / "link")
    os.symlink("deep/er", root / "link to a directory")
    os.symlink("does-not-exist", root / "dangling")
    make_modes(root / "modes")
    make_odd_names(root / "odd")
    _set_times(root)


def make_modes(root: Path) -> None:
    """Make files and directories of many modes; each name is its mode. All can be read by their owner."""
    root.mkdir(parents=True, exist_ok=True)
    for mode in (0o400, 0o444, 0o600, 0o640, 0o644, 0o660, 0o666, 0o700, 0o750, 0o755, 0o777):
        file = root / f"file-{mode:03o}"
        file.write_text(f"{mode:o}\n")
        file.chmod(mode)
    for mode in (0o500, 0o555, 0o700, 0o750, 0o755, 0o777):
        directory = root / f"directory-{mode:03o}"
        directory.mkdir()
        (directory / "inside").write_text("inside\n")
        directory.chmod(mode)


def make_odd_names(root: Path) -> None:
    """Make a file for each of ODD_NAMES, and a directory with a file in it for every third."""
    os.makedirs(root, exist_ok=True)
    place = os.fsencode(root)
    for number, name in enumerate(ODD_NAMES):
        target = os.path.join(place, name)
        if number % 3 == 2:
            os.mkdir(target)
            target = os.path.join(target, name)
        with open(target, "wb") as file:
            file.write(b"%d " % number + name)


def make_many(root: Path, count: int, *, size: int = 4096, per_directory: int = 100) -> int:
    """Make `count` files of `size` bytes, all different, in directories of `per_directory`. Gives the bytes made."""
    root.mkdir(parents=True, exist_ok=True)
    filler = hashlib.shake_128(b"filler").digest(max(0, size - 16))
    descriptor = -1
    for number in range(count):
        if number % per_directory == 0:
            if descriptor >= 0:
                os.close(descriptor)
            directory = root / f"d{number // per_directory:05d}"
            directory.mkdir()
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        file = os.open(f"f{number:07d}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=descriptor)
        os.write(file, (b"%016d" % number + filler)[:size])
        os.utime(file, (MTIME, MTIME + number % 1000))
        os.close(file)
    if descriptor >= 0:
        os.close(descriptor)
    return count * size


def make_large_sparse(path: Path, size: int = LARGE) -> None:
    """Make a file of `size` bytes, 4 GiB and more, that takes little room: data at both ends and around 2^32."""
    with open(path, "wb") as file:
        file.truncate(size)
        for place in (0, size // 2, (1 << 32) - 4, size - 8):
            if 0 <= place <= size - 8:
                file.seek(place)
                file.write(b"%08x" % (place % 0xFFFFFFFF))
    os.utime(path, (MTIME, MTIME))


def _see(entry: os.DirEntry[bytes], *, directory_mtime: bool) -> Seen:
    status = entry.stat(follow_symlinks=False)
    mode = stat.S_IMODE(status.st_mode) & 0o777
    if entry.is_symlink():
        # The mode of a link is always 0777 on Linux and means nothing.
        return Seen("l", 0o777, 0, 0, os.readlink(entry.path))
    if entry.is_dir(follow_symlinks=False):
        return Seen("d", mode, 0, int(status.st_mtime) if directory_mtime else 0, b"")
    if not entry.is_file(follow_symlinks=False):
        return Seen(_special(status.st_mode), mode, 0, 0, b"")
    return Seen("f", mode, status.st_size, int(status.st_mtime // 1), _file_digest(entry.path))


def _special(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "p"), (stat.S_ISSOCK, "s"), (stat.S_ISBLK, "b"), (stat.S_ISCHR, "c"))
    return next(letter for test, letter in kinds if test(mode))


def _file_digest(path: bytes) -> bytes:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest().encode()


def _set_times(root: Path) -> None:
    """Give every file a time of its own in the past, so that a copied time cannot be confused with a new time."""
    for number, (place, directories, files) in enumerate(os.walk(os.fsencode(root), topdown=False)):
        for offset, name in enumerate(sorted(directories) + sorted(files)):
            when = MTIME + number * 1000 + offset
            os.utime(os.path.join(place, name), (when, when), follow_symlinks=False)

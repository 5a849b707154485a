# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a scan reads: files of directories, compressed files, the journal of systemd."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import stat
import subprocess
import zlib
from typing import Any, Callable, Iterator, List, Sequence, Tuple

JOURNAL = "journal"
"""A source that is not a file."""
UNREADABLE = (OSError, EOFError, MemoryError, zlib.error, lzma.LZMAError)
"""The errors of a file that cannot be read to its end."""
_BLOCK = 1 << 20
_SKIPPED = frozenset((".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", "node_modules"))
_MOST_TIMES, _SMALL = 200, 16 << 20
"""A file may open to so many times its size on the disk, or to so many bytes: zeros take no room there."""
_OPENERS: Tuple[Tuple[bytes, Callable[[Any], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\0", lzma.open),
)
"""By the first bytes of a file."""
_CLOSED = (
    b"PK\x03\x04",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"Rar!\x1a",
    b"\x1f\x9d",
    b"LZIP",
)
"""ZIP, 7-Zip, Zstandard, LZ4, RAR, compress, lzip: nothing here opens them."""


def files_below(path: str, others: Sequence[str] = ()) -> Tuple[List[str], List[str]]:
    """Return the regular files below a path, or the file itself, and the places that are not read, with reasons.

    A link out of the path is followed to a file, but not to a directory, unless that is below one of the others, which
    are read too. Directories of version control and of packages are left out.
    """
    files: List[str] = []
    refused: List[str] = []
    read = [os.path.realpath(each) for each in (path, *others)]

    def refuse(error: OSError) -> None:
        refused.append(f"{error.filename}: {error.strerror}")

    def leads_out(each: str) -> bool:
        target = os.path.realpath(each)
        return os.path.islink(each) and not any(os.path.commonpath((target, root)) == root for root in read)

    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return [], [f"{path}: {error.strerror}"]
    if not stat.S_ISDIR(mode):
        return ([path], []) if stat.S_ISREG(mode) else ([], [f"{path}: not a file or directory"])
    for place, directories, names in os.walk(path, onerror=refuse):
        directories[:] = sorted(name for name in directories if name not in _SKIPPED)
        links = filter(leads_out, (os.path.join(place, name) for name in directories))
        refused += [f"{each}: a link to a directory that is not searched: {os.path.realpath(each)}" for each in links]
        below = [os.path.join(place, name) for name in sorted(names)]
        files += [each for each in below if _is_file(each, refuse) or (leads_out(each) and os.path.isfile(each))]
    return files, refused or ([] if files else [f"{path}: a directory without files"])


def _is_file(path: str, refuse: Callable[[OSError], None]) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError as error:
        refuse(error)
        return False


def at_once(path: str, flags: int) -> int:
    """Open a file for `open`, without waiting for the writer of a FIFO."""
    return os.open(path, flags | os.O_NONBLOCK)


def blocks_of(path: str) -> Iterator[bytes]:
    """Yield the content of a file, decompressed, without NUL bytes: so the ASCII text of UTF-16 and UTF-32 is seen.

    Raises UNREADABLE; of an archive that cannot be opened, after its bytes.
    """
    with open(path, "rb", opener=at_once) as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "not a file")
        head = file.peek(8)
        stream = next((opener(file) for magic, opener in _OPENERS if head.startswith(magic)), file)
        left = max(_SMALL, _MOST_TIMES * 512 * state.st_blocks)
        for block in iter(lambda: stream.read(_BLOCK) or b"", b""):
            left -= len(block)
            if left < 0:
                raise OSError(errno.EFBIG, f"opens to more than {_MOST_TIMES} times its size on the disk")
            yield block.replace(b"\0", b"")
    if head.startswith(_CLOSED):
        raise OSError(errno.ENOTSUP, "a compressed file that cannot be opened: only its own bytes were searched")


def journal_blocks() -> Iterator[bytes]:
    """Yield the journal, all fields of each entry (journalctl(1), export format). Raises OSError."""
    command = ["journalctl", "--quiet", "--no-pager", "--output=export"]
    # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as journal:
        if journal.stdout is None or journal.stderr is None:
            raise OSError("journalctl has no output")
        output = journal.stdout
        yield from iter(lambda: output.read(_BLOCK), b"")
        error = journal.stderr.read(500).decode("utf-8", "replace").strip()
    if journal.returncode:
        raise OSError(journal.returncode, error or "journalctl failed")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of trust on this host, of allowed signers and of revoked keys. Read once, before any contact.

Everything fails closed: a file that is missing, empty or damaged, or that others could write, ends the run. ssh-keygen
reads an empty file of revoked keys as a list without keys.
"""

from __future__ import annotations

import os
import stat
from typing import List, NamedTuple

from ..errors import PinStoreUnsafe, TrustStoreUnreadable
from ..model.display import display_text
from ..model.local_path import local_path
from ..trust.fingerprint import parse_public_key

_LARGEST = 64 << 20
_KRL_MAGIC = b"SSHKRL\n\0"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class RevokedKeys(NamedTuple):
    """The content of a file of revoked keys. binary: whether it is a key revocation list (KRL), else a list of keys."""

    content: bytes
    binary: bool


def read_signer_lines(path: str, option: str) -> List[str]:
    """Return the lines of a file of allowed signers. Raises TrustStoreUnreadable, PinStoreUnsafe."""
    return _read(path, option).decode("utf-8", "surrogateescape").split("\n")


def read_revoked(path: str, option: str) -> RevokedKeys:
    """Return the revoked keys. Raises TrustStoreUnreadable, PinStoreUnsafe."""
    keys = revoked_keys(_read(path, option))
    if not keys.binary:
        _check_list(keys.content, path, option)
    return keys


def revoked_keys(content: bytes) -> RevokedKeys:
    """Return the keys of a file that was checked when it was read."""
    return RevokedKeys(content, binary=content.startswith(_KRL_MAGIC))


def _check_list(content: bytes, path: str, option: str) -> None:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    if not content.strip():
        raise _unusable(path, option, "is empty: it would revoke nothing")
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#") and not _is_key(line):
            raise _unusable(path, option, "line %d is not a public key, and the file is not a whole KRL" % number)


def _is_key(line: str) -> bool:
    words = line.split()
    try:
        return len(words) > 1 and bool(parse_public_key(words[0], words[1]))
    except ValueError:
        return False


def _read(path: str, option: str) -> bytes:
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        descriptor = os.open(local_path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, option, error.strerror or str(error)) from None
    try:
        _check(path, option, os.fstat(descriptor))
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise _unusable(path, option, error.strerror or str(error)) from None
    finally:
        os.close(descriptor)


def _check(path: str, option: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise _unusable(path, option, "is not a regular file of at most %d MiB" % (_LARGEST >> 20))
    if status.st_mode & _OTHERS_WRITE or status.st_uid not in (0, os.geteuid()):
        raise PinStoreUnsafe(
            "%s: others may write %s (uid %d, mode %04o)"
            % (option, display_text(path), status.st_uid, stat.S_IMODE(status.st_mode)),
            cure="Check its lines, then make it yours with chown and chmod go-w.",
        )


def _unusable(path: str, option: str, fact: str) -> TrustStoreUnreadable:
    return TrustStoreUnreadable(
        "%s: %s: %s" % (option, display_text(path), fact), cure="Set %s to a whole, current file." % option
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of files that name accounts, NAME or NAME:HASH: the list of FTPS accounts and their second passwords. Pure."""

from __future__ import annotations

from typing import List, Tuple


def is_listed(content: bytes, account: str) -> bool:
    """Return whether a line names the account."""
    return bool(_parted(content, account)[0])


def hashes_in(content: bytes, account: str) -> Tuple[str, ...]:
    """Return the second fields of the lines of the account."""
    fields = [line.decode("utf-8", "replace").strip().split(":") for line in _parted(content, account)[0]]
    return tuple(each[1] for each in fields if len(each) > 1)


def with_account(content: bytes, account: str) -> bytes:
    """Return the content with a line that names the account."""
    if is_listed(content, account):
        return content
    return b"".join([*_lines(content), b"%s\n" % account.encode()])


def without_account(content: bytes, account: str) -> bytes:
    """Return the content without the lines of the account."""
    own, others = _parted(content, account)
    return b"".join(others) if own else content


def _parted(content: bytes, account: str) -> Tuple[List[bytes], List[bytes]]:
    """Return the lines of the account, and the others."""
    own = [line for line in _lines(content) if line.strip().split(b":")[0] == account.encode()]
    return own, [line for line in _lines(content) if line not in own]


def _lines(content: bytes) -> List[bytes]:
    """Return the lines with their ends, also for an unterminated last line."""
    lines = content.split(b"\n")
    return [line + b"\n" for line in (lines if lines[-1] else lines[:-1])]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorized keys in the jail: an account that writes there lets others in."""

from __future__ import annotations

from typing import Iterable, Iterator

from ...model.display import display
from ...model.findings import Finding
from .catalogue import finding
from .leftovers import joined
from .sftp_session import SftpSession

_NAMES = (b".ssh/authorized_keys", b".ssh/authorized_keys2", b".ssh", b"authorized_keys")


def key_files(sftp: SftpSession, directories: Iterable[bytes]) -> Iterator[Finding]:
    """Look for files of keys by their usual names."""
    for directory in directories:
        found = next((path for path in (joined(directory, name) for name in _NAMES) if sftp.entry(path)), None)
        if found is not None:
            yield finding("keys_inside", "the jail has %s" % display(found))

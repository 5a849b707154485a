# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether sshd refuses a key by a file of revoked keys, in lines or in a list."""

from __future__ import annotations

import tempfile

from ...system.changes import Changes
from ...trust.fingerprint import PublicKey
from ..server_files import locked_directory
from .key_lines import is_list, revoked_keys
from .revocation import key_file


def is_refused(path: str, key: PublicKey) -> bool:
    """Return whether the file refuses the key. Raises UnsafePath, NotSupported, KrlDamaged."""
    with locked_directory(key_file(path), Changes(check_mode=True)) as directory:
        content = directory.read(path.rpartition("/")[2]) or b""
    if not is_list(content):
        return key.text in revoked_keys(content)
    from ...krl.keygen import KrlFile  # only for servers with a list; pylint: disable=import-outside-toplevel

    with tempfile.TemporaryDirectory() as scratch:
        return KrlFile(scratch, content).refuses(key)

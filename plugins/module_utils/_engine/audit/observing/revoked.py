# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of revoked keys that sshd reads: its form and, of a key revocation list, version and date."""

from __future__ import annotations

from typing import Any, Dict

from ...errors import KrlDamaged
from ...krl.header import MAGIC, read_header
from ...model.utc import utc
from .sshd_view import for_login


def revocation_list(address: str) -> Dict[str, Any]:
    """Return form, version and date; version 0 and no date if there is no key revocation list."""
    path = (for_login("root", address).get("revokedkeys") or ("none",))[0]
    if path == "none":
        return _found("", "none")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return _found(path, "missing")
    if not content.startswith(MAGIC[:6]):
        return _found(path, "text")
    try:
        header = read_header(content, path)
    except KrlDamaged:
        return _found(path, "damaged")
    return _found(path, "krl", header.version, utc(header.date))


def _found(path: str, form: str, version: int = 0, date: str = "") -> Dict[str, Any]:
    return {"path": path, "form": form, "version": version, "date": date}

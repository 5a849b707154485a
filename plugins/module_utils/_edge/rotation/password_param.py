# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password of an account, as the operator gives it."""

from __future__ import annotations

from ..._engine.errors import InvalidRequest

_SHORTEST, _LONGEST = 16, 127  # vsftpd accepts no longer password


def checked_password(text: str) -> str:
    """Return the checked password; errors never show it."""
    if not _SHORTEST <= len(text.encode("utf-8", "surrogateescape")) <= _LONGEST or not text.isprintable():
        raise InvalidRequest(
            f"password: must have {_SHORTEST} to {_LONGEST} printable characters",
            cure="Generate it with the role password_rotation or a password manager.",
        )
    return text

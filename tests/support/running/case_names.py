# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of cases: each process gives a test the same name, also if a parameter is made at random, such as a key."""

from __future__ import annotations

__all__ = ["pytest_make_parametrize_id"]

_LONGEST = 60


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a long text by its parameter; pytest appends a number if several cases have that name."""
    return argname if isinstance(val, (str, bytes)) and len(val) > _LONGEST else None

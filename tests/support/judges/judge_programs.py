# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs in Python that must not share their libraries with the tests: requirements/judges.in names them."""

from __future__ import annotations

__all__ = ["judge"]

from ..running.python_environment import python_environment


def judge(program: str) -> str:
    """Return the path of a program of that environment, such as "sslyze" or "python"."""
    return str(python_environment("judges") / "bin" / program)

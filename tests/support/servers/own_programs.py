# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of a test that an account with a shell finds before the system's."""

from __future__ import annotations

__all__ = ["FOUND_FIRST", "put_program"]

from .sshd import Sshd

FOUND_FIRST = "SetEnv PATH=/run/sync/files/bin:/usr/bin:/bin"
"""For the server's `config`."""


def put_program(server: Sshd, name: str, script: str) -> None:
    """Put a script where `FOUND_FIRST` has the account look."""
    program = server.root / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(script)
    program.chmod(0o755)

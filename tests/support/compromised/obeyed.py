# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts that Ansible obeys for the next task, and a program that shows it: it takes the place of sudo."""

from __future__ import annotations

__all__ = ["Sudo"]

from pathlib import Path

OBEYED = ("ansible_sudo_exe", "ansible_su_exe", "ansible_sudo_flags", "ansible_remote_tmp", "ansible_sftp_executable")
"""Names that Ansible leaves in facts, although it removes other connection variables."""
_PROGRAM = """#!/bin/sh
touch %s
while [ "$1" != /bin/sh ]; do shift; done
exec "$@"
"""


class Sudo:
    """The sudo of the machine, and another program that a host names; each leaves a trace and then acts like sudo.

    environment: lets Ansible find the first.
    """

    def __init__(self, directory: Path) -> None:
        self._ours, self._theirs = directory / "ours", directory / "theirs"
        self._evil = _program(directory / "evil" / "sudo", self._theirs)
        ours = _program(directory / "bin" / "sudo", self._ours)
        path = f"{ours.parent}:/usr/bin:/bin"
        self.environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true", "PATH": path}

    @property
    def facts(self) -> dict[str, str]:
        """The facts that name the other program."""
        return dict.fromkeys(OBEYED, str(self._evil))

    @property
    def ran(self) -> bool:
        """Whether a task ran through the machine's own."""
        return self._ours.exists()

    @property
    def obeyed(self) -> bool:
        """Whether a task ran through the other program."""
        return self._theirs.exists()


def _program(path: Path, trace: Path) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(_PROGRAM % trace)
    path.chmod(0o755)
    return path

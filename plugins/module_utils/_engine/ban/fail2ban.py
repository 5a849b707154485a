# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""fail2ban on this host: asked about a configuration, made to use it, asked whether it does."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from typing import Optional

from ..errors import BanFailed
from ..system.program import ask_program, run_program
from .jail import DIRECTORY, path_of

_CLIENT = "/usr/bin/fail2ban-client"
_UNIT = "fail2ban.service"
_START_SECONDS = 30.0


def installed() -> bool:
    """Return whether fail2ban is installed."""
    return os.path.exists(_CLIENT)


def watches(jail: str) -> bool:
    """Return whether the jail runs, also after a boot."""
    return not ask_program("systemctl", "--quiet", "is-enabled", _UNIT).status and _runs(jail)


def check(drop_in: str, text: Optional[str]) -> None:
    """Have fail2ban test a copy of its configuration with the drop-in. Raises BanFailed."""
    with tempfile.TemporaryDirectory(prefix="fail2ban-stage-") as work:
        copy = os.path.join(work, "fail2ban")
        shutil.copytree(DIRECTORY, copy)
        _write(path_of(drop_in, copy), text)
        completed = ask_program(_CLIENT, "-c", copy, "--test")
    if completed.status:
        raise BanFailed(
            "fail2ban refuses its configuration: %s" % " ".join((completed.err or completed.out).split()),
            cure="Correct the file below %s that the message names; nothing was changed." % DIRECTORY,
        )


def take_up(jail: str) -> None:
    """Start it afresh: a reload of fail2ban 1.0 leaves a jail whose action changed without any. Bans stay.

    Raises BanFailed if the jail does not run then.
    """
    run_program("systemctl", "unmask", _UNIT)
    run_program("systemctl", "enable", _UNIT)
    run_program("systemctl", "restart", _UNIT)
    deadline = time.monotonic() + _START_SECONDS
    while not _runs(jail):
        if time.monotonic() > deadline:
            raise BanFailed(
                "fail2ban does not start the jail %s" % jail, cure="Read /var/log/fail2ban.log on the host."
            )
        time.sleep(0.2)


def release() -> None:
    """Have it forget a jail whose drop-in is gone; the jail's bans end."""
    if not ask_program("systemctl", "--quiet", "is-active", _UNIT).status:
        run_program("systemctl", "restart", _UNIT)


def _runs(jail: str) -> bool:
    """Return whether it watches and can ban."""
    actions = ask_program(_CLIENT, "get", jail, "actions")
    return not actions.status and "No actions" not in actions.out


def _write(path: str, text: Optional[str]) -> None:
    if text is not None:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    elif os.path.exists(path):
        os.unlink(path)

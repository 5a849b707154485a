# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file of vsftpd, as options and values."""

from __future__ import annotations

import os
from typing import Dict, Optional

from .observed import Unobservable

__all__ = ["CONFIGS", "ftps_settings", "parse"]

CONFIGS = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")


def ftps_settings() -> Dict[str, str]:
    """Return the options. Raises Unobservable without a file."""
    path = _config()
    if path is None:
        raise Unobservable("there is no configuration of vsftpd")
    with open(path, encoding="utf-8", errors="replace") as file:
        return parse(file.read())


def _config() -> Optional[str]:
    return next((path for path in CONFIGS if os.path.exists(path)), None)


def parse(text: str) -> Dict[str, str]:
    """Return option -> value. As for vsftpd, the last line of an option counts."""
    lines = (line for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name: value.strip() for name, _equals, value in (line.partition("=") for line in lines)}

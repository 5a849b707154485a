# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file of vsftpd, as options and values."""

from __future__ import annotations

import os
from typing import Dict

from .observed import Unobservable

CONFIGS = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")


def ftps_settings() -> Dict[str, str]:
    """Return the options. Raises Unobservable without a file, and with two."""
    found = [path for path in CONFIGS if os.path.exists(path)]
    if len(found) != 1:
        raise Unobservable("vsftpd has %s" % (" and ".join(found) if found else "no configuration"))
    with open(found[0], encoding="utf-8", errors="replace") as file:
        return parse(file.read())


def parse(text: str) -> Dict[str, str]:
    """Return option -> value. As for vsftpd, the last line of an option counts, and blanks before it do not."""
    lines = (line for line in text.split("\n") if "=" in line and not line.startswith("#"))
    return {name.lstrip(): value.strip() for name, _equals, value in (line.partition("=") for line in lines)}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers from observed settings of vsftpd."""

from __future__ import annotations

from typing import Mapping

from .control import NotMeasured

_YES, _NO = ("YES", "TRUE", "1"), ("NO", "FALSE", "0")


def is_on(settings: Mapping[str, str], name: str, default: str = "NO") -> bool:
    """Return whether an option is on. Raises NotMeasured for a value that vsftpd refuses."""
    value = settings.get(name, default).upper()
    if value not in (*_YES, *_NO):
        raise NotMeasured("ftps_settings: %s is %s, neither YES nor NO" % (name, value[:40]))
    return value in _YES

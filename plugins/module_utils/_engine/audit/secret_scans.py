# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of secret_scan as evidence: a scan that left something out shows no absence of secrets."""

from __future__ import annotations

from typing import Any, Mapping

from .control import NotMeasured


def require_whole(scan: Mapping[str, Any]) -> None:
    """Raise NotMeasured if a scan read nothing, or did not check everything that it was given."""
    if scan["checked"]["files"] < 1:
        raise NotMeasured("secret_scan: no file was read")
    if scan["not_checked"]:
        raise NotMeasured("secret_scan: not checked: %s" % "; ".join(scan["not_checked"]))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons for which a job is not deployed."""

from __future__ import annotations

from ...errors import Refused


class CheckFailed(Refused):
    """The job failed in check mode, in a unit like its own."""

    code = "check_failed"


class ExposureTooHigh(Refused):
    """The unit is open further than the limit."""

    code = "exposure_too_high"

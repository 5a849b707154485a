# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of evidence.

Refused
|-- EvidenceTooLarge  max_size has no room for the lists of a capture, or a host announces a larger archive
|-- EvidenceChanged   a host sent other bytes than it announced
`-- CustodyBroken     the custody chain of a case, or a bundle in it, was changed
"""

from __future__ import annotations

from ..errors import Refused


class EvidenceTooLarge(Refused):
    code = "evidence_too_large"


class EvidenceChanged(Refused):
    code = "evidence_changed"


class CustodyBroken(Refused):
    code = "custody_broken"

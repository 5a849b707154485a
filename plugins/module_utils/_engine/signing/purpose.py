# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The purposes of signatures. A signature for one purpose never counts for another: its purpose is signed with it."""

from __future__ import annotations

from typing import NamedTuple


class Purpose(NamedTuple):
    """One purpose.

    namespace: as ssh-keygen and lines of allowed signers name it
    subject: the signed text, in words
    """

    namespace: str
    subject: str


MANIFESTS = Purpose("manifest@ftp-synchronize", "manifest")
RECEIPTS = Purpose("receipt@ftp-synchronize", "receipt")
ARCHIVES = Purpose("bundle@ftp-synchronize", "archive")
BAGS = Purpose("bag@ftp-synchronize", "tag manifest")
REVOCATIONS = Purpose("krl@secure.ftp_synchronize", "key revocation list")
EVIDENCE = Purpose("evidence@secure.ftp_synchronize", "evidence")
AUDITS = Purpose("audit@ftp-synchronize", "audit report")

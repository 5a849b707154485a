# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts and places of the role mfa, which mfa_info and the audit know too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.mfa.pam_text import DIRECTORY, PROGRAM, SERVICE, block_text, program_text, service_text


def mfa_texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Return them for the options of the role."""
    present = [person for person in options["mfa_people"] if person["state"] != "absent"]
    names = [person["name"] for person in present if "totp" in person["methods"]]
    return {
        "directory": DIRECTORY,
        "program": PROGRAM,
        "service": SERVICE,
        "program_text": program_text(),
        "service_text": service_text(),
        "block_text": block_text(names, options["mfa_group"]),
    }

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of sealed files.

InvalidRequest
|-- RecipientInvalid    a recipient is not a public key that can be used
`-- SealingUnavailable  neither a library nor a program for the format
ItemError
|-- IdentityMissing     no identity opens the file
`-- SealedDamaged       the file was changed or cut, or is not a sealed file
"""

from __future__ import annotations

from ..errors import InvalidRequest, ItemError


class RecipientInvalid(InvalidRequest):
    code = "recipient_invalid"


class SealingUnavailable(InvalidRequest):
    code = "sealing_unavailable"


class IdentityMissing(ItemError):
    code = "identity_missing"


class SealedDamaged(ItemError):
    code = "sealed_damaged"


def not_for_us() -> IdentityMissing:
    """Return the error of a file that was sealed for others."""
    return IdentityMissing(
        "no identity opens this file",
        cure="Add the identity of one of its recipients, or ask the sender to add your recipient.",
    )


def sealed_damaged(fact: str) -> SealedDamaged:
    """Return the error of a file that cannot be opened to its end."""
    return SealedDamaged(
        "the sealed file is damaged: %s" % fact, cure="Ask the sender to push this file again; nothing of it was kept."
    )

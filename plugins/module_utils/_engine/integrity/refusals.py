# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of signed sets and receipts.

Refused
|-- ManifestMissing     no complete pair of manifest and signature
|-- ManifestExpired     its validity has ended, or it is older than the reader accepts
|-- ManifestNotYetValid it was issued in the future
|-- ManifestRollback    an older manifest than the newest known
|-- ManifestFork        another manifest under a known number, or after another predecessor
|-- ManifestForeign     a manifest of another tree
|-- ManifestMisnamed    the number in the name is not the number in the text
|-- ManifestUnknown     a sender has no state of the manifests that are published
|-- ManifestTooLarge    more bytes, entries or header lines than a reader accepts
|-- ReceiptBroken       a chain of receipts was changed
`-- SetIncomplete       the files at the server are not the files of the manifest
TrustError
|-- SignatureInvalid    the signature is not of these bytes, or not of this purpose
|-- SignerUnknown       no line of allowed signers names this key for this principal
|-- SignerRevoked       the key is in the list of revoked keys
`-- SignerExpired       the key is not valid at this time
SyncError
`-- SigningFailed       no signature could be made; what was published stays
ItemError
`-- ContentUnsigned     an entry that the manifest does not name
ProofFailed
`-- DigestMismatch      the content of a file is not the signed content
"""

from __future__ import annotations

from ..errors import ItemError, ProofFailed, Refused, SyncError, TrustError


class ManifestMissing(Refused):
    code = "manifest_missing"


class ManifestExpired(Refused):
    code = "manifest_expired"


class ManifestNotYetValid(Refused):
    code = "manifest_not_yet_valid"


class ManifestRollback(Refused):
    code = "manifest_rollback"


class ManifestFork(Refused):
    code = "manifest_fork"


class ManifestForeign(Refused):
    code = "manifest_foreign"


class ManifestMisnamed(Refused):
    code = "manifest_misnamed"


class ManifestUnknown(Refused):
    code = "manifest_unknown"


class ManifestTooLarge(Refused):
    code = "manifest_too_large"


class ReceiptBroken(Refused):
    code = "receipt_broken"


class DrillOverdue(Refused):
    code = "drill_overdue"


class SetIncomplete(Refused):
    code = "set_incomplete"


class SignatureInvalid(TrustError):
    code = "signature_invalid"


class SignerUnknown(TrustError):
    code = "signer_unknown"


class SignerRevoked(TrustError):
    code = "signer_revoked"


class SignerExpired(TrustError):
    code = "signer_expired"


class SigningFailed(SyncError):
    code = "signing_failed"


class ContentUnsigned(ItemError):
    code = "content_unsigned"


class DigestMismatch(ProofFailed):
    code = "digest_mismatch"

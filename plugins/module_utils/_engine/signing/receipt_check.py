# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and checks a directory of receipts. It only reads.

Each text and its signature are copied to a private directory before `ssh-keygen` reads them, so both are of the bytes
whose digest counts.
"""

from __future__ import annotations

import os
import tempfile
from typing import NamedTuple, Optional

from ..errors import OperationFailed, SignatureInvalid, SignerExpired, SignerRevoked, SignerUnknown
from ..integrity.digest import sha256
from ..model.display import display
from ..system.root_owned_path import closing
from .receipt import UnusableReceipt, parse_receipt, receipt_name, receipt_number, signature_name
from .receipt_chain import Chain, Found, check_chain
from .receipt_directory import read_file
from .signature_check import SignaturePolicy, SignatureVerifier

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_REFUSALS = (SignatureInvalid, SignerUnknown, SignerRevoked, SignerExpired)


class ReceiptCheck(NamedTuple):
    """One check.

    path: of the directory
    policy: whose signatures count
    witness: digest of a receipt that must be there, 64 hexadecimal digits
    """

    path: bytes
    policy: SignaturePolicy
    witness: Optional[str] = None


def check_receipts(check: ReceiptCheck) -> Chain:
    """Return the chain with its findings. Raises OperationFailed, TrustStoreUnreadable, ClientMissing."""
    try:
        with tempfile.TemporaryDirectory() as private, closing(os.open(check.path, _DIRECTORY)) as directory:
            return _check(check, directory, private)
    except OSError as error:
        raise OperationFailed(
            "path: %s: %s" % (display(check.path), error.strerror or error),
            cure="Set path to the directory of the receipts, and let the user of the task read it.",
        ) from None


def _check(check: ReceiptCheck, directory: int, private: str) -> Chain:
    names = os.listdir(directory)
    texts = sorted(filter(None, map(receipt_number, names)))
    signatures = sorted(filter(None, (receipt_number(name, signature=True) for name in names)))
    verifier = SignatureVerifier(check.policy, private)
    found = [_found(number, directory, private, verifier) for number in texts]
    orphans = [number for number in signatures if number not in set(texts)]
    return check_chain(found, orphans=orphans, witness=check.witness)


def _found(number: int, directory: int, private: str, verifier: SignatureVerifier) -> Found:
    data = read_file(directory, receipt_name(number))
    digest = sha256(data).hexdigest()
    try:
        receipt = parse_receipt(data)
    except UnusableReceipt as error:
        return Found(number, digest, None, SignatureInvalid.code, str(error))
    try:
        signature = read_file(directory, signature_name(number))
    except FileNotFoundError:
        return Found(number, digest, receipt, SignatureInvalid.code, "it has no signature")
    try:
        verifier.verify(*(_copy(private, name, content) for name, content in (("text", data), ("sig", signature))))
    except _REFUSALS as error:
        return Found(number, digest, receipt, error.code, error.message)
    return Found(number, digest, receipt)


def _copy(private: str, name: str, content: bytes) -> str:
    path = os.path.join(private, name)
    with open(path, "wb") as file:
        file.write(content)
    return path

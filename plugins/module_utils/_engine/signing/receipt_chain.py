# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of receipts in a directory, checked without a change.

Each receipt names the SHA-256 of the file before. So an edited receipt, a removed receipt, and receipts that changed
places are found. If the last receipts are removed, the rest is a shorter, whole chain: that is found only with a
witness, the digest of a removed receipt that is known from elsewhere.

A receipt of type RESET, which a person makes, closes the faults after the last good receipt. The receipts between
prove nothing, and the chain continues.

Each text and its signature are copied to a private directory before `ssh-keygen` reads them, so both are of the bytes
whose digest counts.
"""

from __future__ import annotations

import os
import tempfile
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import OperationFailed, SignatureInvalid, SignerExpired, SignerRevoked, SignerUnknown
from ..integrity.digest import sha256
from ..model.display import display
from ..model.findings import CRITICAL, HIGH, INFO, LOW, MEDIUM
from ..system.root_owned_path import closing
from .receipt_directory import (
    DRILL,
    NO_PREVIOUS,
    RESET,
    SYNC,
    Head,
    Receipt,
    UnusableReceipt,
    parse_receipt,
    read_file,
    receipt_name,
    receipt_number,
    signature_name,
)
from .signature_check import SignaturePolicy, SignatureVerifier

CLOCKS_APART = 300
"""Seconds by which a run may begin before the end of the run before: two runs of one chain may overlap longer."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_REFUSALS = (SignatureInvalid, SignerUnknown, SignerRevoked, SignerExpired)


class Found(NamedTuple):
    """One file of a receipt.

    number: in its name
    digest: SHA-256, 64 hexadecimal digits
    receipt: None if the text is no receipt
    refusal: code of the error of its signature; "" for a valid signature
    fault: of text or signature, in words
    """

    number: int
    digest: str
    receipt: Optional[Receipt]
    refusal: str = ""
    fault: str = ""


class ReceiptFinding(NamedTuple):
    """One fault of a chain. sequence: number of the receipt; None for the whole chain. observed, wanted: for people."""

    id: str
    severity: str
    sequence: Optional[int]
    observed: str
    wanted: str


class Chain(NamedTuple):
    """The result of a check.

    last: the receipt with the highest number
    good: the last receipt up to which everything is whole
    job: name of the chain
    newest: the last receipt, if it is good
    drills, syncs: the drills and the runs of secure_sync that are proven, of any verdict, the oldest first
    """

    findings: Tuple[ReceiptFinding, ...]
    last: Optional[Head]
    good: Optional[Head]
    job: str
    newest: Optional[Receipt] = None
    drills: Tuple[Receipt, ...] = ()
    syncs: Tuple[Receipt, ...] = ()

    @property
    def is_broken(self) -> bool:
        return any(finding.severity == CRITICAL for finding in self.findings)


def check_chain(found: Sequence[Found], *, orphans: Sequence[int] = (), witness: Optional[str] = None) -> Chain:
    """Check the receipts of a directory.

    found: sorted by number
    orphans: numbers of signatures without a receipt
    witness: digest of a receipt that must be there
    """
    found = _with_covered(found)
    findings = [*_none(found), *_faults_of_all(found), *_after_the_last(found, orphans), *_lost(found, witness)]
    by_number = {each.number: each for each in found}
    for each in found:
        if each.receipt is not None and each.receipt.type == RESET and not each.refusal:
            findings = [_closed_by(each.receipt, by_number, finding) for finding in findings]
    last = None if not found else Head(found[-1].number, found[-1].digest)
    job = next((each.receipt.job for each in reversed(found) if each.receipt is not None), "")
    good = _last_good(found, findings)
    newest = found[-1].receipt if found and good == last else None
    proven = _proven(found, good)
    drills, syncs = (tuple(each for each in proven if each.type == kind) for kind in (DRILL, SYNC))
    return Chain(tuple(findings), last, good, job, newest, drills, syncs)


def _none(found: Sequence[Found]) -> Iterator[ReceiptFinding]:
    """An empty directory is no proof that there never was a receipt."""
    if not found:
        yield ReceiptFinding("no_receipts", HIGH, None, "the directory has no receipts", "at least one")


def _with_covered(found: Sequence[Found]) -> Sequence[Found]:
    """Return the files, where the key of a receipt may have expired since: a later, valid signature covers all receipts
    before it."""
    last = max((each.number for each in found if not each.refusal), default=0)
    return [
        each._replace(refusal="", fault="") if each.refusal == SignerExpired.code and each.number < last else each
        for each in found
    ]


def _faults_of_all(found: Sequence[Found]) -> Iterator[ReceiptFinding]:
    before: Optional[Found] = None
    for each in found:
        yield from _gap(each, before)
        yield from _own_faults(each)
        if each.receipt is not None:
            yield from _link_faults(each.number, each.receipt, before)
        before = each


def _gap(each: Found, before: Optional[Found]) -> Iterator[ReceiptFinding]:
    first, last = 1 if before is None else before.number + 1, each.number - 1
    if first <= last:
        numbers = f"receipt {first} is" if first == last else f"receipts {first} to {last} are"
        yield ReceiptFinding("gap", CRITICAL, first, numbers + " missing", "every number once")


def _own_faults(each: Found) -> Iterator[ReceiptFinding]:
    if each.receipt is None:
        yield ReceiptFinding("malformed", CRITICAL, each.number, each.fault, "one line in the form of receipts")
    elif each.receipt.seq != each.number:
        yield ReceiptFinding(
            "wrong_sequence",
            CRITICAL,
            each.number,
            f"its text has number {each.receipt.seq}",
            "the number of its name",
        )
    if each.refusal:
        yield ReceiptFinding("signature", CRITICAL, each.number, each.fault, "a valid signature of the principal")


def _link_faults(number: int, receipt: Receipt, before: Optional[Found]) -> Iterator[ReceiptFinding]:
    if number != (1 if before is None else before.number + 1):
        return  # The file before is missing, which is a finding of its own.
    expected = NO_PREVIOUS if before is None else before.digest
    if receipt.prev != expected:
        yield ReceiptFinding("broken_link", CRITICAL, number, f"prev is {receipt.prev}", expected)
    past = None if before is None else before.receipt
    if past is not None and receipt.ended < past.ended - CLOCKS_APART:
        ended = (receipt.fields.get("ended"), past.fields.get("ended"))
        yield ReceiptFinding("clock_back", LOW, number, f"it ended at {ended[0]}", f"{ended[1]} or later")


def _after_the_last(found: Sequence[Found], orphans: Sequence[int]) -> Iterator[ReceiptFinding]:
    """A signature after the last receipt is of a run that was killed while it wrote, or its receipt was removed."""
    last = found[-1].number if found else 0
    for number in orphans:
        if number == last + 1:
            yield ReceiptFinding(
                "unsigned_tail", MEDIUM, number, "a signature without its receipt", "the next run replaces it"
            )
        elif number > last:
            yield ReceiptFinding("cut_tail", CRITICAL, number, "a signature without its receipt", "both files")


def _lost(found: Sequence[Found], witness: Optional[str]) -> Iterator[ReceiptFinding]:
    if witness is not None and all(each.digest != witness for each in found):
        last = "no receipt" if not found else f"the last receipt is number {found[-1].number}"
        yield ReceiptFinding("cut_tail", CRITICAL, None, f"{last}, and none has the witnessed digest", witness)


def _closed_by(reset: Receipt, by_number: Dict[int, Found], finding: ReceiptFinding) -> ReceiptFinding:
    """Return the finding as closed, if the reset closes it and itself continues a good receipt."""
    if finding.severity != CRITICAL:
        return finding
    after = 0
    if reset.good is not None:
        kept = by_number.get(reset.good.seq)
        if kept is None or kept.digest != reset.good.digest:
            return finding
        after = reset.good.seq
    known_lost = finding.sequence is None and reset.lost == finding.wanted
    if known_lost or (finding.sequence is not None and after < finding.sequence < reset.seq):
        text = f"{finding.observed} ({finding.id}), closed by the reset {reset.seq}"
        return finding._replace(id="closed", severity=INFO, observed=text)
    return finding


def _proven(found: Sequence[Found], good: Optional[Head]) -> List[Receipt]:
    """Return the receipts up to the last good receipt, without receipts that a reset closed."""
    receipts = [each.receipt for each in found if each.receipt is not None and good and each.number <= good.seq]
    closed = [range(reset.good.seq + 1 if reset.good else 1, reset.seq) for reset in receipts if reset.type == RESET]
    return [receipt for receipt in receipts if not any(receipt.seq in numbers for numbers in closed)]


def _last_good(found: Sequence[Found], findings: List[ReceiptFinding]) -> Optional[Head]:
    broken = [each.sequence for each in findings if each.severity == CRITICAL and each.sequence is not None]
    good = [each for each in found if not broken or each.number < min(broken)]
    return Head(good[-1].number, good[-1].digest) if good else None


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
            f"path: {display(check.path)}: {error.strerror or error}",
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

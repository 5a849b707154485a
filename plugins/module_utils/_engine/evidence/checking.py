# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of a case: its chain of custody, and that each bundle is the bundle that was collected."""

from __future__ import annotations

import os
import tempfile
from typing import Dict, Iterator, List, NamedTuple, Set, Tuple

from ..errors import SyncError, TrustError
from ..integrity.digest import sha256
from ..model.findings import CRITICAL, HIGH
from ..signing.signature_check import SignaturePolicy, SignatureVerifier
from .case_directory import COLLECTED, CaseDirectory, Step, broken_lines, parse_steps

_SUMS = "SHA256SUMS"
_BLOCK = 1 << 18
_LARGEST = 1 << 16


class CaseFinding(NamedTuple):
    """id: stable name. place: line of custody or bundle."""

    id: str
    severity: str
    place: str
    observed: str


class CaseReport(NamedTuple):
    """steps: the lines that have the form of lines."""

    findings: List[CaseFinding]
    steps: List[Step]
    bundles: List[str]


def check_case(path: bytes, policy: SignaturePolicy) -> CaseReport:
    """Check a case. Raises OSError, SyncError if no signature can be verified at all."""
    case = CaseDirectory(os.path.dirname(path), os.path.basename(path).decode("ascii", "replace"))
    with tempfile.TemporaryDirectory() as directory:
        verifier = SignatureVerifier(policy, directory)
        return _Check(case, verifier, directory).run()


class _Check:
    def __init__(self, case: CaseDirectory, verifier: SignatureVerifier, directory: str) -> None:
        self._case, self._verifier, self._directory = case, verifier, directory

    def run(self) -> CaseReport:
        steps, malformed = parse_steps(self._case.content())
        findings = [CaseFinding("malformed", CRITICAL, _line(each), "not a line of custody") for each in malformed]
        findings += [
            CaseFinding("broken_link", CRITICAL, _line(each), "it does not follow the line before")
            for each in broken_lines(steps)
        ]
        if not steps:
            findings.append(CaseFinding("no_custody", HIGH, "custody.jsonl", "it is missing or empty"))
        findings += self._signatures(steps)
        bundles = self._case.bundles()
        findings += self._bundles(steps, bundles)
        return CaseReport(findings, [step for step in steps if step.fields], bundles)

    def _signatures(self, steps: List[Step]) -> Iterator[CaseFinding]:
        """Each signature is of all lines up to its own: the first wrong line is named, and those after it follow."""
        text = os.path.join(self._directory, "custody")
        lines = b""
        for number, step in enumerate(steps, 1):
            lines += step.line
            with open(text, "wb") as file:
                file.write(lines)
            fact = self._refused(text, os.fsdecode(self._case.signature(number)))
            if fact:
                yield CaseFinding("signature", CRITICAL, _line(number), fact)
                return
        if os.path.exists(self._case.signature(len(steps) + 1)):
            yield CaseFinding("cut_tail", CRITICAL, _line(len(steps) + 1), "its signature has no line")

    def _bundles(self, steps: List[Step], bundles: List[str]) -> Iterator[CaseFinding]:
        known = {str(step.fields["bundle"]): step for step in steps if step.fields.get("action") == COLLECTED}
        for name in sorted(known.keys() | set(bundles)):
            if name not in known:
                yield CaseFinding("not_in_custody", CRITICAL, name, "no line of custody has it")
            elif name not in bundles:
                yield CaseFinding("missing", CRITICAL, name, "the bundle is not there")
            else:
                fact = self._wrong(name, known[name])
                if fact:
                    yield CaseFinding("changed", CRITICAL, name, fact)

    def _wrong(self, name: str, step: Step) -> str:
        """Return the fault of a bundle; "" for nothing."""
        directory = os.path.join(os.fsdecode(self._case.path), name)
        sums = os.path.join(directory, _SUMS)
        try:
            with open(sums, "rb") as file:
                content = file.read(_LARGEST)
            if sha256(content).hexdigest() != step.fields["sha256"]:
                return f"{_SUMS} is not the file in its line of custody"
            fact = self._refused(sums, sums + ".sig")
            return fact or _wrong_file(directory, _parsed(content))
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or str(error)

    def _refused(self, signed: str, signature: str) -> str:
        """Return why a signature is refused; "" for a good signature."""
        if not os.path.exists(signature):
            return "it has no signature"
        try:
            self._verifier.verify(signed, signature)
        except TrustError as error:
            return error.message
        except SyncError:
            raise
        return ""


def _line(number: int) -> str:
    return f"line {number}"


def _parsed(content: bytes) -> Dict[str, str]:
    """Return name and digest of each line. Raises ValueError."""
    pairs: List[Tuple[str, str]] = []
    for line in content.decode("ascii").splitlines():
        digest, name = line.split("  ", 1)
        if "/" in name or name in ("", ".", ".."):
            raise ValueError(f"{_SUMS} has a path")
        pairs.append((name, digest))
    return dict(pairs)


def _wrong_file(directory: str, wanted: Dict[str, str]) -> str:
    there: Set[str] = set(os.listdir(directory)) - {_SUMS, _SUMS + ".sig"}
    if there != set(wanted):
        return f"it has other files than {_SUMS}"
    return next((f"{name} is changed" for name, digest in wanted.items() if _digest(directory, name) != digest), "")


def _digest(directory: str, name: str) -> str:
    digest = sha256()
    descriptor = os.open(os.path.join(directory, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()

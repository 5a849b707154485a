# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freshness: whether a manifest with a valid signature may be taken by a reader now. Pure.

A signature proves who signed, not when it was served. An attacker at the server can serve an older manifest (rollback),
go on serving the same manifest (freeze), serve a second manifest of one number (fork), or serve the manifest of another
tree of the same signer. The rules are checked in a fixed order, so that each attack has its own error.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from ..errors import (
    ManifestExpired,
    ManifestForeign,
    ManifestFork,
    ManifestMisnamed,
    ManifestNotYetValid,
    ManifestRollback,
    SyncError,
)
from ..integrity.header import ManifestHeader
from ..model.utc import utc
from .set_state import SetState

CLOCKS_APART = 300
"""Seconds by which the clock of the signer may be ahead of the reader's."""

_COMPROMISE = "Ask the sender; the server, or an account that can write there, may have put it there."


class FreshnessPolicy(NamedTuple):
    """The reader's demands.

    max_age: seconds since the manifest was issued
    min_sequence: the lowest acceptable number
    accept_tree: the tree to take, also if another was seen before
    """

    max_age: Optional[int] = None
    min_sequence: int = 1
    accept_tree: Optional[str] = None


def accept(
    header: ManifestHeader,
    *,
    number: int,
    digest: str,
    seen: Optional[SetState],
    policy: FreshnessPolicy,
    now: float,
) -> SetState:
    """Return the state after the manifest was accepted. Raises the error of the first rule that it breaks.

    number: in the name of the file
    digest: SHA-256 of the manifest, in hexadecimal digits
    seen: the newest manifest accepted before
    now: this host's clock, seconds since 1970
    """
    if header.sequence != number:
        raise ManifestMisnamed(
            f"the manifest with the name of number {number} is number {header.sequence}", cure=_COMPROMISE
        )
    known = _check_tree(header, seen, policy.accept_tree)
    _check_times(header, policy.max_age, now)
    if header.sequence < policy.min_sequence:
        raise ManifestRollback(
            f"the newest manifest is number {header.sequence}, and min_sequence is {policy.min_sequence}",
            cure=_COMPROMISE,
        )
    if known is not None:
        _check_order(header, digest, known)
        if known.digest == digest:
            return known
    return SetState(header.tree, header.sequence, digest, header.issued, int(now))


def _check_tree(header: ManifestHeader, seen: Optional[SetState], accept_tree: Optional[str]) -> Optional[SetState]:
    """Return the state that counts for this tree."""
    if seen is not None and seen.tree == header.tree:
        return seen
    wanted = accept_tree or (header.tree if seen is None else seen.tree)
    if header.tree != wanted:
        raise ManifestForeign(
            f"the manifest is for tree {header.tree}, expected is tree {wanted}",
            cure="Ask the sender. If the sender began a new tree, set accept_tree to its id.",
        )
    return None


def _check_times(header: ManifestHeader, max_age: Optional[int], now: float) -> None:
    if header.issued > now + CLOCKS_APART:
        raise ManifestNotYetValid(
            f"the manifest was issued at {utc(header.issued)}, and this host's clock is at {utc(now)}",
            cure="Set the clocks of both hosts (NTP).",
        )
    if header.expires <= now:
        raise ManifestExpired(
            f"the manifest expired at {utc(header.expires)}",
            cure="Ask the sender to push again; check this host's clock.",
        )
    if max_age is not None and header.issued < now - max_age:
        raise ManifestExpired(
            f"max_age: the manifest was issued at {utc(header.issued)}, more than {max_age} s ago",
            cure="Ask the sender to push again, or raise max_age.",
        )


def _check_order(header: ManifestHeader, digest: str, seen: SetState) -> None:
    """Refuse an order of manifests that one sender cannot have published."""
    if header.sequence < seen.sequence:
        raise ManifestRollback(
            f"the newest manifest is number {header.sequence}, and number {seen.sequence} was accepted before",
            cure=_COMPROMISE,
        )
    if header.sequence == seen.sequence and digest != seen.digest:
        raise _fork(f"another manifest with the number {seen.sequence} was accepted before")
    if header.sequence == seen.sequence + 1 and header.previous.hex() != seen.digest:
        raise _fork(f"manifest {header.sequence} does not follow the manifest {seen.sequence} that was accepted before")


def _fork(text: str) -> SyncError:
    return ManifestFork(
        text, cure="Ask the sender: a second host may sign with the same key, or the key may be stolen."
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freshness: each attack with a valid signature has its own error, and only an accepted manifest moves the state."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.header import ManifestHeader
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.set_state import (
    CLOCKS_APART,
    FreshnessPolicy,
    SetState,
    accept,
)

NOW = 1_800_000_000
DAY = 86400
TREE, OTHER = "a" * 32, "b" * 32
SEEN = SetState(TREE, 16, "16" * 32, NOW - 2 * DAY, NOW - DAY)


def manifest(**changes: Any) -> ManifestHeader:
    sound = ManifestHeader(TREE, 17, NOW - 60, NOW + 7 * DAY, bytes.fromhex(SEEN.digest))
    return sound._replace(**changes)


def outcome(
    header: ManifestHeader,
    *,
    number: int = 0,
    digest: str = "17" * 32,
    seen: Optional[SetState] = SEEN,
    now: float = NOW,
    **policy: Any,
) -> SetState | str:
    try:
        return accept(
            header,
            number=number or header.sequence,
            digest=digest,
            seen=seen,
            policy=FreshnessPolicy(**policy),
            now=now,
        )
    except SyncError as error:
        return error.code if error.cure else "an error without a cure"


def test_the_first_the_next_and_one_after_a_gap_are_taken() -> None:
    taken = SetState(TREE, 17, "17" * 32, NOW - 60, NOW)
    assert outcome(manifest(), seen=None) == taken
    assert outcome(manifest()) == taken
    assert outcome(manifest(sequence=20, previous=bytes(32))) == taken._replace(sequence=20)


def test_the_same_manifest_again_keeps_the_time_when_it_was_first_seen() -> None:
    assert outcome(manifest(sequence=16), digest=SEEN.digest) == SEEN


@pytest.mark.parametrize(
    ("header", "options", "code"),
    [
        (manifest(), {"number": 18}, "manifest_misnamed"),
        (manifest(tree=OTHER), {}, "manifest_foreign"),
        (manifest(issued=NOW + 3600), {}, "manifest_not_yet_valid"),
        (manifest(expires=NOW), {}, "manifest_expired"),
        (manifest(issued=NOW - 3601), {"max_age": 3600}, "manifest_expired"),
        (manifest(), {"min_sequence": 18}, "manifest_rollback"),
        (manifest(), {"min_sequence": 18, "seen": None}, "manifest_rollback"),
        (manifest(sequence=15), {}, "manifest_rollback"),
        (manifest(sequence=16), {"digest": "99" * 32}, "manifest_fork"),
        (manifest(previous=bytes(32)), {}, "manifest_fork"),
    ],
)
def test_each_attack_has_its_code(header: ManifestHeader, options: dict[str, Any], code: str) -> None:
    assert outcome(header, **options) == code


def test_the_rules_are_checked_in_order() -> None:
    worst: dict[str, Any] = {"sequence": 15, "tree": OTHER, "issued": NOW + DAY, "expires": NOW - DAY}
    codes = [outcome(manifest(**worst), number=17)]
    for name in ("sequence", "tree", "issued", "expires"):
        good = {"sequence": 15, "tree": TREE, "issued": NOW - DAY, "expires": NOW + DAY}[name]
        worst[name] = good
        codes.append(outcome(manifest(**worst), max_age=60, min_sequence=16))
    assert codes == [
        "manifest_misnamed",
        "manifest_foreign",
        "manifest_not_yet_valid",
        "manifest_expired",
        "manifest_expired",
    ]
    assert outcome(manifest(**worst), min_sequence=16) == "manifest_rollback"


def test_clocks_may_differ_by_some_minutes() -> None:
    assert isinstance(outcome(manifest(issued=NOW + CLOCKS_APART)), SetState)
    assert outcome(manifest(issued=NOW + CLOCKS_APART + 1)) == "manifest_not_yet_valid"


def test_another_tree_is_taken_by_its_id_alone() -> None:
    other = manifest(tree=OTHER, sequence=1, previous=bytes(32))
    assert outcome(other, accept_tree=OTHER) == SetState(OTHER, 1, "17" * 32, NOW - 60, NOW)
    assert outcome(other, accept_tree="c" * 32) == "manifest_foreign"
    assert outcome(other, seen=None, accept_tree="c" * 32) == "manifest_foreign"
    assert isinstance(outcome(manifest(), accept_tree=OTHER), SetState), "the sender has not begun the new tree yet"

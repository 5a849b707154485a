# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of generations: read back as written; other names are refused; they sort by time."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.plan import (
    KEY_TYPES,
    Generation,
    next_generation,
    parse_generation,
)


@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("made", [0, 1_790_000_000, 4_102_444_799])
def test_a_name_is_read_back(made: int, key_type: str) -> None:
    generation = Generation(made, key_type)
    assert parse_generation(generation.name) == generation


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ed25519",
        "ed25519-20260230T000000Z",
        "dsa-20260101T000000Z",
        "ed25519-20260101T000000Z\n",
        "../ed25519-20260101T000000Z",
    ],
)
def test_any_other_name_is_no_generation(name: str) -> None:
    assert parse_generation(name) is None


def test_the_next_generation_is_newer_although_the_clock_was_set_back() -> None:
    newest = Generation(1000, "rsa")
    assert next_generation(None, "ed25519", 5.9) == Generation(5, "ed25519")
    assert next_generation(newest, "ed25519", 2000.0) == Generation(2000, "ed25519")
    assert next_generation(newest, "ed25519", 10.0) == Generation(1001, "ed25519")
    assert max(newest, next_generation(newest, "ed25519", 10.0)).key_type == "ed25519"

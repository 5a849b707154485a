# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of sealed files belong to one item, or to the whole task."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    ItemError,
    RecipientInvalid,
    SealingUnavailable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    not_for_us,
    sealed_damaged,
)


def test_a_file_that_cannot_be_opened_is_one_item() -> None:
    for error in (not_for_us(), sealed_damaged("cut")):
        placed = error.at(b"a.age")
        assert isinstance(placed, ItemError)
        assert placed.path == b"a.age"
        assert placed.cure
    assert "cut" in sealed_damaged("cut").message


def test_wrong_options_end_the_task() -> None:
    assert issubclass(RecipientInvalid, InvalidRequest)
    assert issubclass(SealingUnavailable, InvalidRequest)

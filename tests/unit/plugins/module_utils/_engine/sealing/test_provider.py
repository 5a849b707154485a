# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All providers have one interface."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing import age
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    BLOCK,
    Opener,
    Sealer,
)


@pytest.mark.parametrize("sealer", [age.AgeSealer, age.PyrageSealer])
def test_sealers_have_the_interface(sealer: type) -> None:
    assert {"seal", "close"} <= vars(Sealer).keys() & vars(sealer).keys()


@pytest.mark.parametrize("opener", [age.AgeOpener, age.PyrageOpener])
def test_openers_have_the_interface(opener: type) -> None:
    assert {"open", "close"} <= vars(Opener).keys() & vars(opener).keys()


def test_a_block_is_small() -> None:
    assert BLOCK <= 1 << 20

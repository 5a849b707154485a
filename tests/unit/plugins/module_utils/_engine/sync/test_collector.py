# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The garbage collector rests for a while, and is afterwards as it was before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.collector import (
    collector_as_before,
    collector_at_rest,
)


@pytest.fixture(autouse=True)
def _on_afterwards() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def fail_at_rest() -> None:
    with collector_at_rest():
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise KeyError


@pytest.mark.parametrize("was_on", [True, False])
def test_it_rests_and_is_as_before_whatever_happened(was_on: bool) -> None:
    if not was_on:
        gc.disable()
    with pytest.raises(KeyError):
        fail_at_rest()
    assert gc.isenabled() is was_on


def test_what_was_made_meanwhile_is_not_looked_through_until_the_run_is_over() -> None:
    before = gc.get_freeze_count()
    with collector_as_before():
        with collector_at_rest():
            made = [[number] for number in range(1000)]
        assert gc.get_freeze_count() >= before + len(made)
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_freezes_nothing() -> None:
    gc.disable()
    with collector_at_rest():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() < len(made)

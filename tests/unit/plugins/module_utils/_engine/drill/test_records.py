# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a job, in a real chain."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.record import Records
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    ReceiptDirectory,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer
from support.servers.ssh_keys import key
from support.trees.receipt_chain import ReceiptChain


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    return ReceiptChain(tmp_path / "receipts")


@pytest.fixture
def records(chain: ReceiptChain) -> Iterator[Records]:
    signer = Signer(Signing(private_key_file=str(key("receipts").path)))
    yield Records(ReceiptDirectory(os.fsencode(chain.directory)), signer)
    signer.close()


def test_numbers_follow_the_chain(records: Records, chain: ReceiptChain) -> None:
    assert records.next_number == 1
    chain.write(2)
    assert records.next_number == 3
    written = records.write({**chain.least(3, ""), "type": "drill", "run_id": "r3"})
    assert written == (os.fsencode(chain.path(3)), 3, chain.digest(3))
    assert chain.fields(3)["prev"] == chain.digest(2)


def test_only_the_newest_record_is_of_a_run_that_was_killed_while_it_cleaned(
    records: Records, chain: ReceiptChain
) -> None:
    assert not records.has("r1")
    chain.write(run_id="r1")
    assert records.has("r1")
    assert not records.has(None)
    chain.write(run_id="r2")
    assert not records.has("r1")

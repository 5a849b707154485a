# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of a sealed file by its head, as two programs seal files."""

from __future__ import annotations

import subprocess

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.source import sealed_size
from pyrage import x25519
from support.scenes.sealed_pair import age_key

CHUNK = 64 << 10
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 300_000]


@pytest.mark.parametrize("size", SIZES)
def test_the_size_of_files_that_pyrage_seals(size: int) -> None:
    recipients = [x25519.Recipient.from_str(age_key().recipient) for _ in range(3)]
    sealed = pyrage.encrypt(bytes(size), recipients)
    assert sealed_size(sealed[:2000], size) == len(sealed)


def test_the_size_of_files_that_age_seals() -> None:
    for size in (0, CHUNK, 300_000):
        words = ["age", "-r", age_key().recipient, "-r", age_key().recipient]
        sealed = subprocess.run(words, input=bytes(size), capture_output=True, check=True).stdout
        assert sealed_size(sealed[:2000], size) == len(sealed)


def test_another_or_a_short_head_shows_no_size() -> None:
    sealed = pyrage.encrypt(b"x", [x25519.Recipient.from_str(age_key().recipient)])
    for head in (b"", sealed[:100], b"-----BEGIN PGP MESSAGE-----\n--- x\n", sealed[1:]):
        assert sealed_size(head, 1) is None

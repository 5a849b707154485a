# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive that is compared while it is written."""

from __future__ import annotations

import hashlib
import io

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.making import (
    Comparison,
    Differs,
)


def test_the_same_bytes() -> None:
    comparison = Comparison(io.BytesIO(b"abcdef"))
    for part in (b"abc", b"", b"def"):
        assert comparison.write(part) == len(part)
    comparison.finish()
    assert (comparison.tell(), comparison.digest.digest()) == (6, hashlib.sha256(b"abcdef").digest())


@pytest.mark.parametrize("there", [b"abx", b"ab", b""])
def test_another_byte(there: bytes) -> None:
    with pytest.raises(Differs):
        Comparison(io.BytesIO(there)).write(b"abc")


def test_a_longer_file() -> None:
    comparison = Comparison(io.BytesIO(b"abcd"))
    comparison.write(b"abc")
    with pytest.raises(Differs):
        comparison.finish()

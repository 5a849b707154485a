# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DER: values in sequence, and only in the form that X.690 permits."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.spki import (
    INTEGER,
    SEQUENCE,
    Value,
    object_id,
)


def test_a_sequence_of_numbers() -> None:
    whole = Value.whole(bytes.fromhex("30080201050203010001"))
    assert [each.number for each in whole.parts()] == [5, 65537]
    assert Value.whole(bytes.fromhex("0201ff"), INTEGER).number == -1


@pytest.mark.parametrize(
    ("octets", "dotted"),
    [("06032a0304", "1.2.3.4"), ("060355 1d11", "2.5.29.17"), ("06082a8648ce3d030107", "1.2.840.10045.3.1.7")],
)
def test_object_identifiers(octets: str, dotted: str) -> None:
    data = bytes.fromhex(octets)
    assert object_id(Value.at(data, 0, len(data))) == dotted


@pytest.mark.parametrize(
    "octets", ["", "30", "3001", "3080", "308101", "30820001ff", "300000", "020100", "3085000000000100"]
)
def test_what_is_no_sequence(octets: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Value.whole(bytes.fromhex(octets), SEQUENCE)


def test_other_types_are_refused() -> None:
    value = Value.whole(bytes.fromhex("3000"))
    with pytest.raises(ValueError, match="type"):
        value.of(INTEGER)
    with pytest.raises(ValueError, match="type"):
        object_id(value)
    with pytest.raises(ValueError, match="empty"):
        object_id(Value.at(b"\x06\x00", 0, 2))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups that are offered, and their names and sizes."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.groups import (
    POST_QUANTUM,
    group_bits,
    group_name,
    groups_for,
)


@pytest.mark.parametrize(
    ("number", "name", "bits"), [(0x001D, "x25519", 253), (0x11EC, "X25519MLKEM768", 256), (0x0100, "ffdhe2048", 2048)]
)
def test_names_and_sizes(number: int, name: str, bits: int) -> None:
    assert group_name(number) == name
    assert group_bits(name) == bits


def test_an_unknown_group() -> None:
    assert group_name(0xABCD) == "0xABCD"
    assert group_bits("nothing") == 0


def test_a_hello_of_tls_1_3_has_no_group_that_servers_refuse_it_for() -> None:
    names = {group_name(each) for each in groups_for(tls13=True)}
    assert {"x25519", "secp256r1", "ffdhe2048", "secp256k1"} & names == {"x25519", "secp256r1", "ffdhe2048"}
    assert names >= POST_QUANTUM


def test_before_tls_1_3_there_are_elliptic_curves_only() -> None:
    names = {group_name(each) for each in groups_for(tls13=False)}
    assert {"x25519", "secp256k1", "sect163k1"} <= names
    assert not [name for name in names if "MLKEM" in name or "Kyber" in name or name.startswith("ffdhe")]

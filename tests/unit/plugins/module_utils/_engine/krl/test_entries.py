# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a list, and values that cannot stand in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    Revoked,
    by_fingerprint,
    by_id,
    by_key,
    by_serial,
    key_of,
)
from support.servers.ssh_keys import certify_user, key

CA = key("ca").public


def test_a_key_has_one_identity() -> None:
    lost = key("lost")
    assert by_key(lost.public + " a comment") == by_key(lost.public)
    assert by_key(lost.public).identity == by_fingerprint(lost.fingerprint).identity
    assert by_serial(CA, "7").identity != by_id(CA, "7").identity
    assert key_of(lost.public, "keys").fingerprint == lost.fingerprint


@pytest.mark.parametrize(("text", "value"), [("7", "7"), ("7-12", "7-12"), ("007-7", "7"), (str(2**64 - 1),) * 2])
def test_serial_numbers(text: str, value: str) -> None:
    assert by_serial(CA, text).value == value


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (by_fingerprint, ["", "MD5:aa", "SHA256:short", key("lost").fingerprint + "\nid: x"]),
        (by_key, ["", "ssh-ed25519", "ssh-ed25519 AAAA", "serial: 7", CA + "\n" + "x", "# x"]),
        (lambda text: by_serial(CA, text), ["", "0", "x", "7-", "12-7", "-1", "1\n", "0x7", str(2**64)]),
        (lambda text: by_id(CA, text), ["", " x", "x ", "x#y", "x\ny", "é"]),
        (lambda text: by_id(text, "x"), ["", "ssh-ed25519 AAAA"]),
    ],
)
def test_values_that_would_change_the_list(make: Callable[[str], Revoked], texts: list[str]) -> None:
    for text in texts:
        if make is by_key and text.startswith(CA):
            assert make(text).value == make(CA).value, "more words are a comment"
            continue
        with pytest.raises(InvalidRequest) as caught:
            make(text)
        assert caught.value.cure, text


def test_a_certificate_is_not_a_key() -> None:
    certified = certify_user(key("lost"), key("ca"), principals="root")
    with pytest.raises(InvalidRequest):
        by_key(certified.certificate_text)


def test_words_of_certificates_name_the_authority() -> None:
    assert by_id(CA, "bob").words == f"id bob of {key('ca').fingerprint}"

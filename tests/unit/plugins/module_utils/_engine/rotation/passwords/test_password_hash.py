# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""crypt(3): hashes of other programs are understood, and an invalid hash matches no password."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
    is_hash_of,
)

PASSWORD = "a password of an account"


def test_a_new_hash_is_one_of_the_password_with_a_salt_of_its_own() -> None:
    first, second = hash_of(PASSWORD), hash_of(PASSWORD)
    assert first != second
    assert first.startswith("$")
    assert is_hash_of(first, PASSWORD)
    assert is_hash_of(second, PASSWORD)
    assert not is_hash_of(first, PASSWORD + " ")


@pytest.mark.parametrize("kind", ["-5", "-6"])
def test_hashes_of_openssl_are_understood(kind: str) -> None:
    command = ["openssl", "passwd", kind, "-stdin"]
    made = subprocess.run(command, input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    assert is_hash_of(made, PASSWORD)
    assert not is_hash_of(made, "another")


@pytest.mark.parametrize("shown", ["", "*", "!", "!!", "x", "*0", "*1", "$", "$6$", "$no$x$y", "ä", "$6$x\0"])
def test_what_is_no_hash_is_one_of_nothing(shown: str) -> None:
    assert not is_hash_of(shown, PASSWORD)
    assert not is_hash_of(shown, shown)


def test_a_password_of_other_letters() -> None:
    assert is_hash_of(hash_of("Gänsefüßchen"), "Gänsefüßchen")

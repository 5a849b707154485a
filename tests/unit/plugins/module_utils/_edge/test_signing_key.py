# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suboptions of a key that signs, converted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_words import signing_key
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing

NONE: dict[str, Any] = dict.fromkeys(
    ("private_key_file", "private_key", "public_key", "passphrase", "certificate_file")
)


def test_each_key_arrives() -> None:
    assert signing_key(
        "sign", {**NONE, "private_key_file": "/k", "passphrase": "p", "certificate_file": "/c"}
    ) == Signing(private_key_file="/k", passphrase="p", certificate_file="/c")
    assert signing_key("sign", {**NONE, "public_key": "ssh-ed25519 AAAA"}) == Signing(public_key="ssh-ed25519 AAAA")


def test_errors_name_the_option_and_no_secret() -> None:
    for option in ("sign", "receipts", "reset"):
        with pytest.raises(InvalidRequest) as caught:
            signing_key(option, {**NONE, "private_key_file": "/k", "passphrase": "se\ncret"})
        assert caught.value.message.startswith(f"{option}.passphrase: ")
        assert "cret" not in caught.value.message

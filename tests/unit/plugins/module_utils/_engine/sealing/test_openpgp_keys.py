# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of certificates and private keys; no text of a key is shown."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    RecipientInvalid,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import OPENPGP, Identities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.openpgp import (
    certificates,
    private_keys,
)

PUBLIC = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\ncanary\n-----END PGP PUBLIC KEY BLOCK-----\n"
PRIVATE = PUBLIC.replace("PUBLIC", "PRIVATE")


def test_line_ends_and_repetitions_do_not_count() -> None:
    assert certificates([PUBLIC, "\n " + PUBLIC.replace("\n", " \r\n")]) == (PUBLIC,)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("canary", "item 2 is not an armoured certificate"),
        (PRIVATE, "item 2 is a private key; treat it as exposed"),
        (PUBLIC + PRIVATE, "item 2 is a private key; treat it as exposed"),
        ("", "item 2 is not an armoured certificate"),
    ],
)
def test_other_texts_are_no_recipients(text: str, fact: str) -> None:
    with pytest.raises(RecipientInvalid, match=fact) as caught:
        certificates([PUBLIC, text])
    assert "canary" not in caught.value.message
    with pytest.raises(RecipientInvalid, match="is empty"):
        certificates([])


def test_private_keys_keep_their_origin() -> None:
    assert list(private_keys(Identities(OPENPGP, (PRIVATE,)))) == [("decrypt.identities: item 1", PRIVATE)]


@pytest.mark.parametrize(("text", "fact"), [(PUBLIC, "is a certificate"), ("canary", "is not an armoured private key")])
def test_other_texts_are_no_identities(text: str, fact: str) -> None:
    with pytest.raises(InvalidRequest, match=fact) as caught:
        list(private_keys(Identities(OPENPGP, (text,))))
    assert "canary" not in caught.value.message
    with pytest.raises(InvalidRequest, match="no identity is given"):
        list(private_keys(Identities(OPENPGP)))

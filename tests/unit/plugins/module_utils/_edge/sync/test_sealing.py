# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options `encrypt` and `decrypt`: values, defaults, and combinations that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.sealing import identities, recipients
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Identities, Recipients


def encrypt(**options: Any) -> dict[str, Any]:
    given = {"format": "age", "recipients": ["age1x"], "extension": None, **options}
    return {"direction": "push", "protocol": "sftp", "encrypt": given}


def decrypt(**options: Any) -> dict[str, Any]:
    given = {"format": "age", "identities": None, "identities_file": None, "passphrase": None, "extension": None}
    given.update(options)
    return {"direction": "pull", "protocol": "ftps", "decrypt": given}


def test_the_values() -> None:
    assert recipients(encrypt()) == Recipients("age", ("age1x",), b".age")
    assert recipients(encrypt(recipients=[" age1x\n", "ssh-ed25519 AAAA"], extension=".sealed")) == Recipients(
        "age", ("age1x", "ssh-ed25519 AAAA"), b".sealed"
    )
    assert identities(decrypt(identities=["KEY"])) == Identities("age", ("KEY",))
    assert identities(decrypt(identities_file="/k")) == Identities("age", (), "/k")
    assert recipients({"encrypt": None}) is None
    assert identities({"decrypt": None}) is None


@pytest.mark.parametrize("extension", ["age", ".", ".a/b", "", ".a\n", "." + "x" * 17])
def test_an_extension_that_is_none(extension: str) -> None:
    with pytest.raises(InvalidRequest, match="extension"):
        recipients(encrypt(extension=extension))


@pytest.mark.parametrize("texts", [[], [""], ["age1x", " "]])
def test_recipients_must_not_be_empty(texts: list[str]) -> None:
    with pytest.raises(InvalidRequest, match="recipients"):
        recipients(encrypt(recipients=texts))


def test_identities_must_not_be_empty() -> None:
    with pytest.raises(InvalidRequest, match="identities"):
        identities(decrypt(identities=[" "]))


def test_openpgp_has_a_passphrase_and_an_extension() -> None:
    given = decrypt(format="openpgp", identities=["KEY"], passphrase="phrase")
    assert identities(given) == Identities("openpgp", ("KEY",), None, "phrase", b".pgp")
    assert recipients(encrypt(format="openpgp")) == Recipients("openpgp", ("age1x",), b".pgp")
    with pytest.raises(InvalidRequest, match="passphrase: is for the format openpgp"):
        identities(decrypt(identities=["KEY"], passphrase="phrase"))


def test_the_direction_must_fit() -> None:
    with pytest.raises(InvalidRequest, match="encrypt: needs a push"):
        recipients({**encrypt(), "direction": "pull"})
    with pytest.raises(InvalidRequest, match="decrypt: needs a pull"):
        identities({**decrypt(identities=["KEY"]), "direction": "push"})


def test_a_key_is_not_shown() -> None:
    assert "SECRET" not in repr(Identities("age", ("SECRET",), passphrase="SECRET"))

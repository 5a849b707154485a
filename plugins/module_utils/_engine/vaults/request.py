# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request of a run, and the rules for its values. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple, Sequence, Tuple

from ..errors import InvalidRequest
from ..system.root_owned_path import parts_of

OPERATOR, TANG, TPM2, HOST = "operator", "tang", "tpm2", "host"
UNLOCKED, LOCKED = "unlocked", "locked"
LEAST_PASSPHRASE = 20
"""Characters. A thief of the disk can try passphrases without a limit."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
_CIPHER = "cipher"


class Vault(NamedTuple):
    """One vault.

    store: directory of root's with the encrypted files
    mount: where the files can be read while the vault is unlocked
    owner: account that owns the root of the mount
    """

    name: str
    store: str
    mount: str
    owner: str = "root"

    @property
    def cipher(self) -> str:
        """The directory of the encrypted files. The mount has its mode, so the mode of `store` protects it."""
        return f"{self.store}/{_CIPHER}"


class Key(NamedTuple):
    """The passphrase, and the place from which the host gets it at a boot.

    url, thumbprint: of a tang server and its key
    pcr_ids: registers of the TPM whose values the key is bound to
    """

    custody: str
    passphrase: str
    url: str = ""
    thumbprint: str = ""
    pcr_ids: str = ""

    def __repr__(self) -> str:
        return f"Key({self.custody})"


class VaultRequest(NamedTuple):
    """The request. state: UNLOCKED or LOCKED"""

    backend: str
    vaults: Tuple[Vault, ...]
    key: Key
    state: str = UNLOCKED
    check_mode: bool = False


def check_request(request: VaultRequest) -> None:
    """Raise InvalidRequest."""
    _check_key(request.key)
    for vault in request.vaults:
        _check_vault(vault)
    _check_apart([(vault, path) for vault in request.vaults for path in (vault.store, vault.mount)])
    names = [vault.name for vault in request.vaults]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest(f"vaults: {name} is listed twice", cure="Give each vault a name of its own.")


def _check_key(key: Key) -> None:
    if len(key.passphrase) < LEAST_PASSPHRASE or not key.passphrase.isprintable():
        raise InvalidRequest(
            f"key.passphrase: must have at least {LEAST_PASSPHRASE} printable characters",
            cure="Set key.passphrase to a random text, for example from openssl rand -base64 32.",
        )
    if key.custody == TANG and not (key.url and key.thumbprint):
        raise InvalidRequest(
            "key.custody: is tang, which needs key.url and key.thumbprint",
            cure="Set key.thumbprint to the output of tang-show-keys on the tang server.",
        )


def _check_vault(vault: Vault) -> None:
    if not _NAME.match(vault.name):
        raise InvalidRequest(
            f"vaults: {vault.name!r} is not a valid name",
            cure="Use a-z, 0-9, _ and -, beginning with a letter or digit, at most 32 characters.",
        )
    for option, path in (("store", vault.store), ("mount", vault.mount)):
        if len(parts_of(path)) < 2 or path.endswith("/"):
            raise InvalidRequest(
                f"{option}: {path} is not a directory below a directory of the root",
                cure=f"Set {option} of the vault {vault.name} to a path such as /srv/jail, without a slash at its end.",
            )


def _check_apart(places: Sequence[Tuple[Vault, str]]) -> None:
    for number, (vault, path) in enumerate(places):
        for other, another in places[number + 1 :]:
            if (path + "/").startswith(another + "/") or (another + "/").startswith(path + "/"):
                raise InvalidRequest(
                    f"vaults: {path} of {vault.name} and {another} of {other.name} contain each other",
                    cure="Set store and mount of each vault to directories outside all others.",
                )

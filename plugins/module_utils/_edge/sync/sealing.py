# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options `encrypt` and `decrypt` as the engine's frozen values. An InvalidRequest never shows a secret."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS
from ..._engine.model.request import EXTENSIONS, OPENPGP, PUSH, Identities, Recipients
from .. import login_words, paths

Params = Mapping[str, Any]

_EXTENSION = re.compile(r"\.[A-Za-z0-9_-]{1,16}\Z")


def recipients(params: Params) -> Optional[Recipients]:
    """Return the readers of a push; None without the option. Raises InvalidRequest."""
    given = params["encrypt"]
    if given is None:
        return None
    if params["direction"] != PUSH:
        raise InvalidRequest("encrypt: needs a push, and direction is pull", cure="Use decrypt for a pull.")
    texts = tuple(text.strip() for text in given["recipients"])
    if not texts or not all(texts):
        raise InvalidRequest(
            "encrypt.recipients: must not be empty, and has no empty item", cure="List the public key of each reader."
        )
    return Recipients(given["format"], texts, _extension(params, "encrypt"))


def identities(params: Params) -> Optional[Identities]:
    """Return the keys of a pull; None without the option. Raises InvalidRequest."""
    given = params["decrypt"]
    if given is None:
        return None
    if params["direction"] == PUSH:
        raise InvalidRequest("decrypt: needs a pull, and direction is push", cure="Use encrypt for a push.")
    texts = tuple(given["identities"] or ())
    if given["identities_file"] is None and not any(text.strip() for text in texts):
        raise InvalidRequest("decrypt.identities: is empty", cure="Set identities or identities_file in decrypt.")
    return Identities(
        given["format"],
        texts,
        login_words.one_line("decrypt.identities_file", given["identities_file"]),
        _passphrase(given),
        extension=_extension(params, "decrypt"),
    )


def _passphrase(given: Params) -> Optional[str]:
    passphrase: Optional[str] = given["passphrase"]
    if passphrase is not None and given["format"] != OPENPGP:
        raise InvalidRequest(
            f"decrypt.passphrase: is for the format openpgp, and format is {given['format']}",
            cure="Remove decrypt.passphrase: keys of age have none.",
        )
    return passphrase


def _extension(params: Params, option: str) -> bytes:
    text = params[option]["extension"]
    if text is None:
        return EXTENSIONS[params[option]["format"]]
    if not _EXTENSION.match(text):
        raise InvalidRequest(
            f"{option}.extension: {text!r} is not an extension",
            cure="Write a dot and up to 16 letters, digits, _ or -, such as .age.",
        )
    extension: bytes = paths.name(f"{option}.extension", text)
    if params["protocol"] == FTPS:
        paths.sendable(f"{option}.extension", extension)
    return extension

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suboptions of a key that signs, as the engine's frozen value. An InvalidRequest never shows a secret."""

from __future__ import annotations

from typing import Any, Mapping

from .._engine.model.request import Signing
from . import login_words


def signing_key(option: str, given: Mapping[str, Any]) -> Signing:
    """Return the key of an option with the suboptions of argspec.signing_key. Raises InvalidRequest."""
    return Signing(
        private_key_file=login_words.one_line(f"{option}.private_key_file", given["private_key_file"]),
        private_key=login_words.key_text(f"{option}.private_key", given["private_key"]),
        public_key=given["public_key"],
        passphrase=login_words.secret(f"{option}.passphrase", given["passphrase"]),
        certificate_file=login_words.one_line(f"{option}.certificate_file", given["certificate_file"]),
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, secrets and names of key files as the operator writes them, of a login or of a key that signs."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.request import Signing
from .._engine.trust.key_blob import CERTIFICATE


def secret(option: str, text: Optional[str]) -> Optional[str]:
    """Return a secret that a prompt will be answered with: one line. Errors do not show it."""
    if text is not None and (not text or any(char in text for char in "\0\r\n")):
        raise InvalidRequest(
            f"{option}: is empty or has more than one line",
            cure="Set it to a single line, or leave it out (default(omit)).",
        )
    return text


def key_text(option: str, text: Optional[str]) -> Optional[str]:
    """Key files end with a newline and have Unix line ends; look-ups and web forms often take both away."""
    if text is None:
        return None
    text = text.replace("\r\n", "\n").strip()
    if not text.startswith("-----BEGIN ") or "\0" in text:
        raise InvalidRequest(
            f"{option}: is not the text of a private key",
            cure="Set it to the whole text from -----BEGIN on; for a file use private_key_file.",
        )
    return text + "\n"


def certificate(option: str, text: Optional[str]) -> Optional[str]:
    """Return the line of an SSH certificate, without the white space around it that look-ups leave or remove."""
    if text is None:
        return None
    words = text.split(None, 2)
    if len(words) < 2 or not words[0].endswith(CERTIFICATE) or "\n" in text.strip() or "\0" in text:
        raise InvalidRequest(
            f"{option}: is not the line of an SSH certificate",
            cure="Set it to the line of a -cert.pub file; for a file use certificate_file.",
        )
    return " ".join(words[:2])


def one_line(option: str, path: Optional[str]) -> Optional[str]:
    """Return a file name that will stand in a line of ssh's configuration."""
    if path is not None and (not path or any(char in path for char in '\0\r\n"')):
        raise InvalidRequest(
            f"{option}: {path!r} is not a file name that ssh_config(5) can hold",
            cure="Use a path without quotes and line ends.",
        )
    return path


def signing_key(option: str, given: Mapping[str, Any]) -> Signing:
    """Return the key of an option with the suboptions of argspec.signing_key. Raises InvalidRequest."""
    return Signing(
        private_key_file=one_line(f"{option}.private_key_file", given["private_key_file"]),
        private_key=key_text(f"{option}.private_key", given["private_key"]),
        public_key=given["public_key"],
        passphrase=secret(f"{option}.passphrase", given["passphrase"]),
        certificate_file=one_line(f"{option}.certificate_file", given["certificate_file"]),
    )

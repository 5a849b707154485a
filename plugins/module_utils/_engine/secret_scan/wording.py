# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and values: whether a name stands for a secret, and whether a value is a secret written out."""

from __future__ import annotations

import re
from typing import Iterator

_SECRET = re.compile(
    r"(?:^|[_.-])(?:pass|passwd|passwords?|passphrases?|pwd|secrets?|tokens?|api_?keys?|private_?keys?"
    r"|(?:access|secret|encryption|signing)_keys?|secret_id|totp_seed|ping_url)$",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{(.*?)(\}\}|\Z)|\{%(.*?)(%\}|\Z)", re.DOTALL)
"""The first that is not closed takes the rest of the text: each character is looked at once."""
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_NOT_LITERAL = re.compile(
    r"""\s*$                                        # nothing
    | \{\{                                         # the beginning of a template
    | \$ANSIBLE_VAULT | \$\{?\w+\}?$ | %\(          # encrypted; a variable of a shell or of a configuration file
    | [/~] | \w+://[^/@\s]*(?:/|$) | file:          # a path, or an address without a password
    | <[^>]*>$ | \*+$ | [!x]$ | (?:CHANGE_?ME|REDACTED|omit|none|null)$ | VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
    | \$(?:1|2[aby]|5|6|7|y|argon2\w*|pbkdf2[\w-]*)\$ | \{S?SHA\w*\} | (?:SHA256|MD5|sha512|sha256):   # a hash
    | (?:ssh|ecdsa|sk)-[\w@.-]+\ AAAA | age1[0-9a-z]+$ | -----BEGIN\ (?:[A-Z]+\ )*(?:PUBLIC\ KEY|CERTIFICATE)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Return whether a variable or option of this name holds a secret: `db_password`, not `password_file`."""
    return bool(_SECRET.search(name))


def is_literal(text: str) -> bool:
    """Return whether a value is written out: no template, path, hash, public key or placeholder."""
    return not any(True for _each in _templates(text)) and not _NOT_LITERAL.match(text)


def secret_variables(text: str) -> Iterator[str]:
    """Yield the secret names that the templates of a text use."""
    for template in _templates(text):
        yield from (word for word in _WORD.findall(template) if is_secret_name(word))


def _templates(text: str) -> Iterator[str]:
    for found in _TEMPLATE.finditer(text):
        if found.group(2) or found.group(4):
            yield found.group(1) or found.group(3) or ""

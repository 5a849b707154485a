# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted text, printable: paths (`display`), other text (`display_text`), and messages that have both (`plain`)."""

from __future__ import annotations


def display(path: bytes) -> str:
    r"""`path` as printable text, for people and results.

    Bytes that are not UTF-8 become \xHH, control, format and bidirectional characters \xHH or \uHHHH, a backslash
    two, so that no two paths look the same and nothing can steer a terminal.
    """
    text = path.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_visible(char) for char in text)


def display_text(text: str) -> str:
    """Return `text` as `display` does. In it, bytes that are not UTF-8 are lone surrogates."""
    return display(text.encode("utf-8", "surrogateescape"))


def plain(text: str) -> str:
    """Return `text` without lone surrogates, control, format and bidirectional characters.

    Unlike `display` it keeps backslashes: paths in messages have been through `display` already.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _visible(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else _escaped(char)


def _escaped(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that was not UTF-8 (PEP 383)
        return f"\\x{number - 0xDC00:02x}"
    return f"\\x{number:02x}" if number < 0x80 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

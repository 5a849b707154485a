# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of keys in the files that sshd reads: authorized keys (sshd(8)) and revoked keys (sshd_config(5)). Pure."""

from __future__ import annotations

import re
from typing import FrozenSet, Iterable, List, Tuple

from ...errors import InvalidRequest, NotSupported, Refused
from ...trust.fingerprint import PublicKey, parse_plain_key, parse_public_key

_MARK = re.compile(r"[A-Za-z0-9_.@:/+-]+\Z")
_MARKED = "client_key_rotation:"
_REVOKED_HEAD = b"# Keys that sshd refuses, kept by the Ansible collection secure.ftp_synchronize (key_revocation).\n"
_KRL = b"SSHKRL\n\0"


class KeyLimited(Refused):
    """A key may do less than it would by the line of its holder."""

    code = "key_limited"


def public_key(text: str) -> PublicKey:
    """Return a key from the line of a .pub file; its comment is left out. Raises InvalidRequest."""
    words = text.split()
    try:
        if len(words) < 2 or not text.strip().isprintable():
            raise ValueError("not TYPE and BASE64")
        return parse_plain_key(words[0], words[1])
    except ValueError as error:
        raise InvalidRequest(
            f"keys: {text[:80]!r} is not a public key: {error}", cure="Use the line of a .pub file."
        ) from None


def mark_of(holder: str) -> str:
    """Return the comment by which the keys of a holder are known. Raises InvalidRequest."""
    if not _MARK.match(holder):
        raise InvalidRequest(
            f"holder: {holder!r} is not a valid key comment", cure="Use only letters, digits and _ . @ : / + -."
        )
    return _MARKED + holder


def account_keys(text: str, mark: str, keys: Iterable[PublicKey]) -> str:
    """Return the text with exactly these keys of the mark; all other lines are kept.

    `restrict` disables everything but the login, also features of later versions. Another line may have the same key
    without options: then the key has the same rights as before. Raises KeyLimited.
    """
    keys = tuple(keys)
    wanted = [f"restrict {key.text} {mark}\n" for key in keys]
    ours = re.compile(rf"restrict \S+ \S+ {re.escape(mark)}\n\Z")
    for line in _lines(text):
        _check_limits(line, keys)
    lines = [line for line in _lines(text) if not ours.match(line) or line in wanted]
    return "".join(lines + [line for line in wanted if line not in lines])


def _check_limits(line: str, keys: Iterable[PublicKey]) -> None:
    """Refuse keys with options in another line, which the holder's line would cancel: from, expiry, command."""
    for key in keys:
        key_type, encoded = key.text.split()
        found = re.match(rf"(?P<options>.*?){re.escape(key_type)}\s+{re.escape(encoded)}(?:\s|\Z)", line)
        if found and not line.lstrip().startswith("#") and found["options"].strip() not in ("", "restrict"):
            raise KeyLimited(
                f"keys: {key.fingerprint} is already in the file with other options",
                cure="Find the owner of that key. Remove its line if the holder needs the key without those options.",
            )


def revoked_keys(content: bytes) -> FrozenSet[str]:
    """Return the texts of the keys in a file of revoked keys. Raises NotSupported."""
    return frozenset(filter(None, map(_key_text, _revoked_lines(content))))


def with_revoked(content: bytes, keys: Iterable[PublicKey]) -> bytes:
    """Return the content with these keys; an empty file gets a head. Raises NotSupported."""
    there = revoked_keys(content)
    lines = _revoked_lines(content or _REVOKED_HEAD)
    return _joined(lines + [f"{key.text}\n" for key in keys if key.text not in there])


def without_revoked(content: bytes, keys: Iterable[PublicKey]) -> bytes:
    """Return the content without these keys. Raises NotSupported."""
    gone = frozenset(key.text for key in keys)
    return _joined([line for line in _revoked_lines(content) if _key_text(line) not in gone])


def is_list(content: bytes) -> bool:
    """Return whether the content is a key revocation list in ssh-keygen's binary form."""
    return content.startswith(_KRL)


def _revoked_lines(content: bytes) -> List[str]:
    """Return the lines of a file that holds revoked keys and comments.

    Raises NotSupported for a key revocation list (binary) and for every other file, which is never changed.
    """
    lines = _lines(_text(content))
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#") and not _is_key(line):
            raise NotSupported(
                f"line {number} of the file of revoked keys is not a public key",
                cure="Check that this is the right file, then remove the line.",
            )
    return lines


def _is_key(line: str) -> bool:
    try:
        parse_public_key(*[*line.split(), "", ""][:2])
    except ValueError:
        return False
    return True


def _joined(lines: List[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")


def _text(content: bytes) -> str:
    if is_list(content):
        raise NotSupported(
            "the file of revoked keys is a key revocation list in ssh-keygen's binary form",
            cure="Add the key with ssh-keygen -k -u, or set path to another file.",
        )
    return content.decode("utf-8", "surrogateescape")


def _lines(text: str) -> List[str]:
    """Return the lines with their ends, also for an unterminated last line."""
    lines = text.split("\n")
    return [line + "\n" for line in (lines if lines[-1] else lines[:-1])]


def _key_text(line: str) -> str:
    """Type and base64 of a line; "" for a comment."""
    words: Tuple[str, ...] = tuple(line.split()[:2])
    return "" if line.lstrip().startswith("#") or len(words) < 2 else " ".join(words)

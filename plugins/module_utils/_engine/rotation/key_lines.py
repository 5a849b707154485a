# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of keys in the files that sshd reads: authorized keys (sshd(8)) and revoked keys (sshd_config(5)). Pure."""

from __future__ import annotations

import re
from typing import Callable, FrozenSet, Iterable, List, Tuple

from ..errors import InvalidRequest, NotSupported
from ..trust.fingerprint import PublicKey, parse_plain_key

__all__ = ["account_keys", "mark_of", "public_key", "revoked_keys", "with_revoked", "without_revoked"]

_MARK = re.compile(r"[A-Za-z0-9_.@:/+-]+\Z")
_MARKED = "key_rotation:"
_REVOKED_HEAD = "# Keys that sshd refuses, kept by the Ansible collection secure.ftp_synchronize (key_revocation).\n"
_KRL = b"SSHKRL\n\0"


def public_key(text: str) -> PublicKey:
    """A key from the line of a .pub file; its comment is left out. Raises InvalidRequest."""
    words = text.split()
    try:
        if len(words) < 2 or not text.strip().isprintable():
            raise ValueError("not TYPE and BASE64")
        return parse_plain_key(words[0], words[1])
    except ValueError as error:
        raise InvalidRequest(
            "keys: %r is not a public key: %s" % (text[:80], error), cure="Give the line of a .pub file."
        ) from None


def mark_of(holder: str) -> str:
    """The comment by which the keys of a holder are known. Raises InvalidRequest."""
    if not _MARK.match(holder):
        raise InvalidRequest(
            "holder: %r cannot be the comment of a key" % holder, cure="Take letters, digits and _ . @ : / + -."
        )
    return _MARKED + holder


def account_keys(text: str, mark: str, keys: Iterable[PublicKey]) -> str:
    """The text with exactly these keys of the mark; whatever else stands there stays.

    `restrict` turns off whatever a key may do besides logging in, also what later versions add.
    """
    wanted = ["restrict %s %s\n" % (key.text, mark) for key in keys]
    ours = re.compile(r"restrict \S+ \S+ %s\n\Z" % re.escape(mark))
    lines = [line for line in _lines(text) if not ours.match(line) or line in wanted]
    return "".join(lines + [line for line in wanted if line not in lines])


def revoked_keys(content: bytes) -> FrozenSet[str]:
    """The texts of the keys in a file of revoked keys. Raises NotSupported for a key revocation list (binary)."""
    return frozenset(filter(None, map(_key_text, _lines(_text(content)))))


def with_revoked(content: bytes, keys: Iterable[PublicKey]) -> bytes:
    """The content with these keys; an empty one gets a head. Raises NotSupported."""
    text = _text(content) or _REVOKED_HEAD
    there = revoked_keys(content)
    return _joined(_lines(text) + ["%s\n" % key.text for key in keys if key.text not in there])


def without_revoked(content: bytes, keys: Iterable[PublicKey]) -> bytes:
    """The content without these keys. Raises NotSupported."""
    gone = frozenset(key.text for key in keys)
    return _kept(content, lambda line: _key_text(line) not in gone)


def _kept(content: bytes, wanted: Callable[[str], bool]) -> bytes:
    return _joined([line for line in _lines(_text(content)) if wanted(line)])


def _joined(lines: List[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")


def _text(content: bytes) -> str:
    if content.startswith(_KRL):
        raise NotSupported(
            "the file of revoked keys is a key revocation list in ssh-keygen's binary form",
            cure="Add the key by ssh-keygen -k -u, or name another file.",
        )
    return content.decode("utf-8", "surrogateescape")


def _lines(text: str) -> List[str]:
    """Each with its end, also the last one where it lacks it."""
    lines = text.split("\n")
    return [line + "\n" for line in (lines if lines[-1] else lines[:-1])]


def _key_text(line: str) -> str:
    """Type and base64 of a line; "" for a comment."""
    words: Tuple[str, ...] = tuple(line.split()[:2])
    return "" if line.startswith("#") or len(words) < 2 else " ".join(words)

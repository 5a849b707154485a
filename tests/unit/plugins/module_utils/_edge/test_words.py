# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people: printable for any bytes of a peer."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import (
    entry_words,
    path_words,
    sentence,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace, Refused, UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
)

SECOND = 1000000000


def test_paths() -> None:
    assert path_words(b"") == "."
    assert path_words(b"a/b") == "a/b"
    assert path_words(b"\x1b[2J\n\xff\\") == "\\x1b[2J\\x0a\\xff\\\\"


def test_sentences() -> None:
    assert sentence(Refused("it will not do")) == "it will not do"
    assert sentence(Refused("it will not do.", cure="Do another.")) == "it will not do. Do another."
    assert sentence(Refused("did you mean a?", cure="Do another.")) == "did you mean a? Do another."
    assert sentence(NoSpace("no space left", path=b"a\n")) == "no space left: 'a\\x0a'"
    assert sentence(NoSpace("no space left", path=b"", cure="Make room.")) == "no space left. Make room."
    assert sentence(UnsafeName("\x1b", path=b"x", cure="\x1b")) == "\\x1b: 'x'. \\x1b"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry(FILE, 1234, 1700000000 * SECOND + 999999999, 0o644), "file, 1.2 KiB, 0644, 2023-11-14T22:13:20Z"),
        (Entry(DIRECTORY, 0, 0, 0o755), "directory, 0755, 1970-01-01T00:00:00Z"),
        (Entry(FILE, 0, -1, 0), "file, 0 B, 0000, 1969-12-31T23:59:59Z"),
        (Entry(FILE, 0, (1 << 62) * SECOND, 0o600), "file, 0 B, 0600, @4611686018427387904"),
        (Entry(LINK, 0, 0, 0o777, b"../\x1b"), "link to ../\\x1b"),
        (Entry(LINK, 0, 0, 0o777), "link"),
        (Entry(SPECIAL, 0, 0, 0o600), "special, 0600, 1970-01-01T00:00:00Z"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_entries(entry: Entry, words: str) -> None:
    assert entry_words(entry) == words


def test_an_entry_without_its_time() -> None:
    assert entry_words(Entry(FILE, 1, 0, 0o600), timed=False) == "file, 1 B, 0600"

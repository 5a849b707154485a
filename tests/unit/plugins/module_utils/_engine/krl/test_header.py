# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of lists that ssh-keygen made, cut at every byte."""

from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import KrlDamaged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import by_fingerprint, by_id
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import MAGIC, read_header
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import KrlFile, spec_of
from support.servers.ssh_keys import key

SPEC = spec_of([by_fingerprint(key("lost").fingerprint), by_id(key("ca").public, "x")])


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return KrlFile(str(tmp_path_factory.mktemp("krl"))).make(SPEC, 7)


def test_version_date_and_comment(content: bytes) -> None:
    header = read_header(content, "list")
    assert (header.version, header.comment) == (7, SPEC.comment)
    assert abs(header.date - time.time()) < 600
    assert header.words.startswith("key revocation list, version 7 of 20")


def test_a_list_that_was_cut(content: bytes) -> None:
    whole = [length for length in range(len(content)) if is_whole(content[:length])]
    sections = len(whole)
    assert sections == 3, "only between the sections: after the header, the keys and the hashes"
    assert not is_whole(content + b"\0")


def is_whole(content: bytes) -> bool:
    try:
        read_header(content, "list")
    except KrlDamaged:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "list is empty"),
        (b"ssh-ed25519 AAAA a line of keys, and some more words\n", "it is not a key revocation list"),
        (MAGIC + b"\0\0\0\2" + bytes(40), "it is not a key revocation list"),
    ],
)
def test_other_content(content: bytes, fact: str) -> None:
    with pytest.raises(KrlDamaged, match=fact):
        read_header(content, "list")

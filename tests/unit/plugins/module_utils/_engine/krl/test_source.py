# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""revoked.yml: written and read again; edited by people."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    by_fingerprint,
    by_id,
    by_key,
    by_serial,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.source import (
    Entry,
    format_source,
    parse_source,
)
from support.servers.ssh_keys import key

CA, LOST = key("ca").public, key("lost")
ENTRIES = tuple(
    Entry(revoked, "alice", "2026-12-01T04:00:00Z", reason)
    for revoked, reason in [
        (by_fingerprint(LOST.fingerprint), 'a "quoted" reason: with # and é'),
        (by_key(LOST.public), "yes"),
        (by_serial(CA, "7-12"), "0x10"),
        (by_id(CA, "12:30:45"), "~"),
    ]
)


def test_a_round_trip() -> None:
    assert parse_source(format_source(ENTRIES)) == ENTRIES
    assert parse_source(format_source(())) == ()
    assert parse_source("") == ()


def test_values_of_people_stay_text() -> None:
    text = f"- {{ca: {CA}, serial: 7, by: 2026-12-01, at: 2026-12-01T04:00:00Z, reason: yes}}\n"
    assert parse_source(text) == (Entry(by_serial(CA, "7"), "2026-12-01", "2026-12-01T04:00:00Z", "yes"),)


RECORD = "by: a, at: b, reason: c"


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("a: b\n", "must be a list"),
        ("- [\n", "is not YAML"),
        ("- !!python/object/apply:os.system [x]\n", "entry 1 is not a map"),
        ("- x\n", "entry 1 is not a map"),
        (f"- {{fingerprint: {LOST.fingerprint}, by: a, at: b}}\n", "entry 1 has the keys at, by, fingerprint"),
        (f"- {{fingerprint: x, key: y, {RECORD}}}\n", "entry 1 has the keys"),
        (f"- {{serial: '7', {RECORD}}}\n", "entry 1 has the keys"),
        (f"- {{fingerprint: {LOST.fingerprint}, ca: {CA}, {RECORD}}}\n", "entry 1 has the keys"),
        (f"- {{fingerprint: SHA256:x, {RECORD}}}\n", "entry 1: fingerprints: SHA256:x is not"),
    ],
)
def test_a_file_that_cannot_be_read_whole(text: str, fact: str) -> None:
    with pytest.raises(InvalidRequest, match=fact) as caught:
        parse_source(text)
    assert caught.value.message.startswith("revoked.yml: ")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts for ssh-keygen: sorted, the same for the same entries."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    REVOKED,
    by_fingerprint,
    by_id,
    by_serial,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import spec_of
from support.servers.ssh_keys import key

ENTRIES = [by_id(key("ca").public, "x"), by_fingerprint(key("lost").fingerprint), by_serial(key("ca").public, "7")]


def test_each_authority_has_a_text() -> None:
    spec = spec_of([*ENTRIES, by_id(key("other").public, "y")])
    assert spec.keys == f"{REVOKED.text}\nhash: {key('lost').fingerprint}\n"
    assert sorted(text for _ca, text in spec.authorities) == ["id: x\nserial: 7\n", "id: y\n"]


def test_the_comment_stands_for_the_entries() -> None:
    assert spec_of(ENTRIES).comment == spec_of([*reversed(ENTRIES), ENTRIES[0]]).comment
    assert spec_of(ENTRIES).comment != spec_of(ENTRIES[1:]).comment
    assert spec_of([]).keys == REVOKED.text + "\n"

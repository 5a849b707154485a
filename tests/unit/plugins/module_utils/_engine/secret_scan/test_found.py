# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks of secrets: equal in one scan, different in the next, and no hash that can be tried."""

from __future__ import annotations

import hashlib

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.found import (
    KNOWN,
    Found,
    Marks,
)


def test_a_mark_is_equal_for_equal_secrets_of_one_scan_alone() -> None:
    marks = Marks()
    assert marks.of(b"secret") == marks.of(b"secret") != marks.of(b"other")
    assert Marks().of(b"secret") != marks.of(b"secret")
    assert marks.of(b"secret") != hashlib.sha256(b"secret").hexdigest()[:16]


def test_the_place_of_a_finding() -> None:
    found = Found("known_value", "high", "a.yml", 3, "db_password", KNOWN)
    assert found.observed == "a.yml:3: db_password"
    assert found._replace(line=0).observed == "a.yml: db_password"

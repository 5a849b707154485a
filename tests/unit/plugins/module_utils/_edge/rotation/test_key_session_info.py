# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of certain keys; real sessions are in tests/hosts/test_key_revocation_role.py."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_session_info as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import Login
from support.running.tasks import run_task
from support.servers.ssh_keys import key


def test_the_listing_covers_what_was_asked() -> None:
    ca = {"ca": key("ca").public, "serials": ["7"], "ids": []}
    listing = edge.request(Task({"fingerprints": [key("lost").fingerprint], "keys": [], "certificates": [ca]}))
    assert listing.covers(key("lost").fingerprint)
    assert listing.covers(key("bob").fingerprint, ca=key("ca").fingerprint, serial=7)
    assert not listing.covers(key("bob").fingerprint, ca=key("ca").fingerprint, serial=8)


def test_the_result_is_printable_and_marks_the_own_session() -> None:
    sessions = [Login(7, "bob\x1b", "SHA256:x", 1.0), Login(8, "carol", "SHA256:x", 1.0, "SHA256:ca", 3, "id\n")]
    shown = edge.result(sessions, frozenset({8}))
    assert (shown["msg"], shown["changed"]) == ("2 sessions", False)
    assert [(each["user"].isprintable(), each["own"]) for each in shown["sessions"]] == [(True, False), (True, True)]
    assert shown["sessions"][1]["key_id"].isprintable()
    assert edge.result([], frozenset())["msg"] == "no session"


def test_a_key_without_a_session_on_this_host() -> None:
    result = run_task(edge, fingerprints=[key("lost").fingerprint])
    assert result == {"changed": False, "msg": "no session", "sessions": []}

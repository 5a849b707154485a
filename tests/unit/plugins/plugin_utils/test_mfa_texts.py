# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the role mfa for its options."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.pam_text import block_text
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import mfa_texts


def test_the_block_names_the_people_with_codes() -> None:
    people = [
        {"name": "alice", "methods": ["totp"], "state": "pending"},
        {"name": "bob", "methods": ["fido2"], "state": "enforced"},
        {"name": "carol", "methods": ["fido2", "totp"], "state": "enforced"},
        {"name": "dave", "methods": ["totp"], "state": "absent"},
    ]
    texts = mfa_texts({"people": people, "group": "people"})
    assert texts["block_text"] == block_text(["alice", "carol"], "people")
    assert texts["directory"] in texts["service_text"]
    assert texts["program"] in texts["service_text"]

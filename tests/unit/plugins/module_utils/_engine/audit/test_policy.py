# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import Policy


def test_every_limit_has_words() -> None:
    words = Policy().words()
    assert set(words) == set(Policy._fields)
    assert words["key_max_age"] == "365 days"
    assert words["revocation_list_max_age"] == "24 hours"

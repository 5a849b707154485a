# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption


def test_it_covers_its_control_and_hosts_until_its_end() -> None:
    for_all = Exemption("6.2", "A. Person", "a reason", "2026-01-01", 100.0)
    assert for_all.covers("6.2", "any", 99.0)
    assert not for_all.covers("6.2", "any", 100.0)
    assert not for_all.covers("6.1", "any", 99.0)
    assert for_all._replace(hosts=("a",)).covers("6.2", "a", 99.0)
    assert not for_all._replace(hosts=("a",)).covers("6.2", "b", 99.0)


def test_words_for_people() -> None:
    found = Exemption("6.2", "A. Person", "a reason", "2026-01-01", 100.0, ("a", "b"))
    assert found.words() == "A. Person, until 2026-01-01 on a, b: a reason"
    assert found._replace(hosts=()).words() == "A. Person, until 2026-01-01: a reason"

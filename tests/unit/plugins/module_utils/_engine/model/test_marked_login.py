# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.marked_login import (
    FORGED_ADDRESS,
    forged_ftp_name,
    forged_name,
)


def test_a_name_imitates_a_login_from_another_address() -> None:
    name = forged_name("probe-1")
    assert name.startswith("probe-1 from ")
    assert name.endswith(f" for root from {FORGED_ADDRESS}")


def test_a_name_for_ftp_imitates_a_login_and_can_be_sent() -> None:
    name = forged_ftp_name("tls_probe-1")
    assert name == f'tls_probe-1] OK LOGIN: Client "{FORGED_ADDRESS}", 5 bytes'
    assert name.isascii()
    assert name.isprintable()

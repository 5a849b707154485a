# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notification after a failed run, by a real command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.program import notify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def test_a_command_gets_the_message(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    notify("nightly", ["/usr/bin/tee", str(mail)], {"MONITOR_SERVICE_RESULT": "timeout"})
    assert mail.read_text().startswith(f"Subject: sync job nightly on {os.uname().nodename}: timeout\n")
    assert "cure: Run it again" in mail.read_text()


def test_a_hostile_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="is not the name of a job"):
        notify("a\nBcc: x", ["/usr/bin/tee", str(tmp_path / "mail")], {})

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit statuses: a table that schedulers rely on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.exit_status import (
    INTERRUPTED,
    LOCKED,
    exit_status,
)

PAGE = (Path(__file__).parents[6] / "docs/jobs.md").read_text()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (None, 0),
        (errors.NoSpace.code, 1),
        (errors.ProtocolViolation.code, 1),
        ("internal", 1),
        ("no code of ours", 1),
        (errors.InvalidRequest.code, 2),
        (errors.ClientMissing.code, 2),
        (errors.HostKeyChanged.code, 3),
        (errors.NotTls.code, 3),
        (errors.PrivateKeyUnusable.code, 4),
        (errors.SilentServer.code, 5),
        (errors.Stalled.code, 5),
        (errors.TooManyDeletions.code, 6),
        (errors.EmptySource.code, 6),
        (errors.Locked.code, 7),
        (errors.RunEnded.code, 143),
    ],
)
def test_the_status_of_a_code(code: str | None, status: int) -> None:
    assert exit_status(code) == status


def test_the_page_has_each_status() -> None:
    listed = re.findall(r"^\| (\d+) \| [a-z]", PAGE.partition("| status | outcome |")[2], re.MULTILINE)
    assert [int(status) for status in listed] == [*range(LOCKED + 1), INTERRUPTED]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server is asked for blocks again, after it refused or ended the session."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    FX_FAILURE,
    FX_OP_UNSUPPORTED,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.copy_file import Copying


@pytest.mark.parametrize(("code", "works"), [(FX_FAILURE, True), (FX_OP_UNSUPPORTED, False)])
def test_a_refusal_is_final_if_the_server_does_not_know_the_request(code: int, works: bool) -> None:
    notes: list[str] = []
    copying = Copying(notes.append)
    copying.begin()
    copying.refused(code)
    assert copying.works == works
    assert len(notes) == 1


def test_a_session_that_ended_over_a_request() -> None:
    notes: list[str] = []
    copying = Copying(notes.append)
    copying.begin()
    assert (copying.works, notes) == (True, [])
    copying.under_way += 1
    copying.begin()
    assert (copying.works, copying.under_way) == (False, 0)
    assert len(notes) == 1

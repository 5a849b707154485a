# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the session waits for the end of an aborted transfer.

The channel is simulated, because the test must not see a wait; real servers are in tests/integration/test_ftps_sync.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import Control


class Waited(Exception):
    """A pending wait for a reply."""


class Channel:
    """A stand-in for a connection that received `said` and nothing else."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def receive_now(self, view: memoryview) -> int | None:
        said, self._said = self._said, b""
        view[: len(said)] = said
        return len(said) or None

    def readable(self, seconds: float = 0.0) -> bool:
        if seconds:
            raise Waited
        return bool(self._said)


def control(said: bytes) -> Control:
    channel: Any = Channel(said)
    return Control(channel)


def test_a_preliminary_reply_too_many_ends_the_wait() -> None:
    """pure-ftpd's last word on a transfer that was cut off is `150 0.001 seconds (measured here)`."""
    assert control(b"150 begins\r\n150 0.001 seconds\r\n").wait_final(1.0, preliminary=1) is False
    assert control(b"150 0.001 seconds\r\n").wait_final(1.0, preliminary=0) is False


def test_the_transfers_own_preliminary_reply_does_not() -> None:
    with pytest.raises(Waited):
        control(b"150 begins\r\n").wait_final(1.0, preliminary=1)


def test_a_final_reply_behind_them_is_seen() -> None:
    found = control(b"150 begins\r\n426 cut\r\n")
    assert found.wait_final(1.0, preliminary=0) is True
    assert found.take_final().code == 426

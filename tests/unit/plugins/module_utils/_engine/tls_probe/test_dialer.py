# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of a check: pauses, and servers that turn some of them away. No server is asked here."""

from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectTimeout,
    SyncError,
    TooManyConnections,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe import dialer as tls_probe_dialer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.dialer import (
    Dialer,
    Target,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait in thousandths of a second."""
    monkeypatch.setattr(tls_probe_dialer, "_FIRST_WAIT", 0.001)


def dialer(pause: float = 0.0) -> Dialer:
    """Return a dialer that has made a connection."""
    made = Dialer(Target(Endpoint("ftps", "192.0.2.1"), Credentials(), TlsTrust(), pause=pause))
    made.paced(lambda: None)
    return made


class Door:
    """Turns away with each of `errors`, then lets in."""

    def __init__(self, *errors: SyncError) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "in"


def test_a_server_that_is_full_is_given_time() -> None:
    made = dialer()
    assert made.paced(Door(TooManyConnections("full"), ConnectionFailed("reset"), TooManyConnections("full"))) == "in"
    assert made.connections == 5


def test_but_not_for_ever() -> None:
    with pytest.raises(TooManyConnections):
        dialer().paced(Door(*[TooManyConnections("full")] * 9))


def test_the_first_connection_and_a_time_out_are_not_tried_again() -> None:
    first = Dialer(dialer().target)
    with pytest.raises(ConnectionFailed):
        first.paced(Door(ConnectionFailed("refused")))
    assert first.connections == 1
    with pytest.raises(ConnectTimeout):
        dialer().paced(Door(ConnectTimeout("late")))


def test_connections_are_counted_and_bounded() -> None:
    made = dialer()
    made.connections = 500
    with pytest.raises(SyncError, match="does not end"):
        made.paced(Door())


def test_a_pause_is_made() -> None:
    made, began = dialer(0.02), time.monotonic()
    for _number in range(3):
        made.paced(Door())
    assert time.monotonic() - began >= 0.06


def test_no_answer_takes_longer_than_a_connection() -> None:
    endpoint = Endpoint("ftps", "192.0.2.1", connect_timeout=3.0, stall_timeout=60.0)
    assert Dialer(Target(endpoint, Credentials(), TlsTrust())).target.endpoint.stall_timeout == 3.0

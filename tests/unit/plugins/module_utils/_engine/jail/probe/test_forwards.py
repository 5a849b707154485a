# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of forwarding by the bytes that come and by ssh's messages; logins are in the integration tests."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.forwards import (
    from_the_host,
    has_no_device,
    judged,
)

REFUSED = "channel 3: open failed: administratively prohibited: open failed"
TRIED = "channel 3: open failed: connect failed: Connection refused"


@pytest.mark.parametrize(
    ("answer", "messages", "count"),
    [(b"", [REFUSED], 0), (b"", [TRIED], 1), (b"SSH-2.0", [], 1), (b"", [], 0)],
)
def test_through_the_server(answer: bytes, messages: list[str], count: int) -> None:
    assert [each.id for each in judged("port_forwarding", answer, messages)] == ["port_forwarding"] * count


@pytest.mark.parametrize(
    ("messages", "codes"),
    [
        (["Allocated port 41211 for remote forward to 127.0.0.1:9"], ["remote_forwarding"]),
        (["Warning: remote port forwarding failed for listen port 0"], []),
        (["debug1: Requesting X11 forwarding with authentication spoofing."], ["display_forwarding"]),
        (["debug1: Requesting X11 forwarding", "X11 forwarding request failed on channel 0"], []),
        (["debug1: ssh_tun_confirm: tunnel forward established, id=3"], ["tunnel"]),
        (["debug1: ssh_tun_confirm: tunnel forward established, id=3", "Tunnel forwarding failed"], []),
    ],
)
def test_from_the_host(messages: list[str], codes: list[str]) -> None:
    assert [each.id for each in from_the_host(messages)] == codes


def test_no_device_for_a_tunnel() -> None:
    assert has_no_device(["Tunnel device open failed."])
    assert not has_no_device(["debug1: Requesting tun unit 2147483647 in mode 1"])

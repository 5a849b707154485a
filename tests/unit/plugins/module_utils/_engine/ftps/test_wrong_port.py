# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first bytes of a port decide the cause and the cure."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotTls
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.login import (
    another_protocol,
    implicit_expected,
    silent,
)


@pytest.mark.parametrize(
    ("words", "message", "cure"),
    [
        (b"SSH-2.0-OpenSSH_10.0\r\n", "ftp.example.com port 22: this is an SSH server: SSH-2.0-OpenSSH_10.0", "sftp"),
        (b"220 ready\r\n", "greets before TLS", "Set tls_mode to explicit."),
        (b"HTTP/1.1 400 Bad Request\r\n", "not TLS: HTTP/1.1 400", "port and tls_mode"),
        (b"\x1b[2J\n", r"\x1b", "port and tls_mode"),
        (b"\r\n", "the answer is not TLS", "port and tls_mode"),
        (b"", "the answer is not TLS", "port and tls_mode"),
    ],
)
def test_another_protocol(words: bytes, message: str, cure: str) -> None:
    error = another_protocol("ftp.example.com port 22", words)
    assert isinstance(error, NotTls)
    assert message in error.message
    assert cure in error.cure


def test_a_silent_server_is_not_tried_again() -> None:
    assert not silent("x").retryable
    assert "tls_mode" in silent("x").cure


def test_a_server_that_waits_for_tls() -> None:
    assert implicit_expected("x").cure == "Set tls_mode to implicit."

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a request, compared with openssl, which creates it."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.certificate import read_request
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.spki import pin_of
from hypothesis import given
from hypothesis import strategies as st
from support.servers.tls_authority import authority

OURS = authority().server()


def request(*options: str) -> bytes:
    """Return a request for the key of the test's own authority, DER."""
    words = ["openssl", "req", "-new", "-config", "/dev/null", "-key", str(OURS.key), "-subj", "/CN=ours", *options]
    return subprocess.run([*words, "-outform", "der"], check=True, capture_output=True).stdout


WHOLE = request("-addext", "subjectAltName=DNS:files.example.com,IP:192.0.2.1,IP:2001:db8::1")


def test_names_and_key() -> None:
    facts = read_request(WHOLE)
    assert facts.names == ("files.example.com", "192.0.2.1", "2001:db8::1")
    assert facts.pin == pin_of(OURS.der) == OURS.pin


@pytest.mark.parametrize("options", [(), ("-addext", "keyUsage=digitalSignature")])
def test_a_request_without_names(options: tuple[str, ...]) -> None:
    assert read_request(request(*options)).names == ()


@given(st.binary(max_size=300) | st.integers(0, len(WHOLE) - 1).map(lambda end: WHOLE[:end]))
def test_what_is_no_request_raises_value_error_alone(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_request(data)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_changed_byte_raises_nothing_else(at: int, byte: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] = byte
    try:
        read_request(bytes(changed))
    except ValueError:
        assert base64.b64encode(changed)


def test_a_certificate_is_no_request(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fields"):
        read_request(OURS.der)

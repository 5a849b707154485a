# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as bytes."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import (
    IAC_PROBE,
    Reply,
    flight,
    has_iac,
    is_telnet,
)


def test_flight() -> None:
    assert flight([(b"EPSV", b""), (b"STOR", b" a b")]) == b"EPSV\r\nSTOR  a b\r\n"


@pytest.mark.parametrize("name", [b"a\rb", b"a\nb", b"a\0b", b"a\r\nDELE b"])
def test_what_would_end_a_command_is_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName) as caught:
        flight([(b"NOOP", b""), (b"DELE", name)])
    assert caught.value.path == name
    assert caught.value.message.isprintable()


def test_iac() -> None:
    commands = [(b"SIZE", b"a\xffb")]
    assert has_iac(commands)
    assert not has_iac([(b"SIZE", b"a")])
    assert flight(commands) == b"SIZE a\xffb\r\n"
    assert flight(commands, telnet=True) == b"SIZE a\xff\xffb\r\n"


def test_the_reply_to_the_probe_tells() -> None:
    name = IAC_PROBE[1]
    assert is_telnet(Reply(550, (name.replace(b"\xff\xff", b"\xff") + b": No such file or directory",)))
    assert not is_telnet(Reply(550, (name + b": No such file or directory",)))
    assert not is_telnet(Reply(550, (b"Could not get file size.",)))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh's own messages, as OpenSSH 8.5 to 10 print them, and their interpretation."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import SshLog

LOGIN = """debug1: Local version string SSH-2.0-OpenSSH_10.0p2 Debian-7
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2
debug1: kex: algorithm: mlkem768x25519-sha256
debug1: kex: server->client cipher: aes128-gcm@openssh.com MAC: <implicit> compression: none
debug1: kex: client->server cipher: aes128-gcm@openssh.com MAC: <implicit> compression: none
debug1: Server host key: ssh-ed25519 SHA256:YNUwJQxeHRMo/+0Ivd2zDiH/0rOjGJ7cP/RoS0ErY38
debug1: SSH2_MSG_SERVICE_ACCEPT received
"""
CERTIFIED = (
    "debug1: Server host certificate: ssh-ed25519-cert-v01@openssh.com SHA256:QvgF, serial 1"
    ' ID "x" CA ssh-ed25519 SHA256:zg5p valid forever\n'
)


def read(text: str) -> SshLog:
    log = SshLog()
    for number in range(0, len(text), 7):
        log.feed(text[number : number + 7].encode("utf-8", "surrogateescape"))
    return log


def test_who_was_met() -> None:
    identity = read(LOGIN).identity
    assert identity.protocol == "SSH-2.0"
    assert identity.client == "OpenSSH_10.0p2"
    assert identity.software == "OpenSSH_9.2p1 Debian-2"
    assert identity.host_key_type == "ssh-ed25519"
    assert identity.host_key_fingerprint == "SHA256:YNUwJQxeHRMo/+0Ivd2zDiH/0rOjGJ7cP/RoS0ErY38"
    assert identity.key_exchange == "mlkem768x25519-sha256"
    assert identity.cipher == "aes128-gcm@openssh.com"


def test_a_certificate_is_named_with_its_own_fingerprint() -> None:
    identity = read(CERTIFIED).identity
    assert identity.host_key_type == "ssh-ed25519-cert-v01@openssh.com"
    assert identity.host_key_fingerprint == "SHA256:QvgF"


def test_a_banner_of_the_server_cannot_change_who_was_met() -> None:
    assert read(LOGIN + CERTIFIED).identity == read(LOGIN).identity


def test_the_state_of_the_channel() -> None:
    log = read("debug1: Sending subsystem: sftp\n")
    assert (log.entered, log.accepted) == (True, False)
    log.feed(
        b"debug2: clientloop.c:client_status_confirm():839 (bin=ssh, pid=1): subsystem request accepted on channel 0\n"
    )
    assert log.accepted
    assert read("debug1: Sending command: sha256sum\n").entered


def test_the_types_that_the_server_has_are_the_second_list() -> None:
    line = "debug2: kex.c:kex_buf2prop():203 (bin=ssh, pid=1): host key algorithms: %s\n"
    assert read(line % "a,b,c").server_key_types == ()
    assert read(line % "a,b,c" + line % "b,d").server_key_types == ("b", "d")


BEFORE = "debug1: Connection established.\n"
BANNER = "debug1: kex_exchange_identification: banner line %d: %s\n"
CLOSED = "kex_exchange_identification: Connection closed by remote host\n"


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        (BANNER % (0, "220 (vsFTPd 3.0.5)") + BANNER % (1, "530 Please login"), False),
        (BANNER % (0, "Welcome") + CLOSED, True),
        ("kex_exchange_identification: banner line contains invalid characters\n", True),
    ],
)
def test_a_server_that_speaks_and_not_ssh(text: str, *, waits: bool) -> None:
    said = read(BEFORE + text)
    assert (said.is_silent, said.is_another_protocol) == (False, not waits)


def test_lines_before_the_version_are_no_harm() -> None:
    said = read(BEFORE + BANNER % (0, "220 Welcome") + LOGIN + "Connection closed by h port 22\n")
    assert not said.is_another_protocol


def test_a_silent_server() -> None:
    assert read(BEFORE).is_silent
    assert not read("").is_silent
    assert not read(BEFORE + LOGIN).is_silent


def test_no_words() -> None:
    assert read("").last_message() == ""


def test_what_a_peer_says_is_bounded_and_escaped() -> None:
    log = read("")
    for _line in range(200):
        log.feed(b"\x1b]0;title\x07\xff\xe2\x80\xae" * 1000 + b"\n")
    assert log.last_message().isprintable()
    assert sum(map(len, log.lines)) < 1 << 18
    log.feed(b"x" * (1 << 20))
    assert len(log._rest) <= 4096


def test_lists_of_algorithms_without_end_take_no_memory() -> None:
    log = SshLog()
    for number in range(1000):
        log.feed(b"debug2: host key algorithms: own-%d,%s\n" % (number, b"a," * 900))
    assert log.server_key_types[0] == "own-1"
    assert sum(map(len, log._offers)) < 2000

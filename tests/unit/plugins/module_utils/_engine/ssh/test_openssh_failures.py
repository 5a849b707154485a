# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reason of a failed login by ssh's own messages, as OpenSSH 8.5 to 10 print them."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_failures import (
    login_failure,
    login_timeout,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import SshLog

LOGIN = """debug1: Local version string SSH-2.0-OpenSSH_10.0p2 Debian-7
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2
debug1: SSH2_MSG_SERVICE_ACCEPT received
"""
BEFORE = "debug1: Connection established.\n"
BANNER = "debug1: kex_exchange_identification: banner line %d: %s\n"
CLOSED = "kex_exchange_identification: Connection closed by remote host\n"
UNKNOWN = (
    "No ED25519 host key is known for [h]:2222 and you have requested strict checking.\nHost key verification failed.\n"
)


def read(text: str) -> SshLog:
    log = SshLog()
    log.feed(text.encode())
    return log


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (UNKNOWN, errors.UnknownHost),
        ("Host key verification failed.\n", errors.UnknownHost),
        (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n",
            errors.HostKeyChanged,
        ),
        ("The ED25519 host key for h is marked as revoked.\n", errors.HostKeyRevoked),
        ("Host key ED25519 SHA256:x revoked by file /etc/ssh/revoked\n", errors.HostKeyRevoked),
        ("Certificate invalid: expired\n" + UNKNOWN, errors.TrustError),
        ("u@h: Permission denied (publickey,password).\n", errors.AuthenticationFailed),
        (
            'Authenticated using "publickey" with partial success.\nu@h: Permission denied (keyboard-interactive).\n',
            errors.SecondFactorRequired,
        ),
        (
            "Authenticated with partial success.\nu@h: Permission denied (keyboard-interactive).\n",
            errors.SecondFactorRequired,
        ),
        ("u@h: Permission denied (publickey,keyboard-interactive).\n", errors.AuthenticationFailed),
        ("Received disconnect from h port 22:2: Too many authentication failures\n", errors.AuthenticationFailed),
        ('Load key "/k": bad permissions\nu@h: Permission denied (publickey).\n', errors.PrivateKeyUnusable),
        ('Load key "/k": invalid format\nu@h: Permission denied (publickey).\n', errors.PrivateKeyUnusable),
        ('Load key "/k": error in libcrypto\nu@h: Permission denied (publickey).\n', errors.PrivateKeyUnusable),
        (
            "debug2: x: bad passphrase given, try again...\nu@h: Permission denied (publickey).\n",
            errors.PrivateKeyUnusable,
        ),
        ("ssh: connect to host h port 22: Connection refused\n", errors.ConnectionFailed),
        ("ssh: connect to host h port 22: No route to host\n", errors.ConnectionFailed),
        ("ssh: Could not resolve hostname h: Name or service not known\n", errors.ConnectionFailed),
        ("ssh: connect to host h port 22: Connection timed out\n", errors.ConnectTimeout),
        ("Connection timed out during banner exchange\nConnection to h port 22 timed out\n", errors.ConnectTimeout),
        ("kex_exchange_identification: Connection closed by remote host\n", errors.TooManyConnections),
        ("kex_exchange_identification: read: Connection reset by peer\n", errors.TooManyConnections),
        ("debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\n", errors.TooManyConnections),
        ("debug1: kex_exchange_identification: banner line 0: Not allowed at this time\n", errors.TooManyConnections),
        ("channel 0: open failed: administratively prohibited: open failed\n", errors.TooManyConnections),
        ("subsystem request failed on channel 0\n", errors.NotSupported),
        ("exec request failed on channel 0\n", errors.NotSupported),
        (
            "Unable to negotiate with h port 22: no matching host key type found. Their offer: ssh-dss\n",
            errors.AlgorithmsRefused,
        ),
        ("/c: line 3: Unsupported option\nWarning: x\n" + CLOSED, errors.TooManyConnections),
        ("/bin/sh: 1: exec: nc: not found\n" + CLOSED, errors.ConnectionFailed),
        ("ssh: connect to host hop port 22: Connection timed out\n" + CLOSED, errors.ConnectTimeout),
        ("debug1: Executing proxy command: exec nc h 22\n" + CLOSED, errors.ConnectionFailed),
        ("debug1: Executing proxy command: exec ssh -W '[h]:22' -- hop\n" + CLOSED, errors.TooManyConnections),
        ("Connection closed by h port 22\n", errors.ConnectionFailed),
        (
            "KnownHostsCommand-ORDER: setresgid 1: Invalid argument\nKnownHostsCommand failed\n",
            errors.InvalidRequest,
        ),
        ('Unsafe KnownHostsCommand "/bin/sh": bad ownership\n', errors.InvalidRequest),
        ("Bad owner or permissions on /home/u/.ssh/config\n", errors.InvalidRequest),
        (
            "/c: line 1: Bad configuration option: x\n/c: terminating, 1 bad configuration options\n",
            errors.InvalidRequest,
        ),
    ],
)
def test_the_cause_of_a_failed_login(text: str, error: type[errors.SyncError]) -> None:
    found = login_failure(read(LOGIN + text), "h port 22", "u", pinned=False)
    assert type(found) is error
    assert found is not None
    assert found.cure


@pytest.mark.parametrize(
    ("host", "shown"), [("h", "Connection refused"), ("hop", "ssh: connect to host hop port 22: Connection refused")]
)
def test_the_server_is_named_once(host: str, shown: str) -> None:
    text = f"ssh: connect to host {host} port 22: Connection refused\n"
    found = login_failure(read(LOGIN + text), "h port 22", "u", pinned=False)
    assert found is not None
    assert found.message == f"h port 22: {shown}"


def test_an_unlisted_key_is_a_changed_one_when_there_are_pins() -> None:
    assert type(login_failure(read(LOGIN + UNKNOWN), "h", "u", pinned=True)) is errors.HostKeyChanged


@pytest.mark.parametrize(
    "text",
    [
        BANNER % (0, "220 (vsFTPd 3.0.5)") + BANNER % (1, "530 Please login"),
        BANNER % (0, "Welcome") + CLOSED,
        "kex_exchange_identification: banner line contains invalid characters\n",
    ],
)
def test_a_server_that_speaks_and_not_ssh(text: str) -> None:
    assert type(login_failure(read(BEFORE + text), "h", "u", pinned=False)) is errors.NotSsh


def test_lines_before_the_version_are_no_harm() -> None:
    said = read(BEFORE + BANNER % (0, "220 Welcome") + LOGIN + "Connection closed by h port 22\n")
    assert type(login_failure(said, "h", "u", pinned=False)) is errors.ConnectionFailed


def test_a_silent_server() -> None:
    said = read(BEFORE + "Connection timed out during banner exchange\n")
    found = login_failure(said, "h", "u", pinned=False)
    assert type(found) is errors.ConnectTimeout
    assert "sent nothing" in found.cure


def test_a_login_that_takes_too_long() -> None:
    found = login_timeout(read(BEFORE + LOGIN + "Still here\n"), "h port 22", 1.5)
    assert found.message == "h port 22: no session after 1.5 s: Still here"
    assert "connect_timeout" in found.cure
    assert found.answered
    silent = login_timeout(read(BEFORE), "h", 1)
    assert "sent nothing" in silent.cure
    assert not silent.answered


def test_no_words_no_cause() -> None:
    assert login_failure(read(LOGIN), "h", "u", pinned=False) is None


def test_what_a_peer_says_is_escaped() -> None:
    denied = login_failure(read("u@h: Permission denied (\x1b[2Jpublickey).\n"), "h", "u", pinned=False)
    assert denied is not None
    assert denied.message.isprintable()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.sshd_lines import (
    ACCEPTED,
    CHILD,
    CLOSED,
    FAILED,
    INVALID,
    OPENED,
    PARTIAL,
    PENALTY,
    REFUSED,
    STARTED,
    STEP,
    Line,
    parse_sshd,
)

KEY = "SHA256:MwZ39ZuPZTht1Ps6/sxDIGb43/4L4n6skWb1LCex6l8"
FROM = "from 198.51.100.1 port 32848"

LINES = {
    f"Accepted publickey for partner {FROM} ssh2: ED25519 {KEY}": Line(
        ACCEPTED, "partner", "198.51.100.1", 32848, "publickey", KEY
    ),
    f"Accepted publickey for partner {FROM} ssh2: ED25519-CERT {KEY} ID x {FROM} ssh2 (serial 1) CA ED25519 {KEY}": (
        Line(ACCEPTED, "partner", "198.51.100.1", 32848, "publickey", KEY)
    ),
    f"Accepted password for partner {FROM} ssh2": Line(ACCEPTED, "partner", "198.51.100.1", 32848, "password"),
    "Accepted password for partner from fe80::1%eth0 port 1 ssh2": Line(
        ACCEPTED, "partner", "fe80::1%eth0", 1, "password"
    ),
    f"Accepted publickey for partner {FROM} ssh2: ED25519-SK {KEY}": Line(
        ACCEPTED, "partner", "198.51.100.1", 32848, "publickey", KEY, token=True
    ),
    f"Accepted publickey for partner {FROM} ssh2: ECDSA-SK-CERT {KEY} ID x (serial 1) CA ED25519 {KEY}": Line(
        ACCEPTED, "partner", "198.51.100.1", 32848, "publickey", KEY, token=True
    ),
    f"Partial publickey for partner {FROM} ssh2: ED25519 {KEY}": Line(
        PARTIAL, "partner", "198.51.100.1", 32848, "publickey", KEY
    ),
    f"Failed publickey for partner {FROM} ssh2: ED25519 {KEY}": Line(
        FAILED, "partner", "198.51.100.1", 32848, "publickey", KEY
    ),
    f"Failed password for invalid user admin {FROM} ssh2": Line(FAILED, "admin", "198.51.100.1", 32848, "password"),
    f"Failed none for invalid user admin {FROM} ssh2": Line(STEP),
    f"Invalid user admin {FROM}": Line(INVALID, "admin", "198.51.100.1", 32848),
    f"Invalid user  {FROM}": Line(INVALID, "", "198.51.100.1", 32848),
    "User root from 198.51.100.1 not allowed because not listed in AllowUsers": Line(
        REFUSED, "root", "198.51.100.1", method="not listed in AllowUsers"
    ),
    "User root from host.example not allowed because not listed in AllowUsers": Line(
        REFUSED, "root", method="not listed in AllowUsers"
    ),
    f"error: maximum authentication attempts exceeded for invalid user x y {FROM} ssh2 [preauth]": Line(
        REFUSED, "x y", "198.51.100.1", 32848, "maximum authentication attempts exceeded"
    ),
    f"error: Authentication key ED25519 {KEY} revoked by file /etc/ssh/revoked_keys": Line(
        REFUSED, method="revoked", key=KEY
    ),
    "Timeout before authentication for connection from 198.51.100.1 to 198.51.100.10, pid = 7": Line(
        REFUSED, address="198.51.100.1", method="Timeout before authentication"
    ),
    "drop connection #3 from [198.51.100.1]:4000 on [198.51.100.10]:22 penalty: failed authentication": Line(
        REFUSED, "", "198.51.100.1", 4000, "penalty: failed authentication"
    ),
    "srclimit_penalise: ipv4: new 198.51.100.1/32 deferred penalty of 1 seconds for penalty: x": Line(STEP),
    "srclimit_penalise: ipv4: new 198.51.100.1/32 active penalty of 20 seconds for penalty: no login": Line(
        PENALTY, address="198.51.100.1", method="penalty: no login"
    ),
    "User child is on pid 242": Line(CHILD, number=242),
    "pam_unix(sshd:session): session opened for user partner(uid=1001) by partner(uid=0)": Line(
        OPENED, "partner", number=1001
    ),
    "pam_unix(sshd:session): session closed for user partner": Line(CLOSED, "partner"),
    "Disconnected from user partner 198.51.100.1 port 32848": Line(CLOSED, "partner", "198.51.100.1", 32848),
    f"Starting session: forced-command (config) 'internal-sftp -lVERBOSE' for partner {FROM} id 0": Line(
        STARTED, "partner", "198.51.100.1", 32848
    ),
    f"Accepted key ED25519 {KEY} found at /etc/ssh/authorized_keys.d/partner:2": Line(STEP),
    f"Postponed publickey for partner {FROM} ssh2 [preauth]": Line(STEP),
    "Server listening on 0.0.0.0 port 22.": Line(STEP),
    "Received SIGHUP; restarting.": Line(STEP),
    "Received signal 15; terminating.": Line(STEP),
}


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    assert parse_sshd(text) == LINES[text]


@pytest.mark.parametrize(
    "name",
    [
        "root from 192.0.2.9 port 5",
        "root from 192.0.2.9 port 5 ssh2",
        f"root from 192.0.2.9 port 5 ssh2: ED25519 {KEY}",
        "x\\nAccepted password for root from 192.0.2.9 port 5 ssh2",
        "invalid user root",
        "",
        " ",
        "\udcff",
    ],
)
@pytest.mark.parametrize("tail", ["", f": ED25519 {KEY}"])
def test_a_name_of_an_account_chooses_no_address(name: str, tail: str) -> None:
    failed = parse_sshd(f"Failed publickey for invalid user {name} {FROM} ssh2{tail}")
    invalid = parse_sshd(f"Invalid user {name} {FROM}")
    for found in (failed, invalid):
        assert found is not None
        assert (found.account, found.address) == (name, "198.51.100.1")


@pytest.mark.parametrize("end", ["", " ID y"])
def test_the_identifier_of_an_unproven_certificate_chooses_no_address(end: str) -> None:
    evil = f"x from 192.0.2.9 port 5 ssh2: ED25519 {KEY}{end}"
    text = f"Failed publickey for root {FROM} ssh2: ED25519-CERT {KEY} ID {evil} (serial 0) CA ED25519 {KEY}"
    assert parse_sshd(text) == Line(FAILED, method="publickey", ambiguous=True)


def test_words_of_a_client_behind_the_beginning_have_no_meaning() -> None:
    words = f"Accepted password for root {FROM} ssh2"
    assert parse_sshd(f"Received disconnect {FROM}:11: {words} [preauth]") == Line(STEP)
    assert parse_sshd(f"banner exchange: Connection {FROM}: invalid format {words}") == Line(STEP)
    assert parse_sshd(f"unheard of: {words}") is None

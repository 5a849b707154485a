# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, accounts, ports and jump hosts, good and bad."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import login_words
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


@pytest.mark.parametrize("text", ["localhost", "a", "files.example.com", "my_host", "192.0.2.7", "2001:db8::7", "::1"])
def test_host(text: str) -> None:
    assert login_words.host("host", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-oProxyCommand=id",
        "--",
        "a b",
        "a\n",
        "a\nb",
        "a\0b",
        "a\tb",
        "\x1b[2J",
        "[::1]",
        "user@host",
        "sftp://host/",
        "host,other",
        "a;id",
        "$(id)",
        "a`id`",
        "%h",
        "host%eth0",
        "fe80::1%eth0",
        "exämple.com",
        "\u202ehost",
        "host/..",
        "'host'",
        "*",
        "?",
        "!host",
    ],
)
def test_bad_host(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^host: ") as caught:
        login_words.host("host", text)
    assert caught.value.message.isprintable()
    assert caught.value.cure


def test_a_task_without_a_server_names_both_ways() -> None:
    assert login_words.server("files.example.com") == "files.example.com"
    with pytest.raises(InvalidRequest, match="host: is not set") as caught:
        login_words.server(None)
    assert "Set host; or run the task for a host of the inventory" in caught.value.cure


@pytest.mark.parametrize("text", [None, "deploy", "first.last", "user@example.com", "DOM\\user", "jürgen", "a-b_c+d"])
def test_account(text: str | None) -> None:
    assert login_words.account("username", text) == text


@pytest.mark.parametrize(
    "text", ["", "-oProxyCommand=id", "a b", "a\n", "a\0", "a'b", 'a"b', "$x", "%u", "a;b", "a\\", "\u202ea", "\u00a0"]
)
def test_bad_account(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^username: ") as caught:
        login_words.account("username", text)
    assert caught.value.message.isprintable()


def test_port() -> None:
    assert [login_words.port("port", value) for value in (None, 1, 22, 65535)] == [None, 1, 22, 65535]
    for value in (0, -1, 65536):
        with pytest.raises(InvalidRequest, match=r"^port: .* out of range"):
            login_words.port("port", value)


@pytest.mark.parametrize(
    "text",
    ["gate", "gate:2222", "admin@gate", "admin@gate.example.com:2222", "me@dom@gate", "[::1]:22", "a@[2001:db8::7]"],
)
def test_jump(text: str) -> None:
    assert login_words.jump("proxy_jump", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@gate",
        "gate:",
        "gate:0",
        "gate:65536",
        "gate:x",
        "a@",
        "a,b",
        "-J",
        "a@-J",
        "-l@gate",
        "::1",
        "a b",
        "gate\n",
        "ssh://gate",
        "gate:22:22",
    ],
)
def test_bad_jump(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^proxy_jump: ") as caught:
        login_words.jump("proxy_jump", text)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("ftp.example.com:2121", "ftp.example.com", "2121"),
        ("192.0.2.7:22", "192.0.2.7", "22"),
        ("[::1]:22", "::1", "22"),
    ],
)
def test_a_host_with_a_port_is_taken_apart_in_the_cure(text: str, host: str, port: str) -> None:
    with pytest.raises(InvalidRequest, match="includes a port") as caught:
        login_words.host("host", text)
    assert caught.value.cure == f"Set host to {host} and port to {port}."

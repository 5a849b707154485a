# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of keys: exactly the lines of one holder, and no others."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, NotSupported
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    KeyLimited,
    account_keys,
    mark_of,
    public_key,
    revoked_keys,
    with_revoked,
    without_revoked,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from support.servers import ssh_keys

MARK = mark_of("batch1/nightly")
OTHERS = """# a comment

ssh-ed25519 AAAA somebody
restrict ssh-ed25519 AAAA client_key_rotation:batch1/nightly2
from="192.0.2.1" ssh-ed25519 AAAA client_key_rotation:batch1/nightly
"""


def key(number: int) -> PublicKey:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + number.to_bytes(32, "big")
    return public_key(f"ssh-ed25519 {base64.b64encode(blob).decode()} a comment")


def test_keys_are_added_beside_others() -> None:
    text = account_keys(OTHERS, MARK, [key(1)])
    assert text == account_keys(OTHERS, MARK, []) + f"restrict {key(1).text} client_key_rotation:batch1/nightly\n"
    assert [line for line in OTHERS.splitlines() if line and line not in text.splitlines()] == []


def test_the_holder_has_exactly_these() -> None:
    both = account_keys(OTHERS, MARK, [key(1), key(2)])
    assert account_keys(both, MARK, [key(1), key(2)]) == both
    assert account_keys(both, MARK, [key(2)]).count(MARK + "\n") == OTHERS.count(MARK + "\n") + 1
    assert key(1).text not in account_keys(both, MARK, [key(2)])
    assert account_keys(both, MARK, []) == account_keys(OTHERS, MARK, [])


def test_a_last_line_without_an_end_stays_a_line() -> None:
    assert account_keys("ssh-ed25519 AAAA x", MARK, [key(1)]).splitlines()[0] == "ssh-ed25519 AAAA x"


@pytest.mark.parametrize(
    "line", ["{} admin", "restrict {}", "# from=x {}", " {}", "restrict {} client_key_rotation:other/job"]
)
def test_a_key_that_another_line_has_without_options(line: str) -> None:
    """A client that names a foreign key: its own line is added and removed, the foreign line stays."""
    text = line.format(key(1).text) + "\n"
    both = account_keys(text, MARK, [key(1)])
    assert both == f"{text}restrict {key(1).text} {MARK}\n"
    assert account_keys(both, MARK, [key(2)]) == f"{text}restrict {key(2).text} {MARK}\n"


@pytest.mark.parametrize(
    "line",
    [
        'from="192.0.2.1" {} admin',
        "restrict,command=x {}",
        'restrict,command="a b" {} client_key_rotation:other/job',
        "cert-authority {}",
        " expiry-time=20261127 {}",
    ],
)
def test_a_line_of_the_holder_does_not_lift_options_of_another(line: str) -> None:
    with pytest.raises(KeyLimited, match="with other options"):
        account_keys(line.format(key(1).text) + "\n", MARK, [key(1)])
    assert account_keys(line.format(key(1).text) + "\n", MARK, [key(2)]).endswith(f"{MARK}\n")


@pytest.mark.parametrize("holder", ["", "a b", "a\nssh-ed25519 AAAA", "a#\t", "é"])
def test_a_holder_is_one_word(holder: str) -> None:
    with pytest.raises(InvalidRequest, match="holder"):
        mark_of(holder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "command=x ssh-ed25519 AAAA",
        f"{key(1).text}\nssh-rsa AAAA",
        key(1).text[:-4],
        ssh_keys.certify_user(ssh_keys.key("unit"), ssh_keys.key("ca"), principals="a").certificate_text,
    ],
    ids=["empty", "type", "short", "options", "two lines", "cut", "certificate"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="keys"):
        public_key(text)


def test_a_key_without_a_comment() -> None:
    assert public_key(key(1).text) == key(1)


def test_revoked_keys_come_and_go() -> None:
    one = with_revoked(b"", [key(1)])
    two = with_revoked(one, [key(2), key(1)])
    assert one.startswith(b"# Keys that sshd refuses")
    assert with_revoked(two, [key(1)]) == two
    assert revoked_keys(two) == {key(1).text, key(2).text}
    assert without_revoked(two, [key(2)]) == one
    assert without_revoked(b"", [key(1)]) == b""
    assert revoked_keys(with_revoked(b"", [])) == frozenset()


def test_a_binary_list_is_refused() -> None:
    with pytest.raises(NotSupported, match="binary"):
        with_revoked(b"SSHKRL\n\0\0\0\0\1", [key(1)])


@pytest.mark.parametrize("text", ["root:x:0:0::/root:/bin/sh", "restrict ssh-ed25519 AAAA", 'from="x" {}', "Port 22"])
def test_a_file_of_something_else_is_refused(text: str) -> None:
    content = (key(2).text + "\n  # a comment\n\n" + text.format(key(1).text) + "\n").encode()
    for edit in (with_revoked, without_revoked):
        for keys in ([], [key(1)]):
            with pytest.raises(NotSupported, match="line 4 of the file of revoked keys is not a public key"):
                edit(content, keys)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and secrets as they are written in a task."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import login_words
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def test_a_key_ends_with_a_line_end() -> None:
    assert login_words.key_text("private_key", " -----BEGIN X-----\r\nabc\r\n") == "-----BEGIN X-----\nabc\n"
    assert login_words.key_text("private_key", None) is None
    with pytest.raises(InvalidRequest, match=r"^sign\.private_key: is not the text of a private key$"):
        login_words.key_text("sign.private_key", "ssh-ed25519 AAAA")


@pytest.mark.parametrize("text", ["", "two\nlines", "nul\0"])
def test_a_secret_is_one_line_and_never_shown(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        login_words.secret("passphrase", text)
    assert caught.value.message == "passphrase: is empty or has more than one line"
    assert login_words.secret("passphrase", "secret") == "secret"


LINE = "ssh-ed25519-cert-v01@openssh.com AAAA"


@pytest.mark.parametrize("text", [LINE, f" {LINE}\n", f"{LINE} a comment\r\n", LINE.replace(" ", "\t")])
def test_a_certificate_is_a_line(text: str) -> None:
    assert login_words.certificate("certificate", text) == LINE
    assert login_words.certificate("certificate", None) is None


@pytest.mark.parametrize(
    "text", ["", "/etc/key-cert.pub", "ssh-ed25519 AAAA", f"{LINE}\n{LINE}", "-----BEGIN X-----", f"{LINE} a\0b"]
)
def test_a_text_that_is_no_certificate(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^certificate: is not the line of an SSH certificate$"):
        login_words.certificate("certificate", text)


@pytest.mark.parametrize("path", ["", 'with"quote', "line\nend"])
def test_a_file_name_stands_in_a_line(path: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^certificate_file: "):
        login_words.one_line("certificate_file", path)
    assert login_words.one_line("certificate_file", "/etc/x") == "/etc/x"

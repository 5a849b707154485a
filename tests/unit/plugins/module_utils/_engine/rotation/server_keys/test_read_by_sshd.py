# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that sshd reads for an account. sshd's answer is given here; the tests on hosts use a real sshd."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.read_by_sshd import (
    Ask,
    require_authorized_keys,
    require_revoked_keys,
)


def answering(**values: str) -> Ask:
    """sshd, which has one value for each account."""
    return lambda account, _keyword: (values[account],) if account in values else ()


def test_the_file_of_revoked_keys() -> None:
    require_revoked_keys(
        "/etc/ssh/revoked", ["root", "partner"], ask=answering(root="/etc/ssh/revoked", partner="/etc/ssh/revoked")
    )


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/root/.ssh/authorized_keys", answering(root="/etc/ssh/revoked", partner="/etc/ssh/revoked")),
        ("/etc/ssh/revoked", answering(root="none", partner="/etc/ssh/revoked")),
        ("/etc/ssh/revoked", answering(root="/etc/ssh/revoked", partner="none")),
        ("/etc/ssh/revoked", answering(root="/etc/ssh/revoked")),
        ("/etc/ssh/revoked", answering()),
    ],
)
def test_another_file_is_refused(path: str, ask: Ask) -> None:
    with pytest.raises(NotSupported, match="sshd does not read"):
        require_revoked_keys(path, ["root", "partner"], ask=ask)


@pytest.mark.parametrize(
    "words",
    [
        "/etc/ssh/keys/%u",
        "/etc/ssh/keys/root",
        ".ssh/authorized_keys /etc/ssh/keys/%u",
        "%h/../etc/ssh/keys/root /etc/ssh/keys/%u",
    ],
)
def test_the_file_of_authorized_keys(words: str) -> None:
    require_authorized_keys("/etc/ssh/keys/root", "root", ask=answering(root=words))


def test_a_file_that_sshd_reads_for_a_part_of_the_logins_is_refused() -> None:
    with pytest.raises(NotSupported, match="sshd does not read /keys/root for root: AuthorizedKeysFile is none"):
        require_authorized_keys("/keys/root", "root", ask=lambda _account, _keyword: ("/keys/%u", "none"))
    with pytest.raises(NotSupported, match="sshd does not read /revoked for root: RevokedKeys is /revoked none"):
        require_revoked_keys("/revoked", ["root"], ask=lambda _account, _keyword: ("/revoked", "none"))


@pytest.mark.parametrize(("words", "path"), [("%h/.ssh/%u%%%U", "/root/.ssh/root%0"), (".ssh/keys", "/root/.ssh/keys")])
def test_tokens(words: str, path: str) -> None:
    require_authorized_keys(path, "root", ask=answering(root=words))


@pytest.mark.parametrize("words", ["none", "", "/etc/ssh/keys/%U", "/etc/ssh/keys", "/etc/ssh/keys/%x"])
def test_a_file_that_sshd_does_not_read_is_refused(words: str) -> None:
    with pytest.raises(NotSupported, match="sshd does not read /etc/ssh/keys/root for root"):
        require_authorized_keys("/etc/ssh/keys/root", "root", ask=answering(root=words))

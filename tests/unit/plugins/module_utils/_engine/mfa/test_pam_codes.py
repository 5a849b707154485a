# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that PAM asks for codes."""

from __future__ import annotations

import grp
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.pam_codes import asks_for_codes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.marked_block import with_block

OLD = {"usepam": ("yes",)}
CODE = "auth [success=1 default=ignore] pam_google_authenticator.so secret=/x user=root\n"
NAMES = "auth [success=1 default=die] pam_succeed_if.so quiet user in alice:bob\n"
GROUP = f"auth [success=ignore auth_err=4 default=die] pam_succeed_if.so quiet user ingroup {grp.getgrgid(0).gr_name}\n"


@pytest.mark.parametrize(
    ("block", "account", "asks"),
    [
        (NAMES + GROUP + CODE, "alice", True),
        (NAMES + GROUP + CODE, "bob", True),
        (NAMES + GROUP + CODE, "root", True),
        (GROUP + CODE, "root", True),
        (NAMES + GROUP + CODE, "ali", False),
        (NAMES + GROUP + CODE, "nobody", False),
        (NAMES + GROUP, "alice", False),
        (f"#{NAMES}{CODE}", "alice", False),
        (
            "auth x pam_succeed_if.so quiet user ingroup no-such\n" + CODE,
            "root",
            False,
        ),
        ("", "alice", False),
    ],
)
def test_the_accounts_of_a_block(tmp_path: Path, block: str, account: str, asks: bool) -> None:
    path = tmp_path / "sshd"
    path.write_text(with_block("sshd", "@include common-auth\n", block or "none") or "")
    assert asks_for_codes(OLD, account, str(path)) == asks


def test_lines_elsewhere_ask_for_nothing(tmp_path: Path) -> None:
    """An earlier line of the file could accept a login before the block is reached."""
    path = tmp_path / "sshd"
    assert not asks_for_codes(OLD, "alice", str(path))
    path.write_text(NAMES + CODE)
    assert not asks_for_codes(OLD, "alice", str(path))
    path.write_text("auth sufficient pam_permit.so\n" + (with_block("sshd", "", NAMES + CODE) or ""))
    assert not asks_for_codes(OLD, "alice", str(path))


@pytest.mark.parametrize(
    ("settings", "asks"),
    [
        ({"usepam": ("yes",), "pamservicename": ("sshd-mfa",)}, True),
        ({"usepam": ("yes",), "pamservicename": ("sshd",)}, False),
        ({"usepam": ("no",), "pamservicename": ("sshd-mfa",)}, False),
        ({"usepam": ("no",)}, False),
        ({}, False),
    ],
)
def test_settings_of_sshd(tmp_path: Path, settings: dict[str, tuple[str, ...]], asks: bool) -> None:
    """The block is looked at only if sshd has no service of its own for the account."""
    path = tmp_path / "sshd"
    path.write_text(with_block("sshd", "", NAMES + GROUP + CODE) or "")
    assert asks_for_codes(settings, "alice", str(path)) == asks

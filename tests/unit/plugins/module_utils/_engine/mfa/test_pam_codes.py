# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of PAM ask an account for codes."""

from __future__ import annotations

import grp
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.pam_text import (
    asks_for_codes,
    block_text,
    program_text,
    service_text,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.marked_block import with_block

OLD = {"usepam": ("yes",)}
NEW = {"usepam": ("yes",), "pamservicename": ("sshd-mfa",)}
SEEDS = "/etc/mfa"
GROUP = grp.getgrgid(0).gr_name
BLOCK = block_text(["alice", "bob"], GROUP, SEEDS)
CODE = next(line for line in BLOCK.splitlines(keepends=True) if "pam_google_authenticator.so" in line)


class Files:
    """The files of PAM and the program of the role."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.program = directory / "enrolment"
        self.program.write_text(program_text(SEEDS))
        self.write("sshd-mfa", service_text(SEEDS))
        self.write("sshd", with_block("sshd", "@include common-auth\n", BLOCK) or "")

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def ask(self, settings: dict[str, tuple[str, ...]], account: str = "alice") -> bool:
        return asks_for_codes(settings, account, SEEDS, str(self.directory), str(self.program))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize(
    ("block", "account", "asks"),
    [
        (BLOCK, "alice", True),
        (BLOCK, "bob", True),
        (BLOCK, "root", True),
        (BLOCK, "ali", False),
        (BLOCK, "nobody", False),
        (block_text([], GROUP, SEEDS), "root", True),
        (block_text([f"n{number}" for number in range(41)], "no-such", SEEDS), "n40", True),
        (block_text([f"n{number}" for number in range(41)], "no-such", SEEDS), "root", False),
        (BLOCK.replace(CODE, ""), "alice", False),
        (BLOCK.replace(CODE, "# " + CODE), "alice", False),
        (BLOCK.replace(CODE, "auth sufficient pam_permit.so\n" + CODE), "alice", False),
        (BLOCK.replace("success=done default=die", "success=done default=ignore"), "alice", False),
        (BLOCK.replace("ingroup " + GROUP, "ingroup"), "alice", False),
        (BLOCK.replace("[success=1 auth_err=ignore", "[success=3 auth_err=ignore"), "alice", False),
        (BLOCK + "auth required pam_permit.so\n", "alice", False),
        (block_text(["alice"], GROUP, "/etc/other"), "alice", False),
        ("none", "alice", False),
    ],
)
def test_the_accounts_of_a_block(files: Files, block: str, account: str, asks: bool) -> None:
    files.write("sshd", with_block("sshd", "@include common-auth\n", block) or "")
    assert files.ask(OLD, account) == asks


@pytest.mark.parametrize("head", ["auth sufficient pam_permit.so\n", "# a line\n"])
def test_a_block_that_is_not_the_head_asks_for_nothing(files: Files, head: str) -> None:
    """An earlier line of the file could accept a login before the block is reached."""
    files.write("sshd", head + (files.directory / "sshd").read_text())
    assert not files.ask(OLD)


def test_without_a_file_of_pam_nothing_asks(files: Files) -> None:
    """PAM takes the service `other` then."""
    for name in ("sshd", "sshd-mfa"):
        (files.directory / name).unlink()
    assert not files.ask(OLD)
    assert not files.ask(NEW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "auth sufficient pam_permit.so\n" + service_text(SEEDS),
        service_text(SEEDS).replace("auth [success=1", "# auth [success=1"),
        service_text(SEEDS).replace("default=die", "default=ignore"),
        service_text(SEEDS).replace("user=root", "user=root nullok"),
        service_text(SEEDS).replace("account include", "@include common-auth\naccount include"),
        service_text("/etc/other"),
    ],
)
def test_a_service_that_is_not_as_the_role_writes_it(files: Files, text: str) -> None:
    assert files.ask(NEW)
    files.write("sshd-mfa", text)
    assert not files.ask(NEW)


def test_a_program_that_lets_every_account_in(files: Files) -> None:
    files.program.write_text("#!/bin/sh\nexit 0\n")
    assert not files.ask(NEW)
    assert not files.ask(OLD)


def test_without_the_program_pam_refuses_pending_accounts(files: Files) -> None:
    files.program.unlink()
    assert files.ask(NEW)
    assert files.ask(OLD)


@pytest.mark.parametrize(
    "settings",
    [
        {**NEW, "pamservicename": ("sshd",)},
        {**NEW, "usepam": ("no",)},
        {"usepam": ("no",)},
        {},
    ],
)
def test_settings_of_sshd(files: Files, settings: dict[str, tuple[str, ...]]) -> None:
    """The block is looked at only if sshd has no service of its own for the account."""
    assert not files.ask(settings)

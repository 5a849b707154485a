# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block of the role mfa in PAM's file of sshd, for any number of accounts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.pam_text import (
    block_text,
    program_text,
    service_text,
)

LONGEST_LINE = 1023
"""Bytes: libpam before version 1.6 reads the rest as another line (BUF_SIZE in _pam_assemble_line)."""
CODE = "pam_google_authenticator.so"


def lines(count: int) -> list[str]:
    """Return the lines of the block about authentication, for names of 32 characters."""
    text = block_text([f"{number:032}" for number in range(count)], "g" * 32)
    return [line for line in text.splitlines() if line.startswith("auth ")]


@pytest.mark.parametrize("count", [0, 1, 20, 21, 400])
def test_every_account_with_codes_jumps_to_the_code(count: int) -> None:
    block = lines(count)
    assert max(map(len, block)) <= LONGEST_LINE
    code = next(number for number, line in enumerate(block) if CODE in line)
    named = []
    for number, line in enumerate(block[: code - 1]):
        jump = re.match(r"auth \[success=(\d+) ", line)
        assert jump is not None, line
        assert number + 1 + int(jump[1]) == code
        named += line.rpartition(" ")[2].split(":")
    assert named == [f"{number:032}" for number in range(count)]


def test_an_account_without_the_group_jumps_over_the_block() -> None:
    block = lines(1)
    group = next(number for number, line in enumerate(block) if "ingroup" in line)
    assert " auth_err=4 user_unknown=4 ignore=4 " in block[group]
    assert len(block) == group + 1 + 4


def test_the_service_and_the_block_ask_for_a_code_in_the_same_way() -> None:
    service = [line for line in service_text().splitlines() if line.startswith("auth ")]
    assert service[:3] == lines(0)[1:4]
    assert CODE in service[0]


def test_the_program_of_pending_accounts(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(program_text(str(tmp_path)))
    for name in ("pending", "accepted"):
        (tmp_path / name).mkdir()
    (tmp_path / "pending/alice").write_text("4000000000\n")
    (tmp_path / "pending/bob").write_text("1\n")

    def status(word: str, user: str) -> int:
        environment = {"PAM_USER": user, "PATH": "/usr/bin:/bin"}
        return subprocess.run(["sh", str(program), word], env=environment, check=False).returncode

    assert [status("pending", name) for name in ("alice", "bob", "carol", "../pending/alice")] == [0, 1, 1, 1]
    assert status("accepted", "alice") == 0
    assert (status("pending", "alice"), (tmp_path / "accepted/alice").exists()) == (1, True)

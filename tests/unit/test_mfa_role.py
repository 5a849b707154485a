# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block of the role mfa in PAM's file of sshd, for any number of accounts."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

TEMPLATES = Path(__file__).parents[2] / "roles" / "mfa" / "templates"
LONGEST_LINE = 1023
"""Bytes: libpam before version 1.6 reads the rest as another line (BUF_SIZE in _pam_assemble_line)."""
CODE = "pam_google_authenticator.so"


def lines(count: int) -> list[str]:
    """Return the lines of the block about authentication, for names of 32 characters."""
    names = [{"name": f"{number:032}"} for number in range(count)]
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True)  # noqa: S701 (no HTML)
    text = environment.get_template("pam_block.j2").render(
        __mfa_by_service=False, __mfa_with_codes=names, __mfa={"options": {"mfa_group": "g" * 32}}
    )
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

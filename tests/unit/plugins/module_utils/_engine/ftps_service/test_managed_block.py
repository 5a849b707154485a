# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block between its marks, and the lines that it stands for."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.config_file import (
    BEGIN,
    END,
    block_of,
    set_aside,
    without_block,
)


def test_a_block_goes_and_comes() -> None:
    block = block_of(["a=1", "b=2"])
    assert block == f"{BEGIN}a=1\nb=2\n{END}"
    assert without_block(f"x=1\n{block}y=2\n") == "x=1\ny=2\n"
    assert without_block("x=1\r\ny") == "x=1\r\ny"


@pytest.mark.parametrize("text", [BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_marks_that_do_not_belong_together(text: str) -> None:
    with pytest.raises(InvalidRequest, match="do not match"):
        without_block(f"x=1\n{text}")


def test_lines_are_set_aside_with_what_continues_them() -> None:
    text = "keep\nTLSOptions a \\\n  b\nkeep too\n"
    aside = set_aside(text, lambda line: line.startswith("TLS"))
    assert aside == "keep\n#tls_policy# TLSOptions a \\\n#tls_policy#   b\nkeep too\n"


def test_it_is_asked_for_every_line() -> None:
    asked: list[str] = []
    set_aside("a \\\nb\nc\n", lambda line: bool(asked.append(line)) or line.startswith("a"))
    assert asked == ["a \\\n", "b\n", "c\n"]

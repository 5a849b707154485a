# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are run to their end."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import (
    ask_program,
    run_program,
)


def test_what_it_says_is_told_apart() -> None:
    said = ask_program("/bin/sh", "-c", "echo out; echo err >&2; exit 3")
    assert said == (3, "out\n", "err\n")


def test_output_that_is_not_kept() -> None:
    assert ask_program("/bin/sh", "-c", "echo out; echo err >&2; exit 3", output=False) == (3, "", "")


def test_it_has_no_input() -> None:
    assert ask_program("cat", seconds=10) == (0, "", "")


def test_what_is_no_text_does_not_stop_it() -> None:
    assert ask_program("printf", r"a\377b").out == "a\N{REPLACEMENT CHARACTER}b"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        ask_program("no-such-program")
    with pytest.raises(OperationFailed, match="no-such-program is not installed"):
        run_program("no-such-program")


def test_a_failure_says_what_the_program_said() -> None:
    with pytest.raises(OperationFailed, match=r"^sh -c .* failed: the reason$"):
        run_program("sh", "-c", "echo the; echo reason; false")
    with pytest.raises(OperationFailed, match="no reason given"):
        run_program("false")


def test_one_that_does_not_end() -> None:
    with pytest.raises(OperationFailed, match="timed out"):
        ask_program("sleep", "60", seconds=0.1)

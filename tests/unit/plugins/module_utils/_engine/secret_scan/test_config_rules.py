# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of ansible.cfg."""

from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.scan import (
    config_findings,
)

GOOD = "[defaults]\nno_target_syslog = true\ndebug = false\n"


def found(text: str) -> list[str]:
    return [each.id for each in config_findings(text)]


def test_good_settings() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("debug = true", "debug_on"),
        ("display_args_to_stdout = yes", "arguments_shown"),
        ("keep_remote_files = 1", "files_kept"),
        ("log_path = /var/log/ansible.log", "log_kept"),
        ("no_target_syslog = false", "log_kept"),
    ],
)
def test_settings_that_show_secrets(line: str, name: str) -> None:
    assert found(GOOD + line + "\n") == [name]


def test_syslog_of_hosts_is_on_by_default() -> None:
    assert found("[defaults]\nforks = 5\n") == ["log_kept"]


@pytest.mark.parametrize("text", ["", "not a configuration", "[galaxy]\ndebug = true\n", "[defaults\n", "a = 1\n"])
def test_other_files(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\u00a0"])
def test_many_blanks_take_no_time(blank: str) -> None:
    """The parser of Python takes the square of their number: a minute."""
    before = time.process_time()
    assert found(GOOD + "a" + blank * 60_000 + "b\ndebug  =  true\n") == ["debug_on"]
    assert time.process_time() - before < 5

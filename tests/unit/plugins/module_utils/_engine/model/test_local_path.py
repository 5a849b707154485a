# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as users write them."""

from __future__ import annotations

import os
import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.local_path import (
    home_directory,
    local_path,
)

HOME = pwd.getpwuid(os.getuid()).pw_dir


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("~", HOME),
        ("~/.ssh/key", HOME + "/.ssh/key"),
        ("/a/../b", "/b"),
        ("a", os.path.join(os.getcwd(), "a")),
        ("~other/key", os.path.join(os.getcwd(), "~other/key")),
    ],
)
def test_an_absolute_path(path: str, absolute: str) -> None:
    assert local_path(path) == absolute


def test_home_is_the_accounts_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/elsewhere")
    assert home_directory() == HOME

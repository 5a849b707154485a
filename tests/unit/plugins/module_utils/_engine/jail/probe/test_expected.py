# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of an account."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import (
    DOWNLOAD,
    Expected,
)

EXPECTED = Expected(writable=(b"/a/in", b"/both"), readable=(b"/out", b"/both"))


@pytest.mark.parametrize(
    ("path", "held"),
    [(b"/a/in", True), (b"/a/in/x", True), (b"/a", True), (b"/a/inner", False), (b"/etc", False), (b"/out/..", True)],
)
def test_what_is_held(path: bytes, held: bool) -> None:
    assert EXPECTED.holds(path) is held


def test_directories_are_named_once() -> None:
    assert EXPECTED.directories == (b"/a/in", b"/both", b"/out")


def test_an_account_for_downloads_stores_nowhere() -> None:
    assert EXPECTED.stores_in == (b"/a/in", b"/both")
    assert EXPECTED._replace(access=DOWNLOAD).stores_in == ()

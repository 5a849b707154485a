# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary names are found again, and no other name."""

from __future__ import annotations

import re

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.sftp_session import (
    joined,
    mark_of,
    marked_name,
    remove_leftovers,
    temporary_name,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE
from support.scenes.jail_session import JailSession


def test_names_are_removed_whether_file_or_directory() -> None:
    names = {joined(b"/data", temporary_name()): kind for kind in (FILE, DIRECTORY)}
    names[joined(b"/data", marked_name())] = FILE
    others = {b"/data/.jail_probe-": FILE, b"/data/.jail_probe-0123456789abcdefg": FILE, b"/data/x": FILE}
    others[joined(b"/data", marked_name() + b"x")] = FILE
    jail = JailSession({b"/data": DIRECTORY, **names, **others})
    assert remove_leftovers(jail.sftp, (b"/", b"/data", b"/missing")) == 3
    assert jail.entries.keys() == {b"/", b"/data", *others}


def test_a_path_in_the_root() -> None:
    assert joined(b"/", b"x") == b"/x"


def test_a_marked_name() -> None:
    """A file system takes it, and its mark is in it."""
    name = marked_name()
    assert (len(name) < 200, b"/" in name, b"\0" in name) == (True, False, False)
    assert name.startswith(b"." + mark_of(name).encode())
    assert re.fullmatch(r"jail_probe-[0-9a-f]{16}", mark_of(name))

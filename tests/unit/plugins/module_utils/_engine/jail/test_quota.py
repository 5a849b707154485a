# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas in whole blocks. Their effect in the kernel needs a file system with quotas."""

from __future__ import annotations

import ctypes
import os

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import Quota
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.tree import read_quota, rounded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import closing


def test_space_is_rounded_up_to_whole_blocks() -> None:
    assert rounded(Quota(1, 5)) == Quota(1024, 5)
    assert rounded(Quota(2048)) == Quota(2048)
    assert rounded(Quota(None, 5)) == Quota(None, 5)


def test_a_file_system_without_quota() -> None:
    with closing(os.open("/proc", os.O_RDONLY)) as descriptor:
        assert read_quota(descriptor, os.getuid()) is None
        assert not tree.enforced(descriptor)


def test_the_structure_is_that_of_the_kernel() -> None:
    assert ctypes.sizeof(tree._Dqblk) == 72
    assert tree._Dqblk.valid.offset == 64
    assert tree._State.flags.offset == 2

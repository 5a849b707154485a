# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeat of a lock on a local tree."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import Heartbeat
from support.running.patience import HANG_SECONDS


def test_touches_until_it_is_stopped(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_bytes(b"")
    os.utime(lock, (1, 1))
    heart = Heartbeat(os.fsencode(tmp_path), b"lock", 0.01)
    heart.start()
    deadline = time.monotonic() + HANG_SECONDS
    while lock.stat().st_mtime == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    heart.stop()
    os.utime(lock, (1, 1))
    time.sleep(0.05)
    assert lock.stat().st_mtime == 1
    heart.stop()


def test_a_link_is_not_followed_and_a_missing_file_not_made(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"")
    os.utime(other, (1, 1))
    (tmp_path / "lock").symlink_to(other)
    for name in (b"lock", b"missing"):
        heart = Heartbeat(os.fsencode(tmp_path), name, 0.005)
        heart.start()
        time.sleep(0.05)
        heart.stop()
    assert other.stat().st_mtime == 1
    assert sorted(os.listdir(tmp_path)) == ["lock", "other"]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system calls that make files durable, recorded and executed: a test cannot cut the power."""

from __future__ import annotations

__all__ = ["durable_calls"]

import os

import pytest


def durable_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with each call: the name of the file for fsync, else `rename`."""
    calls: list[str] = []
    fsync, rename = os.fsync, os.rename

    def noted_fsync(descriptor: int) -> None:
        calls.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def noted_rename(old: str, new: str, **directories: int) -> None:
        calls.append("rename")
        rename(old, new, **directories)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "rename", noted_rename)
    return calls

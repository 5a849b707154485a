# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The id of this boot, from the kernel or from the unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import boot_id

KERNEL = Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "").encode()


def test_the_kernel_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(boot_id.VARIABLE, "another")
    assert boot_id.boot_id() == KERNEL


def test_the_unit_gives_it_where_the_kernel_hides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot_id, "_FILE", "/proc/hidden")
    monkeypatch.delenv(boot_id.VARIABLE, raising=False)
    assert boot_id.boot_id() == b""
    monkeypatch.setenv(boot_id.VARIABLE, KERNEL.decode())
    assert boot_id.boot_id() == KERNEL

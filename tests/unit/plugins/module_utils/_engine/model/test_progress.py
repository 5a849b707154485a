# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of the progress file are a contract between the module and the controller."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import (
    PHASES,
    VERSION,
    ProgressState,
)


def test_the_fields_of_version_1() -> None:
    assert VERSION == 1
    fields = ("at", "phase", "files", "files_total", "bytes", "bytes_total", "entries", "proof", "proof_total")
    assert ProgressState._fields == fields
    before = ("logging in", "waiting for another run", "comparing", "hashing")
    assert (*before, "moving", "proving", "removing") == PHASES

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults of a check, and of a report before anything was read."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import (
    CONTENTS,
    SAMPLE,
    Coverage,
    Sample,
    TreeCheckReport,
)


def test_a_sample_rotates_unless_it_is_random() -> None:
    assert Sample() == (20, None, None, 0)
    assert SAMPLE in CONTENTS


def test_nothing_is_covered_at_first() -> None:
    assert TreeCheckReport().coverage == Coverage(0, 0, None)

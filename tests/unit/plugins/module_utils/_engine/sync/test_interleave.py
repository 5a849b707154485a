# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two streams in turn."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import interleaved


def test_in_turn_then_the_rest() -> None:
    assert list(interleaved("abc", "1")) == ["a", "1", "b", "c"]
    assert list(interleaved("", "12")) == ["1", "2"]
    assert list(interleaved("", "")) == []

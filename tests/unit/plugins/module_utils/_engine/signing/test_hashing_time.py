# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files get more time."""

from __future__ import annotations

import tempfile

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import seconds_to_hash


def test_it_grows_with_the_file() -> None:
    with tempfile.TemporaryFile() as file:
        assert seconds_to_hash(file) == 0
        file.truncate(800 << 30)
        assert 3600 < seconds_to_hash(file) < 1_000_000

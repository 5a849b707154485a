# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest is SHA-256, as published."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.digest import DIGEST_SIZE, sha256


def test_known_answer() -> None:
    # FIPS 180-4's example message "abc".
    running = sha256()
    running.update(b"a")
    running.update(b"bc")
    assert running.hexdigest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(running.digest()) == DIGEST_SIZE

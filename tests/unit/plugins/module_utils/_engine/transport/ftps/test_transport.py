# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport, at a small FTPS server. Real servers: integration/test_ftps_contract.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.contracts.ftps_contract import FtpsContract
from support.contracts.lacking import SpecialsAreFiles
from support.scripted.scripted_ftps import ScriptedFtps


class Scripted(ScriptedFtps):
    def give(self, _path: Path) -> None:
        """The files belong to this user."""


class TestAllFacts(SpecialsAreFiles, FtpsContract):
    levels, small_files = 20, 120

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
        with Scripted(tmp_path_factory.mktemp("served")) as running:
            yield running

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport, at a small FTPS server. Real servers: integration/test_ftps_contract.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import FtpsOptions
from support.contracts.ftps_contract import FtpsContract, ftps_transport
from support.contracts.lacking import SpecialsAreFiles
from support.contracts.transport_contract import transfers_of
from support.scripted.scripted_ftps import ScriptedFtps
from support.trees.memory_transport import MemoryTransport


class Scripted(ScriptedFtps):
    def give(self, _path: Path) -> None:
        """The files belong to this user."""


@pytest.mark.parametrize(("count", "parallel", "several"), [(4, None, False), (100, None, True), (100, 1, False)])
def test_sessions_are_as_many_as_the_work_is_worth(
    tmp_path: Path, count: int, parallel: int | None, several: bool
) -> None:
    source = MemoryTransport({b"%d" % number: b"x" for number in range(count)})
    with Scripted(tmp_path) as server:
        with closing(ftps_transport(server, b"/", FtpsOptions(parallel=parallel))) as transport:
            assert {each.error for each in transport.upload(transfers_of(source.snapshot()), source)} == {None}
        sessions = {each.session for each in server.commands() if each.verb == b"STOR"}
    assert (len(sessions) > 1) is several


class TestAllFacts(SpecialsAreFiles, FtpsContract):
    levels, small_files = 20, 120

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
        with Scripted(tmp_path_factory.mktemp("served")) as running:
            yield running

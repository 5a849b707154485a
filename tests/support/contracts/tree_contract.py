# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of every Transport. A subclass named Test... provides the fixture and the methods of `TreeScene`."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

from .changing_contract import ChangingContract
from .reading_contract import ReadingContract
from .tree_scene import Make

__all__ = ["TreeContract"]


class TreeContract(ReadingContract, ChangingContract):
    def test_nothing_to_do_is_no_error(self, make: Make) -> None:
        transport = make({})
        for results in (
            transport.look([]),
            transport.digest({}),
            transport.make_directories([]),
            transport.make_links([]),
            transport.set_attributes([]),
            transport.rename([]),
            transport.keep_in(RelPath(b"t"), [], remove=True),
            transport.remove_files([]),
            transport.remove_directories([]),
            transport.sync_directories([]),
        ):
            assert list(results) == []
        assert self.truth(transport) == {}

    def test_close_twice(self, make: Make) -> None:
        transport = make({})
        transport.close()
        transport.close()

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cause of a failure as data: printable, with the cure, the number of other failed items, and the finished part."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import failure
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound


def test_the_cause_is_printable_and_has_its_cure() -> None:
    made = failure(NotFound("vanished\x1b[2J", path=b"dir/\xff", cure="Look."))
    message = "vanished\\x1b[2J"
    assert made == {
        "failed": True,
        "msg": f"{message}: 'dir/\\xff'. Look.",
        "error": {"code": "not_found", "path": "dir/\\xff", "message": message, "cure": "Look."},
    }


def test_an_error_of_no_item_has_no_path() -> None:
    assert failure(NotFound("vanished"))["error"]["path"] is None


def test_other_items_and_the_finished_part_follow() -> None:
    assert failure(NotFound("vanished"), others=2)["msg"] == "vanished (2 more items failed)"
    assert failure(NotFound("vanished"), others=1, finished="1 file")["msg"] == (
        "vanished (1 more item failed) Finished: 1 file."
    )
    assert failure(NotFound("vanished"), finished="1 file")["msg"] == "vanished. Finished: 1 file."

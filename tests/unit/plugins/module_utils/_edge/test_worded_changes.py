# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a rotation as parts of a result."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.changes import worded_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change


def test_nothing_to_do() -> None:
    assert worded_result(()) == {"changed": False, "changes": [], "msg": "nothing to do", "diff": []}


def test_a_value_is_shown_in_words_and_as_a_diff() -> None:
    result = worded_result([Change("/link", "old", "new")])
    assert (result["changed"], result["msg"]) == (True, "/link: old -> new")
    assert result["changes"] == [{"path": "/link", "before": "old", "after": "new"}]
    assert result["diff"] == [{"before": "old\n", "after": "new\n", "before_header": "/link", "after_header": "/link"}]


def test_the_content_of_a_file_is_in_the_diff_only() -> None:
    result = worded_result([Change("/keys", "", "a\nb\n"), Change("/other", "1", "2")])
    assert result["msg"] == "/keys: written; /other: 1 -> 2"
    assert result["diff"][0]["after"] == "a\nb\n"


def test_no_control_character_reaches_a_terminal() -> None:
    result = worded_result([Change("/a\x1b[2J", "b\x1b", "c")])
    assert "\x1b" not in result["msg"] + result["changes"][0]["before"] + result["diff"][0]["after_header"]

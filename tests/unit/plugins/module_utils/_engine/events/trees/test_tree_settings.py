# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.main import (
    parse_tree_settings,
)

GIVEN: dict[str, Any] = {"events": "/e", "collector": "/c", "state": "/s", "trees": []}
TREE = {"path": "/srv/a", "views": {"partner": "/in"}}


def test_settings_are_read() -> None:
    settings = parse_tree_settings(json.dumps({**GIVEN, "trees": [TREE, {"path": "/b", "views": None}]}).encode())
    assert settings[:3] == ("/e", "/c", "/s")
    assert settings.trees == (("/srv/a", {"partner": "/in"}), ("/b", {}))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "settings: not an object with collector, events, state, trees"),
        ({"events": "/e"}, "settings: not an object with collector, events, state, trees"),
        ({**GIVEN, "state": 1}, "settings: state: not of the type str"),
        ({**GIVEN, "trees": [{"path": "a"}]}, "trees: path a is not a plain absolute path"),
        ({**GIVEN, "trees": [{"path": "/a/../b"}]}, "trees: path /a/../b is not a plain absolute path"),
        ({**GIVEN, "trees": [{"path": "/a", "view": {}}]}, "trees: .* is not an object with path and views"),
        ({**GIVEN, "trees": [{**TREE, "views": {"a": "in"}}]}, "trees: views of /srv/a: not a path .*"),
        ({**GIVEN, "trees": [{**TREE, "views": ["a"]}]}, "trees: views of /srv/a: not a path .*"),
        ({**GIVEN, "trees": [TREE, TREE]}, "trees: /srv/a is there twice"),
    ],
)
def test_other_settings_are_refused(values: Any, message: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{message}$"):
        parse_tree_settings(json.dumps(values).encode())


def test_settings_are_json() -> None:
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        parse_tree_settings(b"{")

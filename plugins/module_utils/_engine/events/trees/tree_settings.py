# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the program `trees`, from its JSON file."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

from ...errors import InvalidRequest

_NAMES = {"events": str, "collector": str, "state": str, "trees": list}


class WatchedTree(NamedTuple):
    """path: absolute
    views: account -> the path under which it sees the tree, as /in
    """

    path: str
    views: Mapping[str, str]


class TreeSettings(NamedTuple):
    """events: path of events.jsonl
    collector: directory of the state of the collector
    state: directory of the manifests
    """

    events: str
    collector: str
    state: str
    trees: Tuple[WatchedTree, ...]


def parse_tree_settings(text: bytes) -> TreeSettings:
    """Return the settings of a file. Raises InvalidRequest."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InvalidRequest("settings: not valid JSON: %s" % error) from None
    if not isinstance(values, dict) or set(values) != set(_NAMES):
        raise InvalidRequest("settings: not an object with %s" % ", ".join(sorted(_NAMES)))
    for name, kind in _NAMES.items():
        if not isinstance(values[name], kind):
            raise InvalidRequest("settings: %s: not of the type %s" % (name, kind.__name__))
    return TreeSettings(**{**values, "trees": _trees(values["trees"])})


def _trees(values: List[Any]) -> Tuple[WatchedTree, ...]:
    trees = tuple(_tree(value) for value in values)
    paths = [tree.path for tree in trees]
    for path in paths:
        if paths.count(path) > 1:
            raise InvalidRequest("trees: %s is there twice" % path, cure="List each tree once.")
    return trees


def _tree(value: Any) -> WatchedTree:
    if not isinstance(value, dict) or set(value) - {"path", "views"} or not isinstance(value.get("path"), str):
        raise InvalidRequest("trees: %r is not an object with path and views" % (value,))
    path, views = value["path"], value.get("views")
    if not path.startswith("/") or os.path.normpath(path) != path:
        raise InvalidRequest("trees: path %s is not a plain absolute path" % path, cure="Set an absolute path.")
    return WatchedTree(path, _views(path, {} if views is None else views))


def _views(tree: str, views: Any) -> Dict[str, str]:
    if not isinstance(views, dict) or not all(isinstance(each, str) and each[:1] == "/" for each in views.values()):
        raise InvalidRequest("trees: views of %s: not a path for each account" % tree, cure="Map accounts to paths.")
    return views

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the options of the role transfer_monitoring, checked on the controller."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils._engine.errors import InvalidRequest

_PATHS = "transfer_monitoring_aide_paths"


def require_transfer_monitoring(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest for a path that AIDE would compare with nothing. path_of: not used."""
    if options["transfer_monitoring_aide"] and not options[_PATHS]:
        raise InvalidRequest(
            "%s: must not be empty" % _PATHS, cure="List the files of the configuration in %s." % _PATHS
        )
    for path in options[_PATHS]:
        _require_path(path)


def _require_path(path: str) -> None:
    if not path.startswith("/") or not path.isprintable():
        raise InvalidRequest("%s: %r is not an absolute path" % (_PATHS, path), cure="Correct it in %s." % _PATHS)
    normal = "/" + posixpath.normpath(path).lstrip("/")
    if normal == "/":
        raise InvalidRequest("%s: %s is the whole host" % (_PATHS, path), cure="List directories in %s." % _PATHS)
    if path != normal:
        raise InvalidRequest(
            "%s: %s is another name of %s" % (_PATHS, path, normal), cure="Write %s in %s." % (normal, _PATHS)
        )

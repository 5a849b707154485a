# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads of modules (AnsiballZ), shared by all runs of ansible-playbook on the same content of the collection.

Ansible builds the payload of each module again in each run: that is half of the processor time of a play's controller.
The payloads have no arguments of tasks in them.
"""

from __future__ import annotations

__all__ = ["with_shared_payloads"]

import hashlib
import os
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from . import cache

_ROOT = Path(__file__).parents[3]
_CALLBACKS = Path(__file__).parents[1] / "callback_plugins"
_SOURCES = ("plugins/modules", "plugins/module_utils")
_COLLECTIONS = "ANSIBLE_COLLECTIONS_PATH"


def with_shared_payloads(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a controller with shared payloads.

    A run with a collection of a test of its own keeps its payloads to itself.
    """
    collections = environment.get(_COLLECTIONS, "").split(os.pathsep)
    if not all(map(_is_lasting, collections)):
        return dict(environment)
    payloads = cache.kept("payloads", [metadata.version("ansible-core"), *collections, _content()], Path.mkdir)
    return {
        **environment,
        "MODULE_PAYLOADS": str(payloads),
        "ANSIBLE_CALLBACK_PLUGINS": _joined(os.pathsep, str(_CALLBACKS), environment.get("ANSIBLE_CALLBACK_PLUGINS")),
        "ANSIBLE_CALLBACKS_ENABLED": _joined(",", "module_payloads", environment.get("ANSIBLE_CALLBACKS_ENABLED")),
    }


def _is_lasting(directory: str) -> bool:
    return any(Path(directory).is_relative_to(place) for place in (_ROOT / ".cache", cache.root()))


def _content() -> str:
    """Return a hash over the files that payloads consist of, apart from Ansible's."""
    content = hashlib.sha256()
    for path in sorted(path for source in _SOURCES for path in (_ROOT / source).rglob("*.py")):
        content.update(repr((str(path.relative_to(_ROOT)), path.read_bytes())).encode())
    return content.hexdigest()


def _joined(separator: str, *parts: str | None) -> str:
    return separator.join(filter(None, parts))

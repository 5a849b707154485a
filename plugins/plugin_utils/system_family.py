# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The family of a system, from a table on the controller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils._engine.errors import Refused
from ..module_utils._engine.model.display import plain

_FAMILIES = {
    "Debian": frozenset({"debian", "ubuntu"}),
    "RedHat": frozenset({"rhel", "fedora", "centos"}),
}
_LONGEST = 80
_CURE = "Use Debian 12 or 13 or Ubuntu 24.04, or a system of the RHEL family, on which the role is not tested."


class SystemUnsupported(Refused):
    """The roles do not support the system of the host."""

    code = "system_unsupported"


def family_of(system: Any) -> str:
    """Return the family of a system; empty if it belongs to none. system: `id` and `like`, as the host answered."""
    names = {str(system.get("id")), *map(str, system.get("like") or ())} if isinstance(system, Mapping) else set()
    return next((family for family, members in _FAMILIES.items() if names & members), "")


def require_supported(host: str, family: str, system: Any, supported: Iterable[str]) -> None:
    """Raise SystemUnsupported if a role does not support the family."""
    if family not in supported:
        name = str(system.get("id")) if isinstance(system, Mapping) else "unknown"
        raise SystemUnsupported(f"{host}: the system {plain(name[:_LONGEST])} is not supported", cure=_CURE)

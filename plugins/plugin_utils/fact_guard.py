# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against facts that bear the names of the roles' variables.

Ansible lets the facts that a host returns win over role defaults, group_vars and host_vars.
"""

from __future__ import annotations

__all__ = ["ROLES", "FactsRefused", "require_no_own_names"]

from collections.abc import Iterable

from ..module_utils._edge.words import plain
from ..module_utils._engine.errors import Refused

ROLES = ("chroot_jail", "ftps_server", "key_rotation", "sftp_server")
MOST_SHOWN = 5


class FactsRefused(Refused):
    """A host returned facts with names of the roles' variables."""

    code = "facts_refused"


def require_no_own_names(host: str, facts: Iterable[str]) -> None:
    """Raise FactsRefused if the facts of a host hold a name of the roles' variables."""
    own = sorted(filter(_is_own, facts))
    if own:
        raise FactsRefused(
            "facts of %s: must not have the names of role variables, and have %s" % (plain(host), _listed(own)),
            cure="Find out which task or fact file of the host returns them: a host that is not compromised does not. "
            "Then clear the fact cache. Set your own values in the inventory, never by set_fact with cacheable.",
        )


def _is_own(name: str) -> bool:
    bare = str(name).lstrip("_")
    return bare in ROLES or bare.startswith(tuple(role + "_" for role in ROLES))


def _listed(names: list[str]) -> str:
    shown = ", ".join(plain(name[:80]) for name in names[:MOST_SHOWN])
    return shown if len(names) <= MOST_SHOWN else "%s and %d more" % (shown, len(names) - MOST_SHOWN)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The confirmation of a change of sshd's configuration, over a login that is newer than the change.

1. Refuse it, and restore, if the files were changed meanwhile or the owner of this login could not log in again.
2. Stop the timer of the rollback.
"""

from __future__ import annotations

from typing import Mapping

from ..errors import NotConfirmed
from . import daemon, session
from . import rollback as guard
from .daemon import CONFIG
from .stage import configuration_files
from .wanted import owner_refused


def confirm() -> None:
    """Keep the pending change if this login and the present files prove it; otherwise restore the previous files."""
    facts = guard.pending()
    if facts is None:
        raise NotConfirmed(
            "no change of sshd's configuration awaits confirmation%s"
            % (": it was undone, because it was not confirmed in time" if guard.restored() else ""),
            cure="Read sshd's log to find out why the login failed or was late, and run this again.",
        )
    doubt = _doubt(facts)
    if doubt:
        guard.restore()
        raise NotConfirmed("%s; the previous configuration is restored" % doubt, cure="Run this again.")
    if not guard.disarm():
        raise NotConfirmed("the confirmation came too late: the change was undone", cure="Allow more time for it.")


def _doubt(facts: Mapping[str, object]) -> str:
    """Return the objection to the change; empty if there is none."""
    if session.began() <= float(str(facts.get("applied", "inf"))):
        return "this login is not newer than the change"
    written = list(configuration_files())
    if written != facts["files"] or guard.state_of(written) != facts["state"]:
        return "sshd's configuration was changed again in the meantime, and the login proves nothing about that change"
    daemon.check()
    return owner_refused(session.owner(), CONFIG)

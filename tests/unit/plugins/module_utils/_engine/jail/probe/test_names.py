# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that lead out of a jail, and names of other accounts."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import Expected
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.names import (
    OUTSIDE,
    names_that_lead_out,
    other_accounts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE
from support.scenes.jail_session import JailSession

EXPECTED = Expected(writable=(b"/data",))


def test_a_jail_shows_nothing() -> None:
    jail = JailSession({b"/data": DIRECTORY})
    assert list(names_that_lead_out(jail.sftp, EXPECTED)) == []
    assert list(other_accounts(jail.sftp, EXPECTED, (b"other",))) == []
    assert set(jail.asked) == {"open", "stat", "lstat"}


def test_files_of_the_host_are_listed_in_one_finding() -> None:
    jail = JailSession(dict.fromkeys(OUTSIDE, FILE))
    (found,) = names_that_lead_out(jail.sftp, EXPECTED)
    assert (found.id, found.severity) == ("name_outside", "critical")
    assert found.observed.startswith("the host's files are visible: /etc/passwd, /../etc/passwd, ")
    assert found.observed.count(",") == 4
    below_the_directory = 1
    assert found.observed.endswith(f" and {4 * len(OUTSIDE) + below_the_directory - 5} more")


def test_a_directory_of_the_jail_with_such_a_name_is_no_finding() -> None:
    jail = JailSession({b"/etc": DIRECTORY, b"/etc/passwd": FILE})
    assert list(names_that_lead_out(jail.sftp, Expected(readable=(b"/etc",)))) == []


def test_another_account_is_found_where_jails_usually_are() -> None:
    jail = JailSession({b"/srv": DIRECTORY, b"/srv/jail": DIRECTORY, b"/srv/jail/other": DIRECTORY})
    (found,) = other_accounts(jail.sftp, EXPECTED, (b"other", b"data"))
    assert (found.id, found.observed) == (
        "other_account",
        "directories of other accounts are visible: /srv/jail/other",
    )

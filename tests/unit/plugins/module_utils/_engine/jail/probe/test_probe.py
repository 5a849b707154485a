# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attempts of one session together; whole probes are in the integration tests."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import Expected
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.probe import (
    ProbeRequest,
    session_report,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE
from support.scenes.jail_session import JailSession

ACCOUNT = SshAccount(Endpoint("sftp", "host.example"), Credentials(), SshTrust())
TREE = {b"/data": DIRECTORY, b"/dev": DIRECTORY, b"/data/.jail_probe-0123456789abcdef": FILE}


def test_a_jail_has_no_finding_and_loses_leftovers() -> None:
    jail = JailSession(TREE, writable=[b"/data"], refused=["symlink", "hardlink"])
    report = session_report(jail.sftp, ProbeRequest(ACCOUNT, Expected(writable=(b"data",)), (b"other",)))
    assert [each.id for each in report.findings] == ["set_user_id"]
    assert report.removed == 1
    assert jail.entries.keys() == {b"/", b"/data", b"/dev"}


def test_every_attempt_is_made() -> None:
    tree = {**TREE, b"/data/.ssh": DIRECTORY, b"/etc/passwd": FILE, b"/srv/jail/other": DIRECTORY}
    jail = JailSession(tree, writable=[b"/", b"/data"])
    report = session_report(jail.sftp, ProbeRequest(ACCOUNT, Expected(writable=(b"data",)), (b"other",)))
    assert {each.id for each in report.findings} == {
        "name_outside",
        "other_account",
        "root_writable",
        "links",
        "keys_inside",
        "set_user_id",
    }
    assert jail.handles == 0


def test_a_marked_file_is_stored_and_removed() -> None:
    jail = JailSession(TREE, writable=[b"/data"], refused=["symlink", "hardlink"])
    report = session_report(jail.sftp, ProbeRequest(ACCOUNT, Expected(writable=(b"data",)), marked=True))
    assert (report.mark[:11], report.not_checked) == ("jail_probe-", ())
    assert jail.entries.keys() == {b"/", b"/data", b"/dev"}


def test_a_marked_file_that_no_directory_takes() -> None:
    jail = JailSession(TREE, refused=["symlink", "hardlink"])
    report = session_report(jail.sftp, ProbeRequest(ACCOUNT, Expected(writable=(b"data",)), marked=True))
    assert (report.mark, [what for what, _why in report.not_checked]) == ("", ["marked file"])

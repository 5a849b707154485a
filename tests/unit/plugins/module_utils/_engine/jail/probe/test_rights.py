# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of an account: every right too many is a finding, and nothing is left behind."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import (
    DOWNLOAD,
    UPLOAD,
    Expected,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.rights import (
    directories_seen,
    marked_file,
    root_and_neighbours,
    stored_and_read,
    writing_requests,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE
from support.scenes.jail_session import JailSession

TREE = {b"/in": DIRECTORY, b"/out": DIRECTORY, b"/dev": DIRECTORY, b"/in/theirs": FILE, b"/file": FILE}
EXPECTED = Expected(writable=(b"/in",), readable=(b"/in", b"/out"))
ALL = (b"/", *(path for path, kind in TREE.items() if kind == DIRECTORY))


def test_directories_that_are_tried() -> None:
    jail = JailSession(TREE)
    assert set(directories_seen(jail.sftp, Expected(writable=(b"/deep/in",)))) == {*ALL, b"/deep", b"/deep/in"}


def test_a_jail_keeps_its_root_and_neighbours() -> None:
    jail = JailSession(TREE, writable=[b"/in"])
    assert list(root_and_neighbours(jail.sftp, EXPECTED, ALL)) == []


def test_a_writable_root_and_neighbour() -> None:
    jail = JailSession(TREE, writable=[b"/", b"/out", b"/in"])
    found = list(root_and_neighbours(jail.sftp, EXPECTED, ALL))
    assert [(each.id, each.observed) for each in found] == [
        ("root_writable", "in / the account makes a directory"),
        ("outside_writable", "in /out the account makes a directory"),
    ]
    assert jail.entries.keys() == {b"/", *TREE}


def test_files_alone_can_be_stored() -> None:
    jail = JailSession(TREE, writable=[b"/out"], refused=["mkdir"])
    (found,) = root_and_neighbours(jail.sftp, EXPECTED, ALL)
    assert found.observed == "in /out the account stores a file"


def test_an_owned_directory_keeps_its_mode() -> None:
    jail = JailSession(TREE, owned=[b"/"])
    jail.modes[b"/"] = 0o2750
    (found,) = root_and_neighbours(jail.sftp, EXPECTED, ALL)
    assert found.observed == "in / the account may change the permissions"
    assert jail.modes[b"/"] == 0o2750


def test_an_account_for_downloads_that_stores() -> None:
    jail = JailSession(TREE, writable=[b"/in"])
    (found,) = root_and_neighbours(jail.sftp, EXPECTED._replace(access=DOWNLOAD), ALL)
    assert found.id == "download_writes"


def test_storing_and_reading() -> None:
    jail = JailSession(TREE, writable=[b"/in"])
    assert [each.id for each in stored_and_read(jail.sftp, EXPECTED)] == ["set_user_id"]
    assert jail.entries.keys() == {b"/", *TREE}


def test_an_account_for_uploads_that_reads() -> None:
    expected = EXPECTED._replace(access=UPLOAD)
    jail = JailSession(TREE, writable=[b"/in"])
    found = [each.observed for each in stored_and_read(jail.sftp, expected) if each.id == "upload_reads"]
    assert found == ["a file in /in was read back", "/in/theirs was read", "/in/theirs was read"]
    refusing = JailSession(TREE, writable=[b"/in"], refused=["read", "setstat"])
    assert list(stored_and_read(refusing.sftp, expected)) == []


def test_a_file_system_that_keeps_no_special_bits() -> None:
    jail = JailSession(TREE, writable=[b"/in"], mask=0o777)
    assert list(stored_and_read(jail.sftp, EXPECTED)) == []


def test_a_marked_file_is_stored_in_the_first_directory_that_takes_it() -> None:
    jail = JailSession(TREE, writable=[b"/in"])
    assert marked_file(jail.sftp, EXPECTED._replace(writable=(b"/out", b"/in")))
    assert "write" in jail.asked
    assert (jail.entries.keys(), jail.handles) == ({b"/", *TREE}, 0)


def test_missing_rights() -> None:
    jail = JailSession({b"/in": DIRECTORY})
    assert [each.id for each in stored_and_read(jail.sftp, EXPECTED)] == ["not_writable", "not_readable"]


def test_requests_that_write() -> None:
    expected = EXPECTED._replace(access=DOWNLOAD)
    jail = JailSession(TREE)
    (found,) = writing_requests(jail.sftp, expected)
    assert (found.id, found.severity) == ("download_requests", "low")
    assert "open, mkdir, remove, rmdir, rename, setstat, symlink" in found.observed
    refused = ["write", "mkdir", "remove", "rmdir", "rename", "setstat", "symlink"]
    assert list(writing_requests(JailSession(TREE, refused=refused).sftp, expected)) == []
    for name in refused:
        (found,) = writing_requests(JailSession(TREE, refused=set(refused) - {name}).sftp, expected)
        assert found.observed.endswith(f": {name.replace('write', 'open')}")
    assert list(writing_requests(jail.sftp, EXPECTED)) == []

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings, roots and exceptions of accounts of vsftpd, by real files."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import (
    observe as settings_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.directories import way
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observe import (
    ftps_accounts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)


def login(name: str, home: str) -> tuple[str, pwd.struct_passwd]:
    return name, pwd.struct_passwd((name, "x", 1001, 1001, "", home, "/bin/false"))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings_file, "CONFIGS", (str(tmp_path / "vsftpd.conf"),))
    (tmp_path / "users").mkdir()
    (tmp_path / "jail/data").mkdir(parents=True)
    (tmp_path / "vsftpd.conf").write_text(f"user_config_dir={tmp_path}/users\nchroot_list_file={tmp_path}/list\n")
    return tmp_path


def test_accounts_without_files(files: Path) -> None:
    found = ftps_accounts([login("partner", f"{files}/jail"), ("gone", None)])
    assert found == [
        {
            "account": "partner",
            "home": f"{files}/jail",
            "settings": {},
            "listed": False,
            "root": f"{files}/jail",
            **way(f"{files}/jail"),
        }
    ]
    assert fits(found, FORMS["ftps_accounts"])


def test_the_file_of_an_account(files: Path) -> None:
    (files / "users/partner").write_text("# a comment\nlocal_root=/\nwrite_enable=NO\n")
    (found,) = ftps_accounts([login("partner", f"{files}/jail")])
    assert found["settings"] == {"local_root": "/", "write_enable": "NO"}
    assert (found["root"], found["target"]) == ("/", "/")


def test_the_list_of_exceptions(files: Path) -> None:
    """vsftpd compares whole lines."""
    (files / "list").write_text("first\npartner\n spaced \n")
    names = ("first", "partner", "part", "spaced")
    found = ftps_accounts([login(name, f"{files}/jail") for name in names])
    assert [each["listed"] for each in found] == [True, True, False, False]


def test_roots(files: Path) -> None:
    (files / "users/relative").write_text("local_root=data\n")
    logins = [login("relative", f"{files}/jail"), login("inside", f"{files}/jail/./data"), login("top", "/./data")]
    assert [each["target"] for each in ftps_accounts(logins)] == [f"{files}/jail/data", f"{files}/jail", "/"]


def test_a_file_that_cannot_be_read_is_no_missing_file(files: Path) -> None:
    (files / "users/partner").mkdir()
    with pytest.raises(OSError, match="directory"):
        ftps_accounts([login("partner", f"{files}/jail")])


def test_a_host_without_vsftpd(files: Path) -> None:
    (files / "vsftpd.conf").unlink()
    with pytest.raises(Unobservable):
        ftps_accounts([])

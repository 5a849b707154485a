# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import modes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SshdMissing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import places
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import View


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "jail/partner").mkdir(parents=True, mode=0o755)
    (tmp_path / "credstore").mkdir(mode=0o700)
    for name in ("host_key", "tls_key", "credstore/secret"):
        (tmp_path / name).touch(mode=0o600)
    effective = {"chrootdirectory": (f"{tmp_path}/jail/%u",), "hostkey": (f"{tmp_path}/host_key", "/nowhere/key")}
    monkeypatch.setattr(modes, "for_login", lambda _name, _address: effective)
    monkeypatch.setattr(modes, "for_each_client", lambda _name, _address: [View((), effective)])
    monkeypatch.setattr(modes, "CREDSTORE", str(tmp_path / "credstore"))
    (tmp_path / "jobs").mkdir(mode=0o755)
    return tmp_path


def test_the_jails_of_all_ports(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = (f"{files}/jail/%u", "none", f"{files}/jail/%u")
    views = [View((22 + number,), {"chrootdirectory": (path,)}) for number, path in enumerate(paths)]
    monkeypatch.setattr(modes, "for_each_client", lambda _name, _address: views)
    found = modes.jails([("partner", None)], "192.0.2.1")
    assert [(each["account"], each["path"]) for each in found] == [
        ("partner", f"{files}/jail/partner"),
        ("partner", "none"),
    ]


def test_every_directory_on_the_way_to_a_jail(files: Path) -> None:
    (files / "jail").chmod(0o775)
    (found,) = modes.jails([("partner", None)], "192.0.2.1")
    assert found["path"] == f"{files}/jail/partner"
    assert found["parts"][0]["path"] == "/"
    assert found["parts"][-2] == {"path": f"{files}/jail", "uid": os.geteuid(), "mode": "0775"}
    assert found["parts"][-1]["path"] == found["path"]


def test_a_jail_behind_a_link_is_not_measured(files: Path) -> None:
    """The directories above the target may belong to the partner."""
    (files / "home/partner/jail").mkdir(parents=True)
    (files / "jail/partner").rmdir()
    (files / "jail/partner").symlink_to(files / "home/partner/jail")
    with pytest.raises(Unobservable, match=r"by the symbolic link .*/jail/partner$"):
        modes.jails([("partner", None)], "192.0.2.1")


def test_a_jail_that_does_not_exist_ends_the_way(files: Path) -> None:
    (found,) = modes.jails([("gone", pwd.getpwuid(0))], "192.0.2.1")
    assert found["parts"][-1]["path"] == f"{files}/jail"


def test_keys_and_credentials(files: Path) -> None:
    found = {
        each["path"].rpartition("/")[2]: each
        for each in modes.key_files("", {"rsa_private_key_file": f"{files}/tls_key"})
    }
    assert {name: each["kind"] for name, each in found.items()} == {
        "host_key": "host",
        "tls_key": "tls",
        "credstore": "directory",
        "secret": "job",
    }
    assert found["host_key"]["mode"] == "0600"
    assert found["credstore"]["mode"] == "0700"


def test_the_certificate_file_of_vsftpd_may_have_the_key(files: Path) -> None:
    found = modes.key_files("", {"rsa_cert_file": f"{files}/tls_key"})
    assert [each["path"] for each in found if each["kind"] == "tls"] == [f"{files}/tls_key"]


def test_a_host_without_sshd(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str, _address: str) -> None:
        raise SshdMissing("sshd is not installed")

    monkeypatch.setattr(modes, "for_login", missing)
    found = modes.key_files("", {"rsa_private_key_file": f"{files}/tls_key"})
    assert {each["kind"] for each in found} == {"tls", "directory", "job"}


def names(files: Path, **options: object) -> str:
    """Write the job nightly with these options; return the directory of jobs."""
    job = files / "jobs/nightly.json"
    job.write_text(json.dumps({"schema": 1, "job": "nightly", "options": options}))
    job.chmod(0o644)
    return str(files / "jobs")


def test_files_that_jobs_name(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "own_key").touch(mode=0o640)
    for name in ("seal", "password", "token"):
        (files / name).touch(mode=0o600)
    options = {"private_key_file": f"{files}/own_key", "seal": {"identities_file": f"{files}/seal"}, "src": "/srv"}
    login = {"ca_file": f"{files}/ca", "token_from": {"file": f"{files}/token"}}
    sources = {"password": {"file": f"{files}/password"}, "private_key": {"openbao": login}}
    names(files, **options, secrets_from=sources)
    monkeypatch.setattr(pwd, "getpwnam", {"sync-nightly": pwd.getpwuid(65534)}.__getitem__)
    found = {each["path"]: each for each in modes.key_files("", None, str(files / "jobs")) if each["reader"]}
    assert {(path, each["kind"], each["mode"], each["reader"]) for path, each in found.items()} == {
        (f"{files}/own_key", "job", "0640", 65534),
        (f"{files}/seal", "job", "0600", 65534),
        (f"{files}/password", "job", "0600", 65534),
        (f"{files}/token", "job", "0600", 65534),
    }


@pytest.mark.parametrize("path", ["~/.ssh/id", ".ssh/id", "./.ssh/id", "../nightly/.ssh/id"])
def test_key_files_in_the_home_of_a_job(files: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home is the working directory of a run."""
    monkeypatch.setattr(places, "home", lambda name: f"{files}/{name}")
    (files / "nightly/.ssh").mkdir(parents=True)
    (files / "nightly/.ssh/id").touch()
    (files / "nightly/.ssh/id").chmod(0o644)
    found = {each["target"]: each["mode"] for each in modes.key_files("", None, names(files, private_key_file=path))}
    assert found[f"{files}/nightly/.ssh/id"] == "0644"


def test_a_part_after_a_link_is_the_parent_of_its_target(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run opens the file that the kernel finds."""
    monkeypatch.setattr(places, "home", lambda name: f"{files}/{name}")
    for name in ("nightly", "other/inner"):
        (files / name).mkdir(parents=True)
    (files / "nightly/link").symlink_to(files / "other/inner")
    (files / "nightly/id").touch(mode=0o600)
    (files / "other/id").touch(mode=0o644)
    found = {each["target"] for each in modes.key_files("", None, names(files, private_key_file="link/../id"))}
    assert f"{files}/other/id" in found
    assert f"{files}/nightly/id" not in found


@pytest.mark.parametrize("path", ["~/none", "none", "/nowhere/none"])
def test_a_key_file_that_is_missing_is_not_left_out(files: Path, path: str) -> None:
    with pytest.raises(Unobservable, match=r"nightly: the key file /.*/none does not exist"):
        modes.key_files("", None, names(files, client_key_file=path))


def test_a_job_without_its_account_needs_root(files: Path) -> None:
    (files / "own_key").touch(mode=0o600)
    found = modes.key_files("", None, names(files, private_key_file=f"{files}/own_key"))
    assert [each["reader"] for each in found if each["path"].endswith("own_key")] == [0]


def test_a_host_without_vsftpd(files: Path) -> None:
    assert {each["kind"] for each in modes.key_files("", None)} == {"host", "directory", "job"}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas of jails on a file system that keeps them: set, enforced against uploads, changed, and gone with the account.

repquota shows the limits. The tests go through the life of the jails in their order. Root only.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.quota_host import QuotaHost
from support.running.play import Play
from support.servers import ssh_keys

SPACE, FILES = 1 << 20, 20
LIMITED = {"quota": "1M", "quota_files": FILES}


@pytest.fixture(scope="module")
def host() -> Iterator[QuotaHost]:
    with QuotaHost() as host:
        yield host


def accounts(**changed: Any) -> list[dict[str, Any]]:
    """Return two jails; `changed` has the differences of the first."""
    keys = {"authorized_keys": [ssh_keys.key("jail").public]}
    return [{"name": "partner", **keys, **changed}, {"name": "other", **keys}]


def provision(directory: Path, host: QuotaHost, **changed: Any) -> None:
    """Run the role."""
    done = HostPlay(directory, host).run([role("chroot_jail", chroot_jail_accounts=accounts(**changed))])
    assert done.status == 0, done.output
    assert "is not enforced" not in " ".join(done.output.split())
    assert "has no quota" not in " ".join(done.output.split())
    assert "no quota" not in done.output


def keep(directory: Path, host: QuotaHost, *options: str, **changed: Any) -> int:
    """Run the part of the role that keeps quotas, as such a host is slow; give how many tasks change something."""
    task = {"secure.ftp_synchronize.jail": {"jails": accounts(**changed)}}
    done = HostPlay(directory, host).run([task], *options)
    assert done.status == 0, done.output
    return done.count("changed")


def limits(host: QuotaHost) -> dict[str, tuple[int, int]]:
    """Return the hard limits that repquota reports: account name -> bytes and number of files."""
    rows = csv.DictReader(host.quota_program("repquota", "--verbose", "--output=csv", "/srv/jail").splitlines())
    found = {row["User"]: (int(row["BlockHardLimit"]) * 1024, int(row["FileHardLimit"])) for row in rows}
    return {name: each for name, each in found.items() if each != (0, 0)}


def push(directory: Path, host: QuotaHost, sizes: list[int], user: str = "partner", **options: Any) -> dict[str, Any]:
    """Push files of these sizes to a jail, and give the result. options: more options of the task."""
    source = directory / "source"
    source.mkdir(parents=True)
    for number, size in enumerate(sizes):
        (source / f"file{number:03}").write_bytes(b"x" * size)
    (directory / "config").touch(0o600)
    task = {
        "host": host.address,
        "username": user,
        "private_key_file": str(ssh_keys.key("jail").path),
        "known_hosts_file": str(host.known_hosts),
        "ssh_config_file": str(directory / "config"),
        "src": str(source),
        "dest": "data",
        **options,
    }
    return Play(directory / "play").run([{"secure_sync": task}], timeout=400).results[-1]


def told(result: dict[str, Any]) -> str:
    """Return the refused item of a result, whose message is as clear as SFTP allows."""
    assert result["failed"]
    assert (result["error"]["code"], "quota" in result["error"]["cure"]) == ("operation_failed", True), result
    print(f"refused: {result['msg']}")
    return result["error"]["path"]


def stored(host: QuotaHost, user: str = "partner") -> list[str]:
    """Return the entries of a jail's directory: names and sizes, including hidden entries."""
    return host.run("find", f"/srv/jail/{user}/data", "-mindepth", "1", "-printf", "'%P %s\n'").stdout.split("\n")[:-1]


def test_it_is_set_once(tmp_path: Path, host: QuotaHost) -> None:
    provision(tmp_path, host, **LIMITED)
    assert limits(host) == {"partner": (SPACE, FILES)}
    assert not keep(tmp_path, host, **LIMITED)


def test_a_signed_set_for_which_it_has_no_room_is_not_published(tmp_path: Path, host: QuotaHost) -> None:
    """The room is for the lock and a file of the set, then also for the signature, then for all."""
    sign = {"private_key_file": str(ssh_keys.key("signer").path)}
    options = {"sign": sign, "dest": "data/set", "state_dir": str(tmp_path / "state")}

    def published() -> list[str]:
        return sorted(host.run("ls", "/srv/jail/partner/data/set/MANIFEST").stdout.split())

    result = push(tmp_path / "first", host, [10], **options)
    assert not result["failed"], result["msg"]
    first = published()
    for room, orphans in ((2, []), (3, ["000002.mtree.sig"])):
        rows = csv.DictReader(host.quota_program("repquota", "--output=csv", "/srv/jail").splitlines())
        used = next(int(row["FileUsed"]) for row in rows if row["User"] == "partner")
        host.quota_program("setquota", "-u", "partner", "0", "0", "0", str(used + room), "/srv/jail")
        assert told(push(tmp_path / f"room {room}", host, [10] * room, **options)).startswith("MANIFEST/")
        assert published() == first + orphans
    host.quota_program("setquota", "-u", "partner", "0", "0", "0", "0", "/srv/jail")
    assert push(tmp_path / "room for all", host, [10] * 3, **options)["set"]["sequence"] == 3
    assert published() == [*first, "000003.mtree", "000003.mtree.sig"]
    host.run("rm", "-r", "/srv/jail/partner/data/set")
    host.quota_program("setquota", "-u", "partner", "0", str(SPACE >> 10), "0", str(FILES), "/srv/jail")
    assert limits(host) == {"partner": (SPACE, FILES)}


def test_an_upload_over_it_is_refused_and_told(tmp_path: Path, host: QuotaHost) -> None:
    assert push(tmp_path / "fits", host, [SPACE // 4])["changed"]
    before = stored(host)
    result = push(tmp_path / "large", host, [SPACE // 4, 2 * SPACE])
    assert told(result) == "file001"
    assert stored(host) == before


def test_so_are_too_many_files(tmp_path: Path, host: QuotaHost) -> None:
    result = push(tmp_path / "many", host, [10] * (2 * FILES))
    assert told(result).startswith("file0")
    assert len(stored(host)) < FILES


def test_another_jail_is_not_limited_by_it(tmp_path: Path, host: QuotaHost) -> None:
    assert push(tmp_path / "other", host, [2 * SPACE] * 3, user="other")["changed"]


def test_drift_is_found_and_mended(tmp_path: Path, host: QuotaHost) -> None:
    host.quota_program("setquota", "-u", "partner", "0", "0", "0", "0", "/srv/jail")
    assert limits(host) == {}
    assert keep(tmp_path, host, "--check", **LIMITED)
    assert limits(host) == {}
    assert keep(tmp_path, host, **LIMITED)
    assert limits(host) == {"partner": (SPACE, FILES)}


def test_limits_that_do_not_count_are_told(tmp_path: Path, host: QuotaHost) -> None:
    host.quota_program("quotaoff", "-u", "/srv/jail")
    try:
        done = HostPlay(tmp_path, host).run([{"secure.ftp_synchronize.jail": {"jails": accounts(**LIMITED)}}])
        assert "the quota of /srv/jail/partner is not enforced" in " ".join(done.output.split())
    finally:
        host.quota_program("quotaon", "-u", "/srv/jail")


def test_a_quota_that_is_left_out_is_lifted(tmp_path: Path, host: QuotaHost) -> None:
    assert keep(tmp_path, host, quota="30M")
    assert limits(host) == {"partner": (30 << 20, 0)}
    assert push(tmp_path / "more", host, [2 * SPACE])["changed"]
    assert keep(tmp_path, host)
    assert limits(host) == {}


def test_it_goes_with_the_account(tmp_path: Path, host: QuotaHost) -> None:
    assert keep(tmp_path, host, **LIMITED)
    assert limits(host) == {"partner": (SPACE, FILES)}
    provision(tmp_path, host, state="absent")
    assert host.run("getent", "passwd", "partner", check=False).returncode == 2
    assert limits(host) == {}

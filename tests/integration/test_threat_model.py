# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims of docs/threat_model.md about a hostile server, seen from a playbook that mirrors its tree and may delete."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.running.play import Play
from support.scripted.scripted_sftp import scripted
from support.servers.sshd import Sshd

OURS = {"kept.txt": b"kept\n", "sub/kept.bin": b"\0" * 5000}


def pull(server: Sshd, area: Path) -> dict[str, Any]:
    """Pull the server's tree into `area`/dest, where something is already and outside of which nothing may change."""
    write(area / "dest", OURS)
    write(area, {"escaped": b"outside\n"})
    task = {
        "secure_sync": {
            "direction": "pull",
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "private_key_file": str(server.key.path),
            "host_keys": server.host_public_keys,
            "ssh_agent": False,
            "ssh_config_file": "none",
            "state_dir": str(area / "state"),
            "retries": 0,
            "src": server.remote_root,
            "dest": str(area / "dest"),
            "delete": True,
            "max_delete": "100%",
        }
    }
    (result,) = Play(area / "play").run([task]).results
    return result


@pytest.mark.parametrize(
    "name", ["..%2Fescaped", "%2Fetc%2Fescaped", "sub%2F..%2F..%2Fescaped", "nul%00name", "a%2Fb", "%2F", "..%2F.."]
)
def test_a_name_that_would_leave_the_tree(name: str, tmp_path: Path) -> None:
    with Sshd(subsystem=scripted(f"escaping_names={name}")) as server:
        result = pull(server, tmp_path)
    assert result["failed"]
    assert result["error"]["code"] == "unsafe_name"
    assert_untouched(tmp_path)


def test_a_name_that_is_listed_twice(tmp_path: Path) -> None:
    with Sshd(subsystem=scripted("duplicate_names")) as server:
        write(server.root, {"twice.txt": b"other\n"})
        write(tmp_path / "dest", {"twice.txt": b"what was there\n"})
        result = pull(server, tmp_path)
    assert result["failed"]
    assert (result["error"]["code"], result["error"]["path"]) == ("duplicate_name", "twice.txt")
    assert result.get("totals", {}).get("remove", 0) == 0
    assert digest(tmp_path / "dest", OURS) == OURS
    assert (tmp_path / "dest" / "twice.txt").read_bytes() == b"what was there\n"


@pytest.mark.parametrize("behaviour", ["cut_listing=1", "closed_listing=1"])
def test_a_listing_that_is_cut_deletes_nothing(behaviour: str, tmp_path: Path) -> None:
    with Sshd(subsystem=scripted(behaviour)) as server:
        write(server.root, {f"new{number}.txt": b"new\n" for number in range(20)})
        result = pull(server, tmp_path)
    assert result["failed"]
    assert result.get("totals", {}).get("remove", 0) == 0
    assert digest(tmp_path / "dest", OURS) == OURS
    assert (tmp_path / "escaped").read_bytes() == b"outside\n"


def test_special_bits_of_the_server_are_never_set(tmp_path: Path) -> None:
    with Sshd() as server:
        write(server.root, {"program": b"#!/bin/sh\n"})
        (server.root / "program").chmod(0o6755)
        result = pull(server, tmp_path)
    assert not result["failed"]
    assert (tmp_path / "dest/program").stat().st_mode & 0o7777 == 0o755


def assert_untouched(area: Path) -> None:
    """Assert that neither the destination nor its surroundings have changed."""
    found = sorted(str(path.relative_to(area / "dest")) for path in (area / "dest").rglob("*") if path.is_file())
    assert found == sorted(OURS)
    assert digest(area / "dest", OURS) == OURS
    assert (area / "escaped").read_bytes() == b"outside\n"
    assert not os.path.lexists("/etc/escaped")


def digest(root: Path, names: dict[str, bytes]) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in names}


def write(root: Path, content: dict[str, bytes]) -> None:
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

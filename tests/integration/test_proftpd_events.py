# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the log of transfers of a real ProFTPD, over FTPS and over its own SFTP. The judges are the files
that stock clients moved."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from support.scenes.event_scene import EventScene
from support.servers.proftpd import TRANSFERS, Proftpd
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.server import Server

SIZES = {"a": 1, "with blank": 70_000, "third.csv": 33_333}
TOTAL = sum(SIZES.values())
FORGED = "x\nFri Nov 27 16:01:15 2026 0 192.0.2.1 1000 forged b _ i r root sftp 0 * c\ny"


def run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def wait_for(log: Path, lines: int) -> None:
    """Wait until the server has logged so many transfers: a client may have its reply before."""
    deadline = time.monotonic() + 60
    while log.read_bytes().count(b"\n") < lines:
        assert time.monotonic() < deadline, log.read_bytes()
        time.sleep(0.05)


class Watched:
    """The collector for a server, and a tree that a client moves there and back."""

    def __init__(self, server: Server, directory: Path) -> None:
        self.tree, self.back = directory / "tree", directory / "back"
        self.tree.mkdir()
        for name, size in SIZES.items():
            (self.tree / name).write_bytes(b"x" * size)
        self._log = server.written("transfers")
        self._scene = EventScene(directory / "scene", vsftpd=(), xferlog=(str(self._log),))
        self._scene.run()

    def judge(self, place: str, protocol: str) -> None:
        """Compare all events with the work: the tree uploaded and downloaded, the file `a` removed, and third.csv
        uploaded once more under another name."""
        assert {path.name: path.stat().st_size for path in self.back.iterdir()} == SIZES
        wait_for(self._log, 8)
        self._scene.now = time.time() + 86400
        passed = self._scene.run()
        events = self._scene.events()
        assert passed.counters["unparsed_lines_total"] == 0
        (end,) = [each for each in events if each["event"]["action"] == "session_summary"]
        assert (end["source"]["bytes"], end["destination"]["bytes"]) == (TOTAL + SIZES["third.csv"], TOTAL)
        names = {each["file"]["path"].removeprefix(f"{place}/to/") for each in events if "file" in each}
        assert {"a", "with_blank", "third.csv"} < names
        actions = [each["event"]["action"] for each in events]
        assert {name: actions.count(name) for name in actions} == {
            "upload": 4,
            "download": 3,
            "delete": 1,
            "session_summary": 1,
        }
        found = {(each["user"]["name"], each["source"]["ip"], each["network"]["protocol"]) for each in events}
        assert found == {("mirror", "127.0.0.1", protocol)}


def test_sftp_and_scp(tmp_path: Path) -> None:
    with Proftpd(config=(TRANSFERS,)) as server:
        watched = Watched(server, tmp_path)
        client, place = str(server.client_config), server.remote_root
        sftp = ["sftp", "-F", client, "-b", "-", "server"]
        run(sftp, f"mkdir {place}/to\nput {watched.tree}/* {place}/to\n")
        run(sftp, f"get -r {place}/to {watched.back}\nrm {place}/to/a\n")
        run(["scp", "-O", "-F", client, f"{watched.tree}/third.csv", f"server:{place}/again"])
        watched.judge(place, "sftp")


def test_ftps(tmp_path: Path) -> None:
    with ProftpdFtps(config=(TRANSFERS,)) as server:
        watched = Watched(server, tmp_path)
        script = f"set ssl:ca-file {server.authority.file}; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
        script += f"open -u '{server.user},{server.password}' -p {server.port} {server.host}; cd {server.remote_root}; "
        script += f"mirror -R {watched.tree} to; mirror to {watched.back}; rm to/a; put {watched.tree}/third.csv"
        run(["lftp", "--norc", "-c", script])
        watched.judge(server.remote_root, "ftp")


def test_a_name_forges_no_line(tmp_path: Path) -> None:
    (tmp_path / FORGED).write_bytes(b"abc")
    with Proftpd(config=(TRANSFERS,)) as server:
        scene = EventScene(tmp_path / "scene", vsftpd=(), xferlog=(str(server.written("transfers")),))
        scene.run()
        run(["scp", "-F", str(server.client_config), str(tmp_path / FORGED), f"server:{server.remote_root}/"])
        wait_for(server.written("transfers"), 1)
        passed = scene.run()
        (event,) = scene.events()
    assert (event["user"]["name"], event["source"]["bytes"]) == ("mirror", 3)
    assert passed.counters["unparsed_lines_total"] == 0

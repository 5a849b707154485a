# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of ssh and the interpretation of its end.

The program is a script that records its input; logins to real servers are in the integration tests.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_stream import open_openssh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC, Stream
from support.running.patience import HANG_SECONDS

SECRET = "canary-5b1d"
NONE = Credentials()
REFUSED = "connect to host host.example port 22: Connection refused"
PIN = SshTrust(("SHA256:" + "A" * 43,))
RECORD = """#!/bin/sh
case "$1" in -V) echo 'OpenSSH_9.9p1' >&2; exit 0;; esac
tr '\\0' '\\n' </proc/$$/cmdline >"$HERE/argv"
tr '\\0' '\\n' </proc/$$/environ >"$HERE/environ"
cat "$2" >"$HERE/config"
%s
"""


class Scene:
    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str = "exit 255") -> None:
        self.here = tmp_path
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "ssh").write_text(RECORD % then)
        (tmp_path / "bin" / "ssh").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
        monkeypatch.setenv("HERE", str(tmp_path))

    def open(self, *, credentials: Credentials = NONE, request: dict | None = None, **changes: Any) -> Stream:
        values = {"host": "host.example", "ssh_config_file": "none", "connect_timeout": 60.0, **changes}
        return open_openssh(Endpoint("sftp", **values), credentials, PIN, **(request or {}))

    def failure(self, **options: Any) -> errors.SyncError:
        with pytest.raises(errors.SyncError) as caught:
            self.open(**options).wait_ready()
        assert caught.value.cure
        return caught.value

    def seen(self, name: str) -> str:
        return (self.here / name).read_text()

    def argv(self) -> list[str]:
        return self.seen("argv").splitlines()[2:]


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.failure(port=2222, username="mirror")
    _f, _config, *words = scene.argv()
    assert words == ["-p", "2222", "-l", "mirror", "-s", "--", "host.example", "sftp"]
    scene.failure()
    assert scene.argv()[2:] == ["-s", "--", "host.example", "sftp"]
    scene.failure(request={"request": EXEC, "command": "sha256sum -"})
    assert scene.argv()[2:] == ["--", "host.example", "sha256sum -"]


def test_no_secret_is_in_what_others_can_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch)
    scene.failure(credentials=Credentials(password=SECRET, passphrase=SECRET, ssh_agent=False))
    for name in ("argv", "environ", "config"):
        assert SECRET not in scene.seen(name)
    assert "StrictHostKeyChecking yes" in scene.seen("config")
    assert "SSH_ASKPASS_REQUIRE=force" in scene.seen("environ")


def test_its_last_words_become_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch, f"echo '{REFUSED}' >&2; exit 255")
    error = scene.failure()
    assert error.code == "connection_failed"
    assert "Connection refused" in error.message


def test_one_that_says_nothing_ends_by_the_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch, "exec sleep 60")
    begun = time.monotonic()
    error = scene.failure(connect_timeout=0.3)
    assert error.code == "connect_timeout"
    assert time.monotonic() - begun < HANG_SECONDS


def test_nothing_is_left_open_or_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch, 'echo $$ >"$HERE/pid"; exec sleep 60')
    before = set(os.listdir("/proc/self/fd"))
    stream = scene.open()
    deadline = time.monotonic() + HANG_SECONDS
    while not (tmp_path / "pid").exists() or not scene.seen("pid"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    stream.close()
    stream.close()
    assert (stream.read_fd, stream.write_fd, stream.message_fd) == (-1, -1, None)
    assert set(os.listdir("/proc/self/fd")) <= before
    assert not Path("/proc", scene.seen("pid").strip()).exists()
    assert not Path(scene.argv()[1]).exists(), "its configuration is gone too"


@pytest.mark.parametrize("changes", [{"host": "-oProxyCommand=id"}, {"port": 0}, {"username": "-l"}])
def test_what_could_be_an_option_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    scene = Scene(tmp_path, monkeypatch)
    with pytest.raises(errors.InvalidRequest):
        scene.open(**changes)
    assert not (tmp_path / "argv").exists()


def test_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch)
    (tmp_path / "bin" / "ssh").unlink()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    with pytest.raises(errors.ClientMissing):
        scene.open()

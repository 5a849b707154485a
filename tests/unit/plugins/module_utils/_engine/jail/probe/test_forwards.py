# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of forwarding by the bytes that come and by ssh's messages; logins are in the integration tests."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.forwards import (
    forwards,
    from_the_host,
    has_no_device,
    judged,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys

REFUSED = "channel 3: open failed: administratively prohibited: open failed"
TRIED = "channel 3: open failed: connect failed: Connection refused"


@pytest.mark.parametrize(
    ("answer", "messages", "count"),
    [(b"", [REFUSED], 0), (b"", [TRIED], 1), (b"SSH-2.0", [], 1), (b"", [], 0)],
)
def test_through_the_server(answer: bytes, messages: list[str], count: int) -> None:
    assert [each.id for each in judged("port_forwarding", answer, messages)] == ["port_forwarding"] * count


@pytest.mark.parametrize(
    ("messages", "codes"),
    [
        (["Allocated port 41211 for remote forward to 127.0.0.1:9"], ["remote_forwarding"]),
        (["Warning: remote port forwarding failed for listen port 0"], []),
        (["debug1: Requesting X11 forwarding with authentication spoofing."], ["display_forwarding"]),
        (["debug1: Requesting X11 forwarding", "X11 forwarding request failed on channel 0"], []),
        (["debug1: ssh_tun_confirm: tunnel forward established, id=3"], ["tunnel"]),
        (["debug1: ssh_tun_confirm: tunnel forward established, id=3", "Tunnel forwarding failed"], []),
    ],
)
def test_from_the_host(messages: list[str], codes: list[str]) -> None:
    assert [each.id for each in from_the_host(messages)] == codes


def test_no_device_for_a_tunnel() -> None:
    assert has_no_device(["Tunnel device open failed."])
    assert not has_no_device(["debug1: Requesting tun unit 2147483647 in mode 1"])


KEY = ssh_keys.key("unit")
PROGRAM = f"""#!{sys.executable} -IS
import os, re, socket, sys
if "-F" in sys.argv:
    config, environment = open(sys.argv[2]).read(), os.environ["DISPLAY"]
    open(os.environ["HERE"] + "/config", "w").write(config)
    ANSWERS
os.execv(sys.argv[0][:-3] + "plain", sys.argv)
"""
ANSWERS = r"""
    for name in ("port", "socket"):
        path = re.search('LocalForward "(.*/%s)" ' % name, config)[1]
        far = socket.socket(socket.AF_UNIX)
        far.bind(path)
        far.listen()
        if not os.fork():
            near = far.accept()[0]
            near.recv(100)
            near.sendall(b"SSH-2.0")
            os._exit(0)
    listener = re.search('RemoteForward "(.*)" ', config)
    if listener:
        open(listener[1], "w").close()
    print("Allocated port 41211 for remote forward", file=sys.stderr)
    print("debug1: Requesting X11 forwarding", file=sys.stderr)
    print("Tunnel device open failed.", file=sys.stderr)
"""


class TestForwards:
    @pytest.fixture
    def account(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> SshAccount:
        (tmp_path / "files").mkdir()
        monkeypatch.setenv("PATH", stand_in_ssh(tmp_path / "bin", tmp_path / "files", KEY))
        monkeypatch.setenv("HERE", str(tmp_path))
        program = tmp_path / "bin/ssh"
        program.rename(tmp_path / "bin/plain")
        program.write_text(PROGRAM.replace("    ANSWERS", request.param))
        program.chmod(0o755)
        endpoint = Endpoint("sftp", "localhost", port=2222, ssh_client="openssh", ssh_config_file="none")
        return SshAccount(endpoint, Credentials(ssh_agent=False), SshTrust((KEY.public,)))

    @pytest.mark.parametrize("account", [ANSWERS], indirect=True)
    def test_a_server_that_forwards(self, account: SshAccount, tmp_path: Path) -> None:
        not_checked: list[tuple[str, str]] = []
        with tempfile.TemporaryDirectory(prefix="data") as data:  # short enough for a socket
            found = [each.id for each in forwards(account, (b"/with space", data.encode()), not_checked)]
            assert list(Path(data).iterdir()) == [], "the listener is removed"
        kinds = ["port_forwarding", "socket_forwarding", "remote_forwarding", "display_forwarding"]
        assert found == [*kinds, "socket_forwarding"]
        assert [subject for subject, _why in not_checked] == ["tunnel"]
        config = (tmp_path / "config").read_text()
        assert "127.0.0.1:2222" in config

    @pytest.mark.parametrize("account", [""], indirect=True)
    def test_a_server_that_forwards_nothing(self, account: SshAccount, tmp_path: Path) -> None:
        not_checked: list[tuple[str, str]] = []
        assert list(forwards(account, (b"/with space",), not_checked)) == []
        assert not_checked == []
        assert 'RemoteForward "' not in (tmp_path / "config").read_text()

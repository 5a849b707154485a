# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of a server never controls the terminal, the log or the play: names, banners, error texts. Plays run on a
terminal of their own and use the result in all ways: debug, loop, set_fact, a template. A template in a name or a
banner stays text."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.running.ansible_cores import playbook_command
from support.running.play import Play
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.scripted_sftp import scripted
from support.servers.sshd import Sshd

PRODUCT = "2791857104398003"
NASTY = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b{{ 86028121 * 32452843 }}{% raw %}"
RUNS = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}"
NAMES = [
    b"\x1b[2Jclear",
    b"\x1b]0;title\x07",
    b"bell\x07\x08\x7f",
    b"line\nfeed",
    b"carriage\rreturn",
    b"c1\xc2\x9b31m",
    b"raw c1 \x9b31m",
    "bidi\u202egnp.exe".encode(),
    "isolate\u2066\u2069".encode(),
    "zero\u200bwidth\ufeff".encode(),
    "line\u2028separator".encode(),
    b"{{ 86028121 * 32452843 }}",
    b"{% for a in [86028121] %}{{ a * 32452843 }}{% endfor %}",
    b"{# comment #}",
    b"\xff\xfe",
]
USES = [
    {"ansible.builtin.debug": {"var": "result0"}},
    {"ansible.builtin.debug": {"msg": "{{ item.path }} {{ item }}"}, "loop": "{{ result0.changes[:9] }}"},
    {"ansible.builtin.set_fact": {"kept": "{{ result0 }}", "shown": "{{ result0 | to_nice_json }}"}},
    {"ansible.builtin.debug": {"msg": "{{ kept }} {{ shown }} {{ kept.error | default('') }}"}},
    {"ansible.builtin.template": {"src": "page.j2", "dest": "page", "mode": "0600"}},
    {"ansible.builtin.fail": {"msg": "{{ result0.msg }}"}},
]
TEMPLATE = "{{ result0.msg }}\n{% for a in result0.changes %}{{ a.path }}\n{% endfor %}{{ result0 | to_nice_json }}\n"


class Terminal:
    """Runs plays on a terminal and keeps every byte that reaches it."""

    def __init__(self, area: Path) -> None:
        self.play = Play(area / "play")
        self.play.directory.mkdir()
        (self.play.directory / "page.j2").write_text(TEMPLATE)

    def run(self, task: dict[str, Any], *options: str) -> bytes:
        """Run the task and the tasks that use its result; return the terminal's output, asserted to be harmless."""
        self.play.write([task, *USES])
        shown = self._on_terminal(*options)
        log = (self.play.directory / "ansible.log").read_bytes()
        for what in (shown, log):
            text = what.replace(b"\r\n", b"\n").decode()
            steering = {letter for letter in text if not letter.isprintable() and letter not in "\n\t"}
            assert steering == set(), steering
            assert PRODUCT not in text
        return shown

    @property
    def page(self) -> str:
        """The template's rendering of the result."""
        return (self.play.directory / "page").read_text()

    def _on_terminal(self, *options: str) -> bytes:
        ours, theirs = pty.openpty()
        shown = bytearray()
        reader = threading.Thread(target=_read_all, args=(ours, shown))
        reader.start()
        try:
            command = [*playbook_command(), *options, "play.yml"]
            subprocess.run(
                command,
                cwd=self.play.directory,
                env=self.play.controller_environment() | {"TERM": "xterm"},
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                timeout=120,
                check=False,
            )
        finally:
            os.close(theirs)
            reader.join()
            os.close(ours)
        return bytes(shown)


def _read_all(descriptor: int, shown: bytearray) -> None:
    try:
        while block := os.read(descriptor, 1 << 16):
            shown += block
    except OSError:
        return  # The other end of a terminal that is closed.


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a terminal."""
    return Terminal(tmp_path)


def sftp(server: Sshd, area: Path, **options: Any) -> dict[str, Any]:
    """Return a task that pulls the server's tree."""
    endpoint = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "private_key_file": str(server.key.path),
        "host_keys": server.host_public_keys,
        "ssh_config_file": "none",
        "ssh_agent": False,
        "direction": "pull",
        "src": server.remote_root,
        "dest": str(area / "dest"),
        "state_dir": str(area / "state"),
        "retries": 0,
    }
    return {"secure_sync": {**endpoint, **options}}


def ftps(server: ScriptedFtps, area: Path) -> dict[str, Any]:
    """Return a task that pulls the server's tree."""
    endpoint = {
        "protocol": "ftps",
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "password": server.password,
        "ca_file": str(server.authority.file),
        "direction": "pull",
        "src": ".",
        "dest": str(area / "dest"),
        "state_dir": str(area / "state"),
        "retries": 0,
    }
    return {"secure_sync": endpoint}


def grow(root: Path, area: Path) -> list[bytes]:
    """Make files of all names, and one whose name would run a program; give the names."""
    names = [*NAMES, (RUNS % (area / "ran")).replace("/", "\\x2f").encode()]
    for name in names:
        with open(os.path.join(os.fsencode(root), name), "wb") as file:
            file.write(name)
    return names


def banner(area: Path) -> Path:
    """Return a file that sshd can show before the login."""
    path = area / "banner"
    path.write_text(NASTY)
    return path


def test_names_that_go_well(terminal: Terminal, tmp_path: Path) -> None:
    with Sshd() as server:
        names = grow(server.root, tmp_path)
        shown = terminal.run(sftp(server, tmp_path), "-vvvvv", "--diff")
    assert {os.fsencode(path.name) for path in (tmp_path / "dest").iterdir()} == set(names)
    assert not (tmp_path / "ran").exists()
    assert b"{{ 86028121 * 32452843 }}" in shown
    page = terminal.page
    assert "{{ 86028121 * 32452843 }}" in page
    assert "{% for a in [86028121] %}" in page
    assert "\\\\x1b[2Jclear" in page
    print(f"{len(names)} names, {len(USES)} uses of the result: no byte reached the terminal raw, nothing was rendered")


def test_names_that_fail(terminal: Terminal, tmp_path: Path) -> None:
    with Sshd() as server:
        for name in grow(server.root, tmp_path):
            os.chmod(os.path.join(os.fsencode(server.root), name), 0)
        shown = terminal.run(sftp(server, tmp_path), "-v", "--diff")
    assert b"permission_denied" in shown
    assert "\\\\x1b[2Jclear" in terminal.page


def test_banner_and_error_text_of_a_server(terminal: Terminal, tmp_path: Path) -> None:
    nasty = quote(NASTY.encode(), safe="")
    config = (f"Banner {banner(tmp_path)}",)
    with Sshd(config=config, subsystem=scripted(f"status_text={nasty}", "denied=file")) as server:
        (server.root / "file").write_bytes(b"x")
        shown = terminal.run(sftp(server, tmp_path), "-vvvvv")
    assert b"permission_denied" in shown
    assert "(SSH_FXP_OPEN): \\\\x1b[2J" in terminal.page
    assert "{{ 86028121 * 32452843 }}" in terminal.page
    with Sshd(config=config, subsystem="/bin/false") as server:
        terminal.run(sftp(server, tmp_path), "-vvvvv")
    assert '"failed": true' in terminal.page


@pytest.mark.parametrize("behaviour", ["login_refused", "talkative_errors", "strange_names"])
def test_what_an_ftps_server_says(behaviour: str, terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    value = "=" + quote(NASTY.encode(), safe="") if behaviour == "login_refused" else ""
    with ScriptedFtps(tmp_path / "served", behaviour + value) as server:
        (tmp_path / "served" / "file").write_bytes(b"x")
        terminal.run(ftps(server, tmp_path), "-vvvvv", "--diff")
    (result, *_others) = json.loads((terminal.play.directory / "results.json").read_text())
    assert result["failed"] == (behaviour == "login_refused")
    assert ("{{ 86028121 * 32452843 }}" in terminal.page) == result["failed"]

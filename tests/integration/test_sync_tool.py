# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sync.pyz as a tool for people: the real program, also on a terminal, against a real sshd and vsftpd."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.ansible_run import by_ansible
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ansible_program
from support.judges.canaries import Sampler
from support.running.examples import ROOT
from support.running.page_walk import walk
from support.running.patience import HANG_SECONDS
from support.running.playbook_process import controller
from support.running.processes import mark
from support.scenes.job_scene import INTERPRETER, built_program
from support.scenes.module_tasks import own_directory, remote, small_tree
from support.servers.served import served
from support.servers.server import Server
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.trees import differences, tree_digest

sshd = served(Sshd)
vsftpd = served(Vsftpd)

WRONG, SAFETY = 2, 6


class Ran(NamedTuple):
    status: int
    out: str
    err: str


class Tool:
    """The program in `place`, with a small tree `near`, and a directory `far` of the test's own at the server."""

    def __init__(self, server: Server, place: Path) -> None:
        self.server = server
        self.place = place
        self.near = small_tree(place / "near")
        self.far = own_directory(server, place.name)
        self.program = place / "sync.pyz"
        self.program.write_bytes(built_program())
        self.program.chmod(0o755)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(place), **mark()}

    def url(self, path: str) -> str:
        protocol = "sftp" if isinstance(self.server, Sshd) else "ftps"
        place = f"{self.server.user}@{self.server.host}:{self.server.port}"
        return f"{protocol}://{place}/{remote(self.server, self.far)}/{path}"

    def words(self, *words: str) -> list[str]:
        return [*INTERPRETER, str(self.program), *words, *self.login()]

    def login(self) -> list[str]:
        state = ["--state-dir", str(self.place / "state")]
        if isinstance(self.server, Sshd):
            trust = ["--known-hosts-file", str(self.server.known_hosts), "--ssh-config-file=none", "--no-ssh-agent"]
            return [*state, *trust, "--private-key-file", str(self.server.key.path)]
        return [*state, "--ca-file", str(self.server.authority.file)]

    def run(self, *words: str) -> Ran:
        ran = subprocess.run(
            self.words(*words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
            start_new_session=True,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def on_a_terminal(self, *words: str, answers: tuple[tuple[str, str], ...] = ()) -> Ran:
        """Run it on a terminal of its own: `answers` are typed after their prompts."""
        child, terminal = pty.fork()
        if not child:
            os.execve(self.words()[0], self.words(*words), self.environment)  # noqa: S606 the program under test
        shown, waiting, deadline = b"", list(answers), time.monotonic() + HANG_SECONDS
        with suppress(OSError):  # of a terminal whose last process has ended
            while more := os.read(terminal, 1 << 16):
                shown += more
                assert time.monotonic() < deadline
                if waiting and waiting[0][0].encode() in shown:
                    os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
        os.close(terminal)
        return Ran(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode().replace("\r\n", "\n"), "")


@pytest.fixture
def tool(sshd: Sshd, tmp_path: Path) -> Tool:
    return Tool(sshd, tmp_path)


def test_there_and_back(tool: Tool) -> None:
    preview = tool.run("check", str(tool.near), tool.url("tree"))
    assert (preview.status, preview.err) == (0, "")
    assert [line.split(" (")[0] for line in preview.out.splitlines()] == [
        "+ .",
        "+ a.txt",
        "+ sub",
        "+ sub/b.bin",
        "+ sub/empty",
        preview.out.splitlines()[-2].split(" (")[0],
        "check: would push 2 files",
    ]
    assert list(tool.far.iterdir()) == []
    push = tool.run("push", str(tool.near), tool.url("tree"))
    assert (push.status, push.err) == (0, "")
    assert push.out.startswith("push: pushed 2 files (1.0 MiB) and created 3 directories in ")
    assert differences(tree_digest(tool.near), tree_digest(tool.far / "tree")) == []
    pull = tool.run("pull", tool.url("tree"), str(tool.place / "new/back"), "--create_parents", "--diff")
    assert pull.status == 0, pull.err
    assert "+ .. (directory, 0755)\n" in pull.out
    assert differences(tree_digest(tool.near), tree_digest(tool.place / "new/back")) == []
    again = tool.run("pull", tool.url("tree"), str(tool.place / "new/back"), "--json")
    assert json.loads(again.out)["changed"] is False


def test_options_by_their_names(tool: Tool) -> None:
    tool.run("push", str(tool.near), tool.url("tree"))
    for number in range(3):
        (tool.far / f"tree/extra{number}").write_bytes(b"")
    (tool.near / "x.tmp").write_bytes(b"")
    refused = tool.run("push", str(tool.near), tool.url("tree"), "--delete", "--max-delete", "1", "--exclude", "*.tmp")
    assert refused.status == SAFETY
    assert "- extra0 (" in refused.out
    assert refused.err.startswith("push: too_many_deletions: ")
    done = tool.run("push", str(tool.near), tool.url("tree"), "--delete", "--max_delete=3", "--exclude=*.tmp")
    assert (done.status, done.err) == (0, "")
    assert "removed 3 entries" in done.out
    assert not (tool.far / "tree/x.tmp").exists()
    wrong = tool.run("push", str(tool.near), tool.url("tree"), "--max_deletes", "3")
    assert (wrong.status, wrong.out) == (WRONG, "")
    assert wrong.err == "sync.pyz push: --max_deletes: is not an option. Did you mean --max_delete?\n"


def test_a_signed_set_by_suboptions(tool: Tool) -> None:
    signer = key("signer")
    sign = tool.run("push", str(tool.near), tool.url("set"), "--delete", "--sign.private_key_file", str(signer.path))
    assert sign.status == 0, sign.err
    assert "published 1 manifest" in sign.out
    signers = tool.place / "signers"
    signers.write_text(f'us namespaces="manifest@ftp-synchronize" {signer.public}\n')
    verify = ("--verify.allowed-signers-file", str(signers), "--verify.principal", "us")
    pull = tool.run("pull", tool.url("set"), str(tool.place / "back"), *verify)
    assert pull.status == 0, pull.err
    assert differences(tree_digest(tool.near), tree_digest(tool.place / "back")) == []


def test_secrets_are_asked_for_or_read_from_files_and_never_shown(vsftpd: Vsftpd, tmp_path: Path) -> None:
    tool = Tool(vsftpd, tmp_path)
    push = ("push", str(tool.near), tool.url("tree"))
    with Sampler(tool.environment, [vsftpd.password]) as sampler:
        asked = tool.on_a_terminal(*push, answers=(("password: ", vsftpd.password),))
        (tool.place / "password").write_text(vsftpd.password + "\n")
        (tool.place / "password").chmod(0o600)
        file = tool.run(*push, "--password-file", str(tool.place / "password"))
        (tool.place / "secrets").mkdir()
        (tool.place / "password").rename(tool.place / "secrets/password")
        directory = tool.run(*push, "--credentials", str(tool.place / "secrets"))
    assert sampler.seen
    assert sampler.found == set()
    assert asked.status == 0, asked.out
    assert "push: pushed 2 files" in asked.out
    assert vsftpd.password not in asked.out
    for ran in (file, directory):
        assert (ran.status, ran.out.startswith("push: nothing to do")) == (0, True), ran.err
    for words in (("--password", vsftpd.password), (f"--password={vsftpd.password}",)):
        refused = tool.run(*push, *words)
        assert refused.status == WRONG
        assert "a secret is not an argument" in refused.err
        assert vsftpd.password not in refused.err + refused.out
    none = tool.run(*push, "--ask", "password")
    assert (none.status, "there is no terminal" in none.err) == (WRONG, True)
    (tool.place / "secrets/password").chmod(0o644)
    readable = tool.run(*push, "--password-file", str(tool.place / "secrets/password"))
    assert (readable.status, "other accounts can read" in readable.err) == (WRONG, True)


def test_progress_and_a_closing_line_on_a_terminal(tool: Tool) -> None:
    with open(tool.near / "large", "wb") as file:
        file.truncate(2 << 20)
    limit = ("--bandwidth-limit", "512K", "--progress", "1")
    shown = tool.on_a_terminal("push", str(tool.near), tool.url("tree"), *limit).out.splitlines()
    assert [line for line in shown if line.startswith("push: ") and " of 3 files, " in line], shown
    assert shown[-1].startswith("push: pushed 3 files (3.0 MiB) and created 3 directories in "), shown


def test_a_job_on_a_terminal_and_in_a_pipe(tool: Tool, sshd: Sshd) -> None:
    options = {
        "host": sshd.host,
        "port": sshd.port,
        "username": sshd.user,
        "known_hosts_file": str(sshd.known_hosts),
        "private_key_file": str(sshd.key.path),
        "ssh_config_file": "none",
        "src": str(tool.near),
        "dest": f"{remote(sshd, tool.far)}/tree",
        "state_dir": str(tool.place / "state"),
    }
    file = tool.place / "job.json"
    file.write_text(json.dumps({"schema": 1, "job": "nightly", "options": options}))
    tool.login = list  # type: ignore[method-assign]
    piped = tool.run("job", str(file), "--check")
    assert (json.loads(piped.out)["job"], json.loads(piped.out)["changed"], piped.err) == ("nightly", True, "")
    shown = tool.on_a_terminal("job", str(file), "--diff").out
    assert "+ sub/b.bin (" in shown
    assert "nightly: pushed 2 files" in shown
    as_before = tool.on_a_terminal("--job", str(file)).out
    assert json.loads(as_before)["changed"] is False


def test_the_commands_of_the_page(sshd: Sshd, tmp_path: Path) -> None:
    home = tmp_path / "home"
    collections = home / ".ansible/collections/ansible_collections/secure"
    for path in (collections, home / ".ssh", home / "outbox", home / "bin"):
        path.mkdir(parents=True)
    (collections / "ftp_synchronize").symlink_to(ROOT)
    (home / "outbox/a.txt").write_text("first\n")
    shutil.copy(sshd.key.path, home / ".ssh/id_ed25519")
    far = own_directory(sshd, "page")
    login = f"--private_key_file={home}/.ssh/id_ed25519 --known-hosts-file={sshd.known_hosts} --ssh_config_file=none"
    here = {
        "upload@files.example.com:2222/inbox": f"{sshd.user}@{sshd.host}:{sshd.port}/{remote(sshd, far)}/new/inbox",
        **{f"sync.pyz {command}": f"sync.pyz {command} {login}" for command in ("check", "push", "pull")},
    }
    path = f"{home / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    walk(ROOT / "docs/sync_program.md", home, {"PATH": path, "LANG": "C.UTF-8"}, here)
    assert (home / "restored/a.txt").read_text() == (far / "new/inbox/a.txt").read_text() == "first\n"
    assert "sync.pyz" in (home / "bin/sync.pyz.1").read_text()


def shelled(tool: Tool, *words: str) -> list[str]:
    """Run a shell that finds the program on its PATH, and return its lines."""
    (tool.place / "bin").mkdir()
    tool.program.rename(tool.place / "bin/sync.pyz")
    path = f"{tool.place / 'bin'}:{tool.environment['PATH']}"
    environment = {**tool.environment, "PATH": path, "TERM": "dumb", "LANG": "C.UTF-8"}
    ran = subprocess.run(words, env=environment, cwd=tool.place, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def test_bash_completes_options_choices_and_commands(tool: Tool) -> None:
    script = """
        eval "$(sync.pyz completion bash)"
        tried() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sync_pyz; echo "${COMPREPLY[@]}"; }
        tried sync.pyz pu
        tried sync.pyz push a --max_d
        tried sync.pyz push a --proof re
        tried sync.pyz push nea
        tried sync.pyz push a --max-d
        tried sync.pyz push a --tls-mode im
        tried sync.pyz completion z
    """
    shown = ["push pull", "--max_delete", "read_back", "near", "--max-delete", "implicit", "zsh"]
    assert shelled(tool, "bash", "-euc", script) == shown


ZSH = """
zmodload zsh/zpty
until_seen() {
    local line= seen=
    until [[ $seen == *$1* ]]; do zpty -r inner line || exit 1; seen+=$line; done
    print -r -- "$seen"
}
zpty inner zsh -f -i
zpty -w inner 'PS1= PS2=; autoload -Uz compinit; compinit -u -D; eval "$(sync.pyz completion zsh)"'
zpty -w inner 'show() { print -r -- "<$BUFFER>"; zle kill-whole-line }; zle -N show; bindkey "^X" show'
zpty -w inner 'print -r REA""DY'
until_seen READY >/dev/null
for typed in 'sync.pyz pus' 'sync.pyz push a --max_d' 'sync.pyz push a --proof rea' 'sync.pyz push nea' \
    'sync.pyz push a --max-d' 'sync.pyz push a --tls-mode im' 'sync.pyz completion z'; do
    zpty -w -n inner "$typed"$'\t\x18'
    seen=$(until_seen $'>\r')
    print -r -- "${${seen##*<}%%>*}"
done
zpty -d inner
"""
"""Types into an interactive zsh, with a Tab, and shows the line that the completion leaves."""


def test_zsh_completes_options_choices_and_commands(tool: Tool) -> None:
    assert shelled(tool, "zsh", "-f", "-c", ZSH) == [
        "sync.pyz push ",
        "sync.pyz push a --max_delete ",
        "sync.pyz push a --proof read_back ",
        "sync.pyz push near/",
        "sync.pyz push a --max-delete ",
        "sync.pyz push a --tls-mode implicit ",
        "sync.pyz completion zsh ",
    ]


def test_ansible_shows_each_change_too(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `sync.pyz job FILE --ansible --diff`."""
    monkeypatch.setattr(ansible_program, "_PLACES", str(Path(sys.executable).parent))
    for name, value in controller(tool.place).items():
        monkeypatch.setenv(name, value)
    options = {
        "host": tool.server.host,
        "port": tool.server.port,
        "username": tool.server.user,
        "private_key_file": str(tool.server.key.path),
        "known_hosts_file": str(tool.server.known_hosts),
        "ssh_config_file": "none",
        "src": str(tool.near),
        "dest": remote(tool.server, tool.far),
    }
    shown = by_ansible(options, check=True, diff=True, warn=pytest.fail)
    assert shown["diff"]["prepared"].splitlines()[-1].startswith("Total: "), shown
    assert "diff" not in by_ansible(options, check=True, diff=False, warn=pytest.fail)

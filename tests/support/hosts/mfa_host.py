# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with systemd whose people log in with second factors, by the role mfa; a directory is their secrets manager.

with MfaHost(directory) as host:
    host.person("alice")
    host.enroll([{"name": "alice", "methods": ["totp"]}])
    assert host.logs_in("alice", code=host.code("alice"))
"""

from __future__ import annotations

__all__ = ["MfaHost", "token_key"]

import functools
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from ..running.other_collections import with_collection
from ..running.processes import end, spawn
from ..running.scratch import scratch
from ..servers import ssh_keys
from ..servers.openbao import OpenBao
from .host_play import HostPlay, role
from .systemd_host import SystemdHost

TOKEN = Path("/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so")
"""A security key in software, of Debian's openssh-tests."""
STEP = 30
HASHI_VAULT = "community.hashi_vault"

_FIELDS = (
    "{{ lookup('ansible.builtin.file', PLACE ~ account.name) | from_json if (PLACE ~ account.name) is file else {} }}"
)
_MANAGER = {
    "read.yml": {
        "name": "Read",
        "ansible.builtin.set_fact": {
            "password_rotation_stored": {
                "version": 0,
                "written": "",
                "fields": _FIELDS,
            }
        },
        "no_log": True,
    },
    "write.yml": {
        "name": "Write",
        "ansible.builtin.copy": {
            "dest": "{{ PLACE ~ account.name }}",
            "content": "{{ password_rotation_fields | to_json }}",
            "mode": "0600",
        },
        "delegate_to": "localhost",
        "become": False,
        "no_log": True,
    },
}


class Key(NamedTuple):
    """A private key, and the line of its public half."""

    path: Path
    public: str


@functools.cache
def token_key(name: str, option: str = "verify-required") -> Key:
    """Return a key in a software token, made once; option: as ssh-keygen -O, empty for none."""
    path = scratch("tokens") / f"{name}{option}"
    words = ["ssh-keygen", "-q", "-t", "ed25519-sk", "-w", str(TOKEN), "-N", "", "-C", name, "-f", str(path)]
    subprocess.run([*words, *(["-O", option] if option else [])], check=True, capture_output=True)
    return Key(path, path.with_suffix(".pub").read_text().strip())


class Ran(NamedTuple):
    """A run of the role."""

    changed: int
    output: str
    status: int


class MfaHost:
    """One host; `key` is the plain key of every person."""

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        self.host = SystemdHost(system)
        self.key = ssh_keys.key("person")
        self.directory = directory
        self._place = directory / "manager"

    def __enter__(self) -> Self:
        self.host.__enter__()
        (self._place / "secrets").mkdir(parents=True)
        for name, task in _MANAGER.items():
            text = json.dumps([task]).replace("PLACE", f"'{self._place}/secrets/'")
            (self._place / name).write_text(text)
        # Tests fail to log in more often than people do.
        penalties = "sshd -T | grep -q ^persourcepenalties && echo PerSourcePenalties no || true"
        self.inside(f"({penalties}) > /etc/ssh/sshd_config.d/90-tests.conf")
        self.host.restart_sshd()
        return self

    def __exit__(self, *exception: object) -> None:
        self.host.__exit__(*exception)

    def inside(self, script: str, **options: Any) -> str:
        """Run a shell script on the host as root, and return its output."""
        return self.host.enter("sh", "-c", script, **options).stdout

    def person(self, name: str, *keys: str) -> None:
        """Create an account with these keys, or with the plain key."""
        text = "".join(f"{key}\n" for key in keys or [self.key.public])
        self.inside(
            f"useradd -m -s /bin/sh {name} && install -d -m 0700 -o {name} ~{name}/.ssh"
            f" && cat > ~{name}/.ssh/authorized_keys && chown {name} ~{name}/.ssh/authorized_keys",
            input=text,
        )

    def enroll(self, people: list[dict[str, Any]], *options: str, bao: OpenBao | None = None, **variables: Any) -> Ran:
        """Run the role for these people; `variables` are further variables, `options` options of ansible-playbook."""
        needed = {"collections": [with_collection(HASHI_VAULT)], "environment": bao.environment} if bao else {}
        play = HostPlay(self.directory, self.host, **needed)
        status, output = play.run([self.role(people, **variables)], *options, timeout=500)
        counted = re.search(r"changed=(\d+)", output)
        return Ran(int(counted.group(1)) if counted else -1, output, status)

    def role(self, people: list[dict[str, Any]], **variables: Any) -> dict[str, Any]:
        """Return the task that includes the role for these people."""
        return role("mfa", **{"mfa_people": people, "mfa_manager": str(self._place), **variables})

    def fields(self, name: str) -> dict[str, str]:
        """Return the secret of a person in the manager."""
        return json.loads((self._place / "secrets" / name).read_text())

    def code(self, name: str, steps: int = 0) -> str:
        """Return the code of now, or of some steps later."""
        return self.code_of(self.fields(name)["totp_secret"], steps)

    def code_of(self, seed: str, steps: int = 0) -> str:
        """Return the code of a seed."""
        words = ["oathtool", "--totp", "--base32", f"--now=@{int(time.time()) + steps * STEP}", seed]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def fresh_code(self, name: str) -> str:
        """Return a code that is still valid when a slow login asks for it: PAM takes the next one, too."""
        return self.code(name, 1 if time.time() % STEP > STEP / 2 else 0)

    def forget_used_codes(self, name: str) -> None:
        """Remove the state of the PAM module: used codes, and the limit of attempts."""
        seed = f"/etc/secure_ftp_synchronize/mfa/seeds/{name}"
        self.inside(
            f"sed -i -E '/^\" (RATE_LIMIT|DISALLOW_REUSE)/s/( 3 30)?( [0-9]+)*$/\\1/' {seed}; chmod 0400 {seed}"
        )

    def logins_at_once(self, name: str, code: str, count: int) -> int:
        """Return how many of several simultaneous logins with a code get in."""
        with ThreadPoolExecutor(count) as pool:
            return sum(pool.map(lambda _number: self.logs_in(name, code), range(count)))

    @contextmanager
    def session(self, name: str, code: str) -> Iterator[subprocess.Popen[bytes]]:
        """Give a session that is logged in."""
        command = [*self.command(name, batch=False), "echo in; exec sleep 600"]
        environment = {**os.environ, **self._asked(code)}
        process = spawn(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            assert process.stdout.readline() == b"in\n"
            yield process
        finally:
            end(process)
            process.stdout.close()

    @contextmanager
    def agent(self, key: Key) -> Iterator[dict[str, str]]:
        """Give the environment of an agent that has the key of a token, and gets a PIN from a program."""
        socket = self.directory / "agent"
        environment = {**os.environ, **self._asked("1234"), "SSH_AUTH_SOCK": str(socket)}
        words = ["ssh-agent", "-D", "-a", str(socket), "-P", str(TOKEN)]
        process = spawn(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while not socket.exists():
                assert time.monotonic() < deadline, "the agent did not start"
                time.sleep(0.05)
            words = ["ssh-add", "-q", "-S", str(TOKEN), str(key.path)]
            subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
            yield environment
        finally:
            end(process)
            socket.unlink(missing_ok=True)

    def logs_in(self, name: str, code: str | None = None, **options: Any) -> bool:
        """Return whether a person gets in, with a code or without an answer to questions."""
        return self.login(name, code, **options).returncode == 0

    def login(
        self, name: str, code: str | None = None, *, key: Path | None = None, options: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Log in with stock ssh. The answer to each question is the code."""
        return subprocess.run(
            [*self.command(name, key, batch=code is None), *options, "true"],
            env={**os.environ, **self._asked(code)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self, name: str, key: Path | None = None, *, batch: bool) -> list[str]:
        """Return the command of ssh that logs a person in, without the command to run there."""
        return [
            *("ssh", "-F", "none", "-i", str(key or self.key.path), "-l", name, "-o", "IdentitiesOnly=yes"),
            *("-o", f"BatchMode={'yes' if batch else 'no'}", "-o", "NumberOfPasswordPrompts=1"),
            *("-o", f"SecurityKeyProvider={TOKEN}", "-o", "ConnectTimeout=30"),
            *("-o", f"UserKnownHostsFile={self.host.known_hosts}", "-o", "GlobalKnownHostsFile=none"),
            self.host.address,
        ]

    def _asked(self, code: str | None) -> dict[str, str]:
        """Return the environment by which ssh asks a program, which prints the code."""
        if code is None:
            return {}
        program = self.directory / "answer"
        if not program.exists():
            program.write_text('#!/bin/sh\nprintf "%s\\n" "$ANSWER"\n')
            program.chmod(0o700)
        return {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", "ANSWER": code}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose host keys are rotated by playbooks/rotate_host_keys.yml, and two clients that check them strictly:
another host, `backup`, which calls it `files.example.com`, and this machine, which is the Ansible controller as well.

with HostKeyScene(directory) as scene:
    scene.rotate(host_key_rotation_max_age=0)
    assert scene.shown() == ...
"""

from __future__ import annotations

__all__ = ["DROP_INS", "STANDING", "HostKeyScene"]

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..hosts.host_play import HostPlay
from ..hosts.systemd_host import SystemdHost
from ..hosts.systemd_image import OWNER
from ..running.play import Play
from ..running.playbook_process import Outcome
from ..servers.ssh_keys import SshKey, key
from .rotation_life import NAME, RotationLife

STANDING = "/etc/ssh/ssh_host_ed25519_key"
DROP_INS = "/etc/ssh/sshd_config.d/??-secure_ftp_synchronize_host_keys.conf"
_PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
_CLIENT_PINS = f"/home/{OWNER}/pins"
_STRICT = "-F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=none -o IdentitiesOnly=yes"


class HostKeyScene(RotationLife):
    """system: the server's system; the client has the other, with other host keys."""

    PLAYBOOK = _PLAYBOOKS / "rotate_host_keys.yml"
    ROLE = "host_key_rotation"
    BEHIND = "These clients did not prove and learn every new host key"

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        super().__init__(system)
        self.host = SystemdHost(system)
        self.first: SshKey = key(f"host-{system}")
        self.directory = directory
        self.controller_pins = directory / "controller_pins"
        self.passphrase = "of the client's key"
        self._key = key("learner", passphrase=self.passphrase)

    def run(self, tasks: Sequence[dict[str, Any]]) -> Outcome:
        """Run any tasks on the server, as root."""
        play = {"hosts": "files", "gather_facts": False, "become": True, "tasks": list(tasks)}
        return self.play(json.dumps([play]))

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Return the variables: a playbook that names its clients keeps them."""
        return variables

    def clients(self) -> list[dict[str, Any]]:
        """Return the clients as the role takes them."""
        other = {"host": "backup", "path": _CLIENT_PINS, "name": NAME, "private_key_file": f"/home/{OWNER}/key"}
        here = {"host": "localhost", "path": str(self.controller_pins), "name": self.host.address}
        here["private_key_file"] = str(self.host.key.path)
        return [{**other, "username": OWNER, "passphrase": self.passphrase}, {**here, "username": OWNER}]

    def reached(self) -> bool:
        """Return whether ssh itself, with the client's pins and nothing else, gets through."""
        return not self.call().returncode

    def call(self) -> subprocess.CompletedProcess[str]:
        """Log in from the client with ssh, strictly, and return the result."""
        script = f"ssh {_STRICT} -i plain_key -o UserKnownHostsFile={_CLIENT_PINS} {NAME} true"
        command = ["runuser", "-u", OWNER, "--", "sh", "-c", f"cd /home/{OWNER} && {script}"]
        return self.client.enter(*command, check=False)

    def synced(self) -> dict[str, Any]:
        """Return the result of secure_sync of this machine, which has one more file to push each time."""
        tree = self.directory / "tree"
        tree.mkdir(exist_ok=True)
        (tree / f"file{len(list(tree.iterdir()))}").write_text("content")
        task = {
            "host": self.host.address,
            "username": OWNER,
            "private_key_file": str(self.host.key.path),
            "known_hosts_file": str(self.controller_pins),
            "ssh_config_file": "none",
            "src": str(tree),
            "dest": "tree",
        }
        played = Play(self.directory / "sync").run([{"secure_sync": task}])
        return played.results[0] if played.results else {"msg": played.output, "failed": True}

    def inside(self, script: str) -> str:
        """Run a shell script on the server as root, and return its output."""
        return self.host.enter("sh", "-c", script).stdout

    def shown(self) -> str:
        """Return the fingerprint of the key that the server shows to clients that know Ed25519."""
        scan = ["ssh-keyscan", "-t", "ed25519", self.host.address]
        shown = subprocess.run(scan, capture_output=True, text=True, check=True).stdout
        return _listed(Path("-"), input=shown).split()[1]

    def successors(self) -> list[str]:
        """Return the files of the next keys."""
        return self.inside(f"ls {STANDING}_*Z 2>/dev/null || true").split()

    def fingerprint(self, path: str) -> str:
        """Return the fingerprint of a key of the server."""
        return self.inside(f"ssh-keygen -y -f {path} | ssh-keygen -lf -").split()[1]

    def pinned(self) -> tuple[list[str], list[str]]:
        """Return the Ed25519 keys that the client and this machine have pinned."""
        return _ed25519(self.on_client(f"ssh-keygen -lf {_CLIENT_PINS}")), _ed25519(_listed(self.controller_pins))

    def _set_up(self) -> None:
        self.lead(self.host.address)
        home = f"/home/{OWNER}"
        put = f"umask 077; cd {home}; cat > key; ssh-keygen -q -p -P \"$1\" -N '' -f key; mv key plain_key"
        words = ("sh", "-c", put, "put", self.passphrase)
        self.client.enter(*words, input=self._key.text)
        self.client.enter("sh", "-c", f"umask 077; cat > {home}/key", input=self._key.text)
        self.client.enter("sh", "-c", f"umask 077; cat > {_CLIENT_PINS}", input=f"{NAME} {self.first.public}\n")
        self.on_client(f"chown {OWNER}: {home}/key {home}/plain_key {_CLIENT_PINS}")
        self.controller_pins.write_text(f"{self.host.address} {self.first.public}\n")
        for host in (self.host, self.client):  # the client too: who is led astray gets in
            allowed = f"cat >> {home}/.ssh/authorized_keys"
            host.enter("sh", "-c", allowed, input=f"{self._key.public}\n")

    def _plays(self) -> HostPlay:
        server = {"server": _reach(self.host, self.controller_pins)}
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        clients = {"backup": _reach(self.client, self.client.known_hosts), "localhost": here}
        return HostPlay(
            self.directory,
            self.host,
            environment={"ANSIBLE_TIMEOUT": "20", "DEPLOY_PASSPHRASE": self.passphrase},
            groups={"files": server, "sftp_servers": server, "clients": clients},
        )


def _reach(host: SystemdHost, pins: Path) -> dict[str, str]:
    return {
        "ansible_host": host.address,
        "ansible_user": OWNER,
        "ansible_ssh_private_key_file": str(host.key.path),
        "ansible_ssh_common_args": f"{_STRICT.replace('-o BatchMode=yes ', '')} -o UserKnownHostsFile={pins}",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def _listed(path: Path, **options: Any) -> str:
    command = ["ssh-keygen", "-lf", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def _ed25519(listing: str) -> list[str]:
    return [line.split()[1] for line in listing.splitlines() if line.endswith("(ED25519)")]

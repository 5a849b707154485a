# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that boot with systemd and have a stock SSH server, one address each, in about a second. Root only.

    with SystemdHost("debian13") as host:
        host.run("systemctl", "is-active", "ssh")

Processes, mounts, network and files of a host live in namespaces of one process: they all end with it. Writes of the
host stay in memory. The account OWNER logs in with `host.key`; root can use it too."""

from __future__ import annotations

__all__ = ["SystemdHost", "remove_cgroup"]

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from ..running.processes import end, spawn
from ..running.scratch import scratch
from ..servers import ssh_keys
from ..servers.ssh_keys import SshKey
from .host_network import BRIDGE, GATEWAY, Place, claim
from .systemd_image import OWNER, systemd_image

_BOOT_SECONDS = 180.0
_HOST_KEYS = {"rsa": "rsa-3072", "ecdsa": "ecdsa", "ed25519": "ed25519"}
_CAPABILITIES = "CAP_NET_ADMIN,CAP_NET_RAW,CAP_AUDIT_CONTROL,CAP_AUDIT_WRITE,CAP_SYS_PTRACE"

# Runs as the first process of its namespaces. A tmpfs over $private holds the host's writes.
_PREPARE = r"""set -eu
image=$1; private=$2; name=$3; address=$4; gateway=$5; link=$6; mac=$7; bridge=$8; owner=$9; capabilities=${10}
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs "$private/upper"
mkdir "$private/upper/changes" "$private/upper/work" "$private/upper/root"
root=$private/upper/root
mount -t overlay -o "lowerdir=$image,upperdir=$private/upper/changes,workdir=$private/upper/work" overlay "$root"

echo "$name" > "$root/etc/hostname"
# Names that a dead resolver would be asked for cost 30 s each.
printf '127.0.0.1 localhost\n%s %s\n%s controller\n' "$address" "$name" "$gateway" > "$root/etc/hosts"
install -m 0600 "$private"/host_keys/ssh_host_*_key "$root/etc/ssh/"
install -m 0644 "$private"/host_keys/ssh_host_*_key.pub "$root/etc/ssh/"
install -m 0600 -o 1000 -g 1000 "$private/authorized_keys" "$root/home/$owner/.ssh/authorized_keys"
install -d -m 0700 "$root/root/.ssh"
install -m 0600 "$private/authorized_keys" "$root/root/.ssh/authorized_keys"

# A user's systemd that stops while the user logs in again can keep logins waiting for 90 s in these namespaces.
mkdir -p "$root/etc/systemd/logind.conf.d"
printf '[Login]\nUserStopDelaySec=infinity\n' > "$root/etc/systemd/logind.conf.d/tests.conf"
"""
_BOOT = r"""
mkdir -p /run/netns
mount -t tmpfs -o mode=755 tmpfs /run/netns
ip netns add host
# The network of a host that had this place and has just ended may go a little later.
ip link delete "$link" 2>/dev/null || :
ip link add "$link" type veth peer name eth0 netns host
ip link set "$link" master "$bridge" up
ip -n host link set lo up
ip -n host link set eth0 address "$mac" up
ip -n host address add "$address/24" dev eth0
ip -n host route add default via "$gateway"

# The host's own tree of control groups. With a mount from outside of its namespace, systemd-nspawn makes one tree for
# all hosts, in which the systemd of a host kills the processes of another host's unit with the same name.
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$link"
echo 0 > "/sys/fs/cgroup/$link/cgroup.procs"
own='umount /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"'
# Not exec: this shell is process 1 of its namespace and reaps what others leave behind.
unshare --cgroup sh -euc "$own" own systemd-nspawn --quiet --directory="$root" --boot --keep-unit --register=no \
    --machine="$name" --network-namespace-path=/run/netns/host --resolv-conf=off --link-journal=no --console=pipe \
    --capability="$capabilities"
"""


class SystemdHost:
    """One host, running from `__enter__` to `__exit__`.

    system: a key of systemd_image.SYSTEMS. directory: for its keys and its console; private by default. lasting:
    whether it outlives the process that starts it; in that case, end it by the id of its process, `pid`."""

    boot = _BOOT
    """The part of the script that boots, when everything is prepared."""

    def __init__(self, system: str, *, directory: Path | None = None, lasting: bool = False) -> None:
        self.system = system
        self.key: SshKey = ssh_keys.key("owner")
        self._kept, self._lasting = directory is not None, lasting
        self.directory = directory or scratch("host")
        self._place: Place | None = None
        self._process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        """Where its SSH server listens."""
        assert self._place is not None, "the host is not running"
        return self._place.address

    @property
    def link(self) -> str:
        """The name of this machine's end of the link to the host, and of the host's control group."""
        assert self._place is not None, "the host is not running"
        return self._place.link

    @property
    def pid(self) -> int:
        """The id of the process whose end is the end of the host."""
        assert self._process is not None, "the host is not running"
        return self._process.pid

    @property
    def known_hosts(self) -> Path:
        """A file that proves the host by the keys that it was given."""
        return self.directory / "known_hosts"

    def ssh(self, user: str = OWNER, key: Path | None = None) -> list[str]:
        """Return the command that logs in, without the command to run there."""
        return [
            *("ssh", "-F", "none", "-i", str(key or self.key.path), "-l", user),
            *("-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"),
            *("-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "GlobalKnownHostsFile=none", self.address),
        ]

    def run(self, *command: str, user: str = "root", **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command over SSH; it goes through the account's shell, as ssh sends it."""
        options = {"capture_output": True, "text": True, "timeout": 60, **options}
        return subprocess.run([*self.ssh(user), "--", *command], check=options.pop("check", True), **options)

    def enter(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command inside without SSH, as at the console."""
        inside = ["nsenter", "--target", str(self._init()), "--all", "--root", "--wdns=/", "--", *command]
        options = {"capture_output": True, "text": True, "timeout": 60, **options}
        return subprocess.run(inside, check=options.pop("check", True), **options)

    def restart_sshd(self) -> None:
        """Let sshd take up its configuration, and return when it listens. A reload returns before that."""
        self.enter("systemctl", "reset-failed", "ssh")
        self.enter("systemctl", "restart", "ssh")

    def boot_arguments(self) -> list[Path]:
        """Additional arguments of the part that boots: ${11} and so on."""
        return []

    def start(self) -> None:
        """Boot, and return when the owner can log in."""
        self._place = claim()
        self._write_keys()
        (self.directory / "upper").mkdir(exist_ok=True)
        with open(self.directory / "console", "ab") as console:
            self._process = self._launch(console)
        os.close(self._place.lock)
        self._wait()

    def stop(self) -> None:
        """End the host at once, as a power cut would."""
        if self._process is not None:
            end(self._process)
            self._process = None
            remove_cgroup(self.link)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        if not self._kept:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _launch(self, console: Any) -> subprocess.Popen:
        place = self._place
        arguments = [systemd_image(self.system), self.directory, self.system, place.address, GATEWAY, place.link]
        arguments += [place.mac, BRIDGE, OWNER, _CAPABILITIES, *self.boot_arguments()]
        namespaces = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL"]
        command = [*namespaces, "--", "/bin/sh", "-c", _PREPARE + self.boot, "host", *map(str, arguments)]
        options = {"stdin": subprocess.DEVNULL, "stdout": console, "stderr": console, "pass_fds": [place.lock]}
        if self._lasting:
            return subprocess.Popen(command, start_new_session=True, **options)
        return spawn(command, **options)

    def _write_keys(self) -> None:
        keys = self.directory / "host_keys"
        keys.mkdir(exist_ok=True)
        lines = []
        for kind, made_as in _HOST_KEYS.items():
            made = ssh_keys.key(f"host-{self.system}", made_as)
            shutil.copy(made.path, keys / f"ssh_host_{kind}_key")
            shutil.copy(f"{made.path}.pub", keys / f"ssh_host_{kind}_key.pub")
            lines.append(f"{self.address} {made.public}\n")
        self.known_hosts.write_text("".join(lines))
        (self.directory / "authorized_keys").write_text(f"{self.key.public}\n")

    def _wait(self) -> None:
        deadline = time.monotonic() + _BOOT_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._lets_in():
                return
            time.sleep(0.1)
        console = (self.directory / "console").read_text(errors="replace")
        raise RuntimeError(f"the host {self.system} did not boot:\n{console}")

    def _lets_in(self) -> bool:
        """Return whether the owner can log in. A login that begins while the host boots may never end."""
        try:
            return not self.run("true", user=OWNER, check=False, timeout=20).returncode
        except subprocess.TimeoutExpired:
            return False

    def _init(self) -> int:
        """The process 1 of the host: the first child of systemd-nspawn."""
        nspawn = _child(_child(self.pid, "sh"), "systemd-nspawn")
        return _child(nspawn, "systemd")


def _child(pid: int, name: str) -> int:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if Path("/proc", child, "comm").read_text().strip() == name:
            return int(child)
    raise LookupError(f"{pid} has no child {name}")


def remove_cgroup(name: str) -> None:
    """Remove the control groups of a host that has ended."""
    script = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && cd /sys/fs/cgroup && find "$0" -depth -type d -delete'
    subprocess.run(["unshare", "--mount", "sh", "-c", script, name], capture_output=True, check=False)

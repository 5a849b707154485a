# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated ssh_config, judged by `ssh -G`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_config import (
    LoginPlan,
    ssh_command,
    write_configs,
    write_override,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import parse_host_keys
from support.servers import ssh_keys

HOSTILE = """
Host target.example
  ProxyJump hop.example
Host *
  StrictHostKeyChecking no
  UserKnownHostsFile /tmp/evil
  GlobalKnownHostsFile /tmp/evil
  KnownHostsCommand /bin/echo %H %t %K
  UpdateHostKeys yes
  VerifyHostKeyDNS yes
  NoHostAuthenticationForLocalhost yes
  CheckHostIP yes
  ControlMaster auto
  ControlPath /tmp/evil
  ForwardAgent yes
  ForwardX11 yes
  LocalForward 1234 localhost:22
  PermitLocalCommand yes
  LocalCommand touch /tmp/evil
  RequestTTY force
  RemoteCommand id
  BatchMode yes
  StdinNull yes
  ForkAfterAuthentication yes
  AddKeysToAgent yes
  Compression yes
  LogLevel QUIET
  NumberOfPasswordPrompts 9
  PreferredAuthentications password
  Ciphers aes256-gcm@openssh.com,3des-cbc
  KexAlgorithms diffie-hellman-group1-sha1,curve25519-sha256
  HostKeyAlgorithms ssh-rsa,ssh-ed25519
  RequiredRSASize 1024
  ServerAliveInterval 0
"""
DECIDED = {
    "kexalgorithms": "curve25519-sha256",
    "hostkeyalgorithms": "ssh-ed25519",
    "requiredrsasize": "2048",
    "stricthostkeychecking": "true",
    "globalknownhostsfile": "none",
    "updatehostkeys": "false",
    "verifyhostkeydns": "false",
    "nohostauthenticationforlocalhost": "no",
    "checkhostip": "no",
    "controlmaster": "false",
    "forwardagent": "no",
    "forwardx11": "no",
    "clearallforwardings": "yes",
    "permitlocalcommand": "no",
    "requesttty": "false",
    "batchmode": "no",
    "stdinnull": "no",
    "forkafterauthentication": "no",
    "addkeystoagent": "false",
    "compression": "no",
    "numberofpasswordprompts": "1",
}


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    guard = ChildProcesses()
    yield guard
    guard.close()


def meaning(path: str, host: str) -> dict[str, str]:
    done = subprocess.run(["ssh", "-G", "-F", path, host], check=True, capture_output=True, text=True)
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


def configure(guard: ChildProcesses, credentials: Credentials, trust: SshTrust, **changes: Any) -> str:
    endpoint = Endpoint(**{"protocol": "sftp", "host": "target.example", "ssh_config_file": "none", **changes})
    plan = LoginPlan("/usr/bin/ssh", (9, 9), parse_host_keys(trust.host_keys))
    return write_configs(guard, endpoint, credentials, trust, plan=plan)


@pytest.mark.parametrize("host", ["target.example", "hop.example"])
def test_what_decides_trust_wins_over_the_users_file(guard: ChildProcesses, tmp_path: Path, host: str) -> None:
    (tmp_path / "config").write_text(HOSTILE)
    (tmp_path / "known").touch()
    trust = SshTrust(known_hosts_file=str(tmp_path / "known"))
    path = configure(guard, Credentials(), trust, ssh_config_file=str(tmp_path / "config"))
    found = meaning(path, host)
    assert {name: found.get(name) for name in DECIDED} == DECIDED
    assert found["userknownhostsfile"] == str(tmp_path / "known")
    witness = "/bin/sh %s %%I %%H %%t %%f %%K" % guard.path("target.witness")
    assert found.get("knownhostscommand", "none") == (witness if host == "target.example" else "none")
    assert "controlpath" not in found
    assert "remotecommand" not in found
    assert found["loglevel"] == ("DEBUG" if host == "target.example" else "INFO")
    assert found["ciphers"] == "aes256-gcm@openssh.com"
    assert int(found["serveraliveinterval"]) > 0


def test_without_a_store_of_the_task_the_users_own_counts(guard: ChildProcesses) -> None:
    found = meaning(configure(guard, Credentials(), SshTrust()), "target.example")
    assert found["userknownhostsfile"].endswith("/.ssh/known_hosts2")
    assert found["globalknownhostsfile"] == "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"
    assert found["ciphers"].startswith("aes128-gcm@openssh.com,chacha20")


def test_pins_of_the_task_are_for_the_endpoint_alone(guard: ChildProcesses) -> None:
    key = ssh_keys.key("unit")
    path = configure(guard, Credentials(), SshTrust((key.public, key.fingerprint)), proxy_jump=("u@hop.example:2222",))
    found, other = meaning(path, "target.example"), meaning(path, "elsewhere.example")
    assert found["userknownhostsfile"] == guard.path("host_keys")
    assert found["knownhostscommand"].startswith("/bin/sh %s " % guard.path("target.witness"))
    assert "known_hosts2" in other["userknownhostsfile"]
    assert "knownhostscommand" not in other
    hop = meaning(guard.path("hop1"), "hop.example")
    assert "known_hosts2" in hop["userknownhostsfile"]
    assert (hop["user"], hop["port"]) == ("u", "2222")
    assert hop["knownhostscommand"].startswith("/bin/sh %s " % guard.path("hop1.witness"))
    assert f"-F {guard.path('hop1')} -E {guard.path('hop1')}.log" in found["proxycommand"]


@pytest.mark.parametrize(
    ("credentials", "target", "hop"),
    [
        (Credentials(), "gssapi-with-mic,hostbased,publickey", "gssapi-with-mic,hostbased,publickey"),
        (Credentials(password="x"), "password,keyboard-interactive", "publickey"),
        (Credentials(private_key="x"), "publickey", "publickey"),
        (Credentials(private_key="x", password="x"), "publickey,password,keyboard-interactive", "publickey"),
    ],
)
def test_methods_fit_the_credentials(guard: ChildProcesses, credentials: Credentials, target: str, hop: str) -> None:
    path = configure(guard, credentials, SshTrust(), proxy_jump=("hop.example",))
    assert meaning(path, "target.example")["preferredauthentications"] == target
    assert meaning(guard.path("hop1"), "hop.example")["preferredauthentications"] == hop


def test_no_agent_when_there_shall_be_none(guard: ChildProcesses) -> None:
    found = meaning(configure(guard, Credentials(ssh_agent=False), SshTrust()), "target.example")
    assert found["identityagent"] == "none"


@pytest.mark.parametrize("name", ["per%cent", "sp ace", "umläut", "qu'ote"])
def test_odd_paths_are_carried(guard: ChildProcesses, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    file = str(tmp_path / name)
    found = meaning(configure(guard, Credentials(private_key_file=file), SshTrust()), "target.example")
    assert found["identityfile"].replace("%%", "%") == file


@pytest.mark.parametrize("name", ['quo"te', "new\nline", "${HOME}", "back\\slash", "st*ar"])
def test_paths_that_ssh_config_cannot_carry(guard: ChildProcesses, name: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        configure(guard, Credentials(private_key_file="/keys/" + name), SshTrust())


def test_of_a_store_with_times_ssh_reads_what_counts(guard: ChildProcesses, tmp_path: Path) -> None:
    key, store = ssh_keys.key("unit").public, tmp_path / "known"
    store.write_text(f"# kept\nnow {key}\nover {key} secure_sync:valid_until=2000-01-01\n")
    trust = SshTrust(known_hosts_file=str(store))
    path = configure(guard, Credentials(), trust, proxy_jump=("hop.example",))
    for config, host in ((path, "target.example"), (guard.path("hop1"), "hop.example")):
        view = Path(meaning(config, host)["userknownhostsfile"])
        assert view.read_text() == f"# kept\nnow {key}\n"
        assert view.parent == Path(guard.directory)
    store.write_text(f"now {key} secure_sync:valid_until=2099-01-01\n")
    assert meaning(configure(guard, Credentials(), trust), "target.example")["userknownhostsfile"] == str(store)


def test_the_lines_win_for_their_host_alone(guard: ChildProcesses) -> None:
    other = guard.write("target", "Host files\n  Port 2222\nHost *\n  UpdateHostKeys no\n  User deploy\n")
    config = write_override(guard, "files", ["UpdateHostKeys yes", "UserKnownHostsFile none"], other)
    files, gate = meaning(config, "files"), meaning(config, "gate")
    assert (files["updatehostkeys"], files["userknownhostsfile"]) == ("true", "none")
    assert (files["port"], files["user"]) == ("2222", "deploy"), "the rest is that of the other file"
    assert (gate["updatehostkeys"], gate["port"], gate["user"]) == ("false", "22", "deploy")


@pytest.mark.parametrize(
    ("endpoint", "request_words", "words"),
    [
        (Endpoint("sftp", "host"), ["-s", "sftp"], ["-s", "--", "host", "sftp"]),
        (
            Endpoint("sftp", "-host", 2222, "-account"),
            ["sha256sum -z"],
            ["-p", "2222", "-l", "-account", "--", "-host", "sha256sum -z"],
        ),
    ],
    ids=["subsystem", "command, port and account"],
)
def test_the_command_line(endpoint: Endpoint, request_words: list[str], words: list[str]) -> None:
    assert ssh_command("/usr/bin/ssh", "/private/target", endpoint, request_words) == [
        *("/usr/bin/ssh", "-F", "/private/target"),
        *words,
    ]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both SSH streams against a real sshd: the same login, and the same error for the same cause."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import os
import select
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import support.servers.sshd
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    PeerIdentity,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_stream import open_openssh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_stream import open_paramiko
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC, Stream
from support.running.patience import HANG_SECONDS
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.ports import free_port
from support.servers.served import served
from support.servers.sshd import Sshd

OPENERS = {"openssh": open_openssh, "paramiko": open_paramiko}
PASSWORD = "pass \\word 'ü\" $HOME %h"
PASSPHRASE = "phrase \\n 'ß\" `id` %%"
LOCKED = ssh_keys.key("locked", passphrase=PASSPHRASE)
OTHER = ssh_keys.key("other")
USER_CA = ssh_keys.key("user-ca")
HOST_CA = ssh_keys.key("host-ca")


@pytest.fixture(params=sorted(OPENERS))
def client(request: pytest.FixtureRequest) -> str:
    return request.param


plain = served(
    Sshd, authorized=(ssh_keys.key("client"), LOCKED, ssh_keys.key("rsa", "rsa"), ssh_keys.key("ec", "ecdsa"))
)
three_keys = served(Sshd, host_keys=("ed25519", "ecdsa", "rsa"), name="three")
by_password = served(Sshd, account=Account(password=PASSWORD), password=True, authorized=())
by_prompt = served(Sshd, account=Account(password=PASSWORD), keyboard_interactive=True, authorized=())
two_steps = served(Sshd, account=Account(password=PASSWORD), password=True, methods="publickey,password")
by_certificate = served(Sshd, user_ca=USER_CA, authorized=(), principals=("mirror",))
jump = served(Sshd, forwarding=True, name="hop")
certified = served(Sshd, host_ca=HOST_CA, name="certified")
misnamed = served(Sshd, host_ca=HOST_CA, host_principals="elsewhere.example", name="misnamed")


def endpoint_of(server: Sshd, **changes: Any) -> Endpoint:
    values = {"ssh_config_file": "none", "connect_timeout": 15.0, **changes}
    return Endpoint("sftp", server.host, server.port, server.user, **values)


def trust_of(server: Sshd) -> SshTrust:
    return SshTrust(known_hosts_file=str(server.known_hosts))


def key_of(key: ssh_keys.SshKey, **changes: Any) -> Credentials:
    return Credentials(private_key_file=str(key.path), ssh_agent=False, **changes)


def greet(stream: Stream) -> None:
    """Prove the channel: SSH_FXP_INIT is answered by SSH_FXP_VERSION 3."""
    os.write(stream.write_fd, b"\0\0\0\5\1\0\0\0\3")
    assert read(stream, 9)[4:9] == b"\2\0\0\0\3"


def read(stream: Stream, size: int, seconds: float = 10.0) -> bytes:
    data = b""
    while len(data) < size and select.select([stream.read_fd], [], [], seconds)[0]:
        piece = os.read(stream.read_fd, 65536)
        if not piece:
            break
        data += piece
    return data


def meet(client: str, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> PeerIdentity:
    with closing(OPENERS[client](endpoint, credentials, trust)) as stream:
        identity = stream.wait_ready()
        greet(stream)
        return identity


def refuse(client: str, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> errors.SyncError:
    with pytest.raises(errors.SyncError) as caught:
        meet(client, endpoint, credentials, trust)
    assert caught.value.cure
    assert str(caught.value).isprintable()
    return caught.value


def eventually(condition: Callable[[], bool], seconds: float = 3.0) -> bool:
    """The server writes its log on its own time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


# good logins


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(key_of(ssh_keys.key("client")), id="file"),
        pytest.param(key_of(ssh_keys.key("rsa", "rsa")), id="rsa-file"),
        pytest.param(key_of(ssh_keys.key("ec", "ecdsa")), id="ecdsa-file"),
        pytest.param(key_of(LOCKED, passphrase=PASSPHRASE), id="file-passphrase"),
        pytest.param(Credentials(private_key=ssh_keys.key("client").text), id="text"),
        pytest.param(Credentials(private_key=ssh_keys.key("client").text.replace("\n", "\r\n")), id="text-crlf"),
        pytest.param(Credentials(private_key=LOCKED.text, passphrase=PASSPHRASE), id="text-passphrase"),
    ],
)
def test_a_key_logs_in(client: str, plain: Sshd, credentials: Credentials) -> None:
    identity = meet(client, endpoint_of(plain), credentials, trust_of(plain))
    assert identity.host_key_fingerprint == plain.fingerprints[0]
    assert identity.host_key_type == "ssh-ed25519"
    assert identity.protocol == "SSH-2.0"
    assert identity.software.startswith("OpenSSH_")
    assert identity.client.lower().startswith(client)
    assert identity.cipher == "aes128-gcm@openssh.com"
    assert identity.key_exchange


def test_a_password_logs_in(client: str, by_password: Sshd) -> None:
    assert meet(client, endpoint_of(by_password), Credentials(password=PASSWORD), trust_of(by_password)).cipher


def test_a_password_answers_keyboard_interactive(client: str, by_prompt: Sshd) -> None:
    assert meet(client, endpoint_of(by_prompt), Credentials(password=PASSWORD), trust_of(by_prompt)).cipher


def test_key_and_then_password_log_in(client: str, two_steps: Sshd) -> None:
    credentials = key_of(two_steps.key, password=PASSWORD)
    assert meet(client, endpoint_of(two_steps), credentials, trust_of(two_steps)).cipher


@pytest.mark.parametrize("form", ["file", "beside", "text"])
def test_a_user_certificate_logs_in(client: str, by_certificate: Sshd, form: str) -> None:
    key = ssh_keys.certify_user(OTHER, USER_CA, principals="mirror")
    credentials = {
        "file": Credentials(private_key_file=str(OTHER.path), certificate_file=str(key.certificate)),
        "beside": Credentials(private_key_file=str(key.path)),
        "text": Credentials(private_key=OTHER.text, certificate_file=str(key.certificate)),
    }[form]
    assert meet(client, endpoint_of(by_certificate), credentials, trust_of(by_certificate)).cipher


def test_an_agent_logs_in(client: str, plain: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with agent_with(plain.key, tmp_path) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        assert meet(client, endpoint_of(plain), Credentials(), trust_of(plain)).cipher
        refuse(client, endpoint_of(plain), Credentials(ssh_agent=False), trust_of(plain))


class agent_with:
    """The operator's own ssh-agent holding one key."""

    def __init__(self, key: ssh_keys.SshKey, directory: Path) -> None:
        self.path, self.key = str(directory / "agent"), key

    def __enter__(self) -> str:
        # ssh-agent is set-group-ID: the kernel's parent-death signal does not reach it, the end of a pipe does.
        script = 'ssh-agent -D -a "$1" >/dev/null & read -r _; kill "$!"; wait'
        self.process = subprocess.Popen(["/bin/sh", "-c", script, "sh", self.path], stdin=subprocess.PIPE)
        while not os.path.exists(self.path):
            time.sleep(0.005)
        environment = dict(os.environ, SSH_AUTH_SOCK=self.path)
        subprocess.run(["ssh-add", "-q", str(self.key.path)], check=True, env=environment)
        return self.path

    def __exit__(self, *_exception: object) -> None:
        self.process.communicate()


# credentials that do not log in


def test_a_wrong_password_is_tried_once(client: str, by_password: Sshd) -> None:
    before = by_password.log().count("Failed password")
    error = refuse(client, endpoint_of(by_password), Credentials(password="wrong"), trust_of(by_password))
    assert type(error) is errors.AuthenticationFailed
    assert by_password.user in error.message
    assert by_password.host in error.message
    assert "password" in error.message
    assert eventually(lambda: by_password.log().count("Failed password") > before)
    assert by_password.log().count("Failed password") == before + 1


def test_a_wrong_password_is_tried_once_by_keyboard_interactive(client: str, by_prompt: Sshd) -> None:
    before = by_prompt.log().count("Failed keyboard-interactive")
    error = refuse(client, endpoint_of(by_prompt), Credentials(password="wrong"), trust_of(by_prompt))
    assert type(error) is errors.AuthenticationFailed
    assert eventually(lambda: by_prompt.log().count("Failed keyboard-interactive") > before)
    assert by_prompt.log().count("Failed keyboard-interactive") == before + 1


def test_a_key_that_the_account_does_not_know(client: str, plain: Sshd) -> None:
    error = refuse(client, endpoint_of(plain), key_of(OTHER), trust_of(plain))
    assert type(error) is errors.AuthenticationFailed
    assert "publickey" in error.message


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(key_of(LOCKED, passphrase="wrong"), id="file-wrong"),
        pytest.param(key_of(LOCKED), id="file-none"),
        pytest.param(Credentials(private_key=LOCKED.text, passphrase="wrong"), id="text-wrong"),
        pytest.param(Credentials(private_key=LOCKED.text), id="text-none"),
        pytest.param(Credentials(private_key="no key at all"), id="text-no-key"),
        pytest.param(Credentials(private_key_file="/etc/hostname"), id="file-no-key"),
        pytest.param(Credentials(private_key_file="/nonexistent/key"), id="file-missing"),
    ],
)
def test_a_private_key_that_cannot_be_used(client: str, plain: Sshd, tmp_path: Path, credentials: Credentials) -> None:
    if credentials.private_key_file == "/etc/hostname":
        file = tmp_path / "key"
        file.write_text("no key at all\n")
        file.chmod(0o600)
        credentials = Credentials(private_key_file=str(file))
    error = refuse(client, endpoint_of(plain), credentials, trust_of(plain))
    assert type(error) is errors.PrivateKeyUnusable


def test_a_key_that_others_may_read(client: str, plain: Sshd, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(plain.key.text)
    file.chmod(0o644)
    error = refuse(client, endpoint_of(plain), Credentials(private_key_file=str(file)), trust_of(plain))
    assert type(error) is errors.PrivateKeyUnusable
    assert "0644" in error.message


def test_a_question_without_answer(client: str, by_prompt: Sshd) -> None:
    error = refuse(client, endpoint_of(by_prompt), Credentials(ssh_agent=False), trust_of(by_prompt))
    assert type(error) is errors.AuthenticationFailed


# the server's key


def test_an_unknown_host(client: str, plain: Sshd, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    before = plain.log()
    error = refuse(client, endpoint_of(plain), key_of(plain.key), SshTrust(known_hosts_file=str(tmp_path / "empty")))
    assert type(error) is errors.UnknownHost
    assert plain.fingerprints[0] in error.message
    assert "host_key_pin" in error.cure
    assert "Accepted" not in plain.log()[len(before) :]
    assert "Failed" not in plain.log()[len(before) :]


def test_an_unknown_host_without_a_store_of_the_task(client: str, plain: Sshd) -> None:
    assert type(refuse(client, endpoint_of(plain), key_of(plain.key), SshTrust())) is errors.UnknownHost


def test_a_store_that_cannot_be_read(client: str, plain: Sshd, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        error = refuse(client, endpoint_of(plain), key_of(plain.key), SshTrust(known_hosts_file=str(path)))
        assert type(error) is errors.TrustStoreUnreadable


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
@pytest.mark.parametrize("place", ["file", "host_keys"])
def test_a_changed_key(client: str, plain: Sshd, tmp_path: Path, kind: str, place: str) -> None:
    wrong = ssh_keys.key("wrong-host", kind)
    (tmp_path / "known").write_text(f"[{plain.host}]:{plain.port} {wrong.public}\n")
    trust = {"file": SshTrust(known_hosts_file=str(tmp_path / "known")), "host_keys": SshTrust((wrong.public,))}[place]
    error = refuse(client, endpoint_of(plain), key_of(plain.key), trust)
    assert type(error) is errors.HostKeyChanged
    assert plain.fingerprints[0] in error.message


def test_a_revoked_key_wins_over_every_pin(client: str, plain: Sshd, tmp_path: Path) -> None:
    (tmp_path / "known").write_text(plain.known_hosts_line() + plain.known_hosts_line("@revoked"))
    file = str(tmp_path / "known")
    public, fingerprint = plain.host_public_keys[0], plain.fingerprints[0]
    for trust in (
        SshTrust(known_hosts_file=file),
        SshTrust((public,), file),
        SshTrust((fingerprint,), file),
        SshTrust((public, f"@revoked {public}")),
        SshTrust((fingerprint, f"@revoked {public}")),
    ):
        assert type(refuse(client, endpoint_of(plain), key_of(plain.key), trust)) is errors.HostKeyRevoked


def test_pins_of_the_task(client: str, plain: Sshd) -> None:
    other = ssh_keys.key("wrong-host")
    for pins in (
        (plain.host_public_keys[0],),
        (other.public, plain.host_public_keys[0] + " a comment"),
        (plain.fingerprints[0],),
        (other.fingerprint, plain.fingerprints[0]),
    ):
        assert meet(client, endpoint_of(plain), key_of(plain.key), SshTrust(pins)).host_key_fingerprint


def test_known_hosts_and_pins_count_both(client: str, plain: Sshd, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    other = ssh_keys.key("wrong-host")
    trust = SshTrust((plain.host_public_keys[0],), str(tmp_path / "empty"))
    assert meet(client, endpoint_of(plain), key_of(plain.key), trust).cipher
    assert meet(client, endpoint_of(plain), key_of(plain.key), SshTrust((other.fingerprint,), str(plain.known_hosts)))


def test_a_wrong_fingerprint(client: str, plain: Sshd) -> None:
    trust = SshTrust((ssh_keys.key("wrong-host").fingerprint,))
    assert type(refuse(client, endpoint_of(plain), key_of(plain.key), trust)) is errors.HostKeyChanged


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("form", ["key", "fingerprint", "file"])
def test_one_pinned_key_among_several_types(
    client: str, three_keys: Sshd, tmp_path: Path, number: int, form: str
) -> None:
    public, fingerprint = three_keys.host_public_keys[number], three_keys.fingerprints[number]
    (tmp_path / "known").write_text(f"[{three_keys.host}]:{three_keys.port} {public}\n")
    trust = {
        "key": SshTrust((public,)),
        "fingerprint": SshTrust((fingerprint,)),
        "file": SshTrust(known_hosts_file=str(tmp_path / "known")),
    }[form]
    identity = meet(client, endpoint_of(three_keys), key_of(three_keys.key), trust)
    assert identity.host_key_fingerprint == fingerprint


def test_a_fingerprint_that_no_key_of_the_server_has(client: str, three_keys: Sshd) -> None:
    trust = SshTrust((ssh_keys.key("wrong-host").fingerprint,))
    assert type(refuse(client, endpoint_of(three_keys), key_of(three_keys.key), trust)) is errors.HostKeyChanged


def test_hashed_names_wildcards_and_negation(client: str, plain: Sshd, tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_text(plain.known_hosts_line())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert file.read_text().startswith("|1|")
    trust = SshTrust(known_hosts_file=str(file))
    assert meet(client, endpoint_of(plain), key_of(plain.key), trust).cipher
    file.write_text(f"[127.0.0.*]:{plain.port} {plain.host_public_keys[0]}\n")
    assert meet(client, endpoint_of(plain), key_of(plain.key), trust).cipher
    file.write_text(f"[127.0.0.*]:{plain.port},![127.0.0.1]:{plain.port} {plain.host_public_keys[0]}\n")
    assert type(refuse(client, endpoint_of(plain), key_of(plain.key), trust)) is errors.UnknownHost


@pytest.mark.parametrize("place", ["file", "host_keys"])
def test_a_host_certificate(certified: Sshd, tmp_path: Path, place: str) -> None:
    (tmp_path / "known").write_text(certified.authority_line())
    trust = {
        "file": SshTrust(known_hosts_file=str(tmp_path / "known")),
        "host_keys": SshTrust((f"@cert-authority {HOST_CA.public}",)),
    }[place]
    identity = meet("openssh", endpoint_of(certified), key_of(certified.key), trust)
    assert identity.host_key_type == "ssh-ed25519-cert-v01@openssh.com"
    error = refuse("paramiko", endpoint_of(certified), key_of(certified.key), trust)
    assert type(error) is errors.NotSupported
    assert "OpenSSH" in error.cure


def test_a_certified_host_by_its_own_key(client: str, certified: Sshd) -> None:
    for pin in (certified.host_public_keys[0], certified.fingerprints[0]):
        assert meet(client, endpoint_of(certified), key_of(certified.key), SshTrust((pin,))).cipher


def test_a_host_certificate_for_another_name(misnamed: Sshd) -> None:
    trust = SshTrust((f"@cert-authority {HOST_CA.public}",))
    error = refuse("openssh", endpoint_of(misnamed), key_of(misnamed.key), trust)
    assert isinstance(error, errors.TrustError)
    assert "principal" in error.message


def test_a_host_certificate_that_has_expired() -> None:
    host = ssh_keys.certify_host(
        ssh_keys.key("host-expired"), HOST_CA, principals="127.0.0.1", validity="20200101:20200102"
    )
    with Sshd(name="expired", config=(f"HostCertificate {host.certificate}",)) as server:
        trust = SshTrust((f"@cert-authority {HOST_CA.public}",))
        error = refuse("openssh", endpoint_of(server), key_of(server.key), trust)
    assert isinstance(error, errors.TrustError)
    assert "expired" in error.message


def test_another_authority(certified: Sshd) -> None:
    trust = SshTrust((f"@cert-authority {OTHER.public}",))
    error = refuse("openssh", endpoint_of(certified), key_of(certified.key), trust)
    assert isinstance(error, errors.TrustError)


def test_the_users_configuration_cannot_weaken_trust(client: str, plain: Sshd, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile {plain.known_hosts}\n  "
        "NoHostAuthenticationForLocalhost yes\n  KnownHostsCommand /bin/echo %H %t %K\n  PermitLocalCommand yes\n"
        f"  LocalCommand touch {tmp_path}/local\n"
    )
    (tmp_path / "empty").touch()
    endpoint = endpoint_of(plain, ssh_config_file=str(config))
    error = refuse(client, endpoint, key_of(plain.key), SshTrust(known_hosts_file=str(tmp_path / "empty")))
    assert type(error) is errors.UnknownHost
    assert type(refuse(client, endpoint, key_of(plain.key), SshTrust())) is errors.UnknownHost
    assert meet(client, endpoint, key_of(plain.key), trust_of(plain)).cipher
    assert not (tmp_path / "local").exists()


def test_the_users_configuration_cannot_lower_the_length_of_rsa_keys(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("Host *\n  RequiredRSASize 1024\n")
    with Sshd(name="short", host_keys=("rsa-1024",), config=("RequiredRSASize 1024",)) as server:
        endpoint = endpoint_of(server, ssh_config_file=str(tmp_path / "config"))
        error = refuse("openssh", endpoint, key_of(server.key), SshTrust((server.host_public_keys[0],)))
        assert "publickey for" not in server.log()
    assert isinstance(error, errors.SyncError)
    assert "key length" in error.message


def test_the_users_configuration_names_host_port_user_and_key(client: str, plain: Sshd, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host alias\n  HostName {plain.host}\n  Port {plain.port}\n  User {plain.user}\n"
        f"  IdentityFile {plain.key.path}\n"
    )
    endpoint = Endpoint("sftp", "alias", ssh_config_file=str(config))
    assert meet(client, endpoint, Credentials(ssh_agent=False), trust_of(plain)).cipher
    pinned = SshTrust((plain.fingerprints[0],))
    assert meet(client, endpoint, Credentials(ssh_agent=False), pinned).cipher


def test_a_host_key_alias_in_an_included_file(client: str, plain: Sshd, tmp_path: Path) -> None:
    """Both clients look the server up under the alias, and under nothing else."""
    (tmp_path / "inner").write_text(f"Host target\n  HostName {plain.host}\n  HostKeyAlias Known.example\n")
    (tmp_path / "config").write_text(f"Include {tmp_path}/inne?\nUser {plain.user}\nPort {plain.port}\n")
    endpoint = Endpoint("sftp", "target", ssh_config_file=str(tmp_path / "config"), connect_timeout=15.0)
    stores = {}
    for name in ("known.example", f"[{plain.host}]:{plain.port}", f"[known.example]:{plain.port}"):
        stores[name] = tmp_path / f"known_hosts{len(stores)}"
        stores[name].write_text(f"{name} {plain.host_public_keys[0]}\n")
    assert meet(client, endpoint, key_of(plain.key), SshTrust((), str(stores.pop("known.example")))).cipher
    for store in stores.values():
        error = refuse(client, endpoint, key_of(plain.key), SshTrust((), str(store)))
        assert type(error) is errors.UnknownHost
    for pin in (plain.fingerprints[0], plain.host_public_keys[0]):
        assert meet(client, endpoint, key_of(plain.key), SshTrust((pin,))).cipher


# the way to the server


def test_nobody_listens(client: str, plain: Sshd) -> None:
    endpoint = Endpoint("sftp", "127.0.0.1", free_port(), "mirror", ssh_config_file="none")
    error = refuse(client, endpoint, key_of(plain.key), trust_of(plain))
    assert type(error) is errors.ConnectionFailed
    assert error.retryable


def test_an_unknown_name(client: str, plain: Sshd) -> None:
    endpoint = Endpoint("sftp", "no-such-host.invalid", 22, "mirror", ssh_config_file="none")
    assert type(refuse(client, endpoint, key_of(plain.key), trust_of(plain))) is errors.ConnectionFailed


def test_a_server_that_never_speaks(client: str, plain: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        endpoint = Endpoint("sftp", "127.0.0.1", port, "mirror", ssh_config_file="none", connect_timeout=1.0)
        started = time.monotonic()
        error = refuse(client, endpoint, key_of(plain.key), trust_of(plain))
        assert type(error) is errors.ConnectTimeout
        assert time.monotonic() - started < HANG_SECONDS


def test_a_login_that_is_cut_by_another_thread(client: str, plain: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = endpoint_of(plain, connect_timeout=60.0)._replace(port=silent.getsockname()[1])
        stream = OPENERS[client](endpoint, key_of(plain.key), trust_of(plain))
        cutter = threading.Timer(0.5, stream.cut)
        cutter.start()
        began = time.monotonic()
        with pytest.raises(errors.SyncError):
            stream.wait_ready()
        assert time.monotonic() - began < HANG_SECONDS
        cutter.join()
    assert stream.read_fd == -1


def test_a_server_that_hangs_up(client: str, plain: Sshd) -> None:
    with Sshd(max_startups="1", name="busy") as busy, socket.create_connection((busy.host, busy.port)) as held:
        assert held.recv(4) == b"SSH-"
        error = refuse(client, endpoint_of(busy), key_of(busy.key), trust_of(busy))
        assert type(error) is errors.TooManyConnections


def test_a_server_without_sessions(client: str) -> None:
    with Sshd(max_sessions=0, name="closed") as server:
        error = refuse(client, endpoint_of(server), key_of(server.key), trust_of(server))
        assert type(error) is errors.TooManyConnections


def test_a_server_without_the_subsystem(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    render = support.servers.sshd.render_sshd_config
    monkeypatch.setattr(
        support.servers.sshd,
        "render_sshd_config",
        lambda *words: render(*words).replace("Subsystem sftp", "Subsystem other"),
    )
    with Sshd(name="bare") as server:
        error = refuse(client, endpoint_of(server), key_of(server.key), trust_of(server))
        assert type(error) is errors.NotSupported


@pytest.mark.parametrize("user", ["", "mirror@"])
def test_a_jump_host(client: str, plain: Sshd, jump: Sshd, tmp_path: Path, user: str) -> None:
    (tmp_path / "known").write_text(plain.known_hosts_line() + jump.known_hosts_line())
    config = tmp_path / "config"
    config.write_text(f"Host *\n  User {jump.user}\n")
    endpoint = endpoint_of(
        plain, proxy_jump=(f"{user}{jump.host}:{jump.port}",), ssh_config_file="none" if user else str(config)
    )
    before = jump.log().count("Accepted publickey")
    identity = meet(client, endpoint, key_of(plain.key), SshTrust(known_hosts_file=str(tmp_path / "known")))
    assert identity.host_key_fingerprint == plain.fingerprints[0]
    assert eventually(lambda: jump.log().count("Accepted publickey") > before)


def test_two_jump_hosts(client: str, plain: Sshd, jump: Sshd, tmp_path: Path) -> None:
    with Sshd(forwarding=True, name="second") as second:
        lines = [server.known_hosts_line() for server in (plain, jump, second)]
        (tmp_path / "known").write_text("".join(lines))
        hops = tuple(f"{server.user}@{server.host}:{server.port}" for server in (jump, second))
        trust = SshTrust(known_hosts_file=str(tmp_path / "known"))
        assert meet(client, endpoint_of(plain, proxy_jump=hops), key_of(plain.key), trust).cipher
        assert second.log().count("Accepted publickey") == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_jump_host_of_the_users_configuration(
    client: str, plain: Sshd, jump: Sshd, tmp_path: Path, *, known: bool
) -> None:
    (tmp_path / "known").write_text(jump.known_hosts_line() if known else "")
    config = tmp_path / "config"
    config.write_text(
        f"Host target\n  HostName {plain.host}\n  Port {plain.port}\n  ProxyJump hop\n"
        f"Host hop\n  HostName {jump.host}\n  Port {jump.port}\nHost *\n  User {jump.user}\n"
    )
    endpoint = Endpoint("sftp", "target", ssh_config_file=str(config))
    trust = SshTrust((plain.fingerprints[0],), str(tmp_path / "known"))
    if known:
        assert meet(client, endpoint, key_of(plain.key), trust).host_key_fingerprint == plain.fingerprints[0]
    else:
        error = refuse(client, endpoint, key_of(plain.key), trust)
        assert type(error) is errors.UnknownHost
        assert "jump host" in error.message


def test_a_caller_that_comes_late(client: str, plain: Sshd) -> None:
    endpoint = endpoint_of(plain, connect_timeout=0.5)
    with closing(OPENERS[client](endpoint, key_of(plain.key), trust_of(plain))) as stream:
        time.sleep(0.8)
        stream.wait_ready()
        greet(stream)


@pytest.mark.parametrize("wrong", ["unknown", "changed", "pins of the endpoint"])
def test_a_jump_host_that_is_not_proven(client: str, plain: Sshd, jump: Sshd, tmp_path: Path, wrong: str) -> None:
    line = {
        "unknown": "",
        "changed": f"[{jump.host}]:{jump.port} {OTHER.public}\n",
        "pins of the endpoint": "",
    }[wrong]
    (tmp_path / "known").write_text(plain.known_hosts_line() + line)
    pins = (jump.host_public_keys[0], jump.fingerprints[0]) if wrong == "pins of the endpoint" else ()
    endpoint = endpoint_of(plain, proxy_jump=(f"{jump.user}@{jump.host}:{jump.port}",))
    hop_log, met = jump.log(), plain.log().count("Connection from")
    error = refuse(client, endpoint, key_of(plain.key), SshTrust(pins, str(tmp_path / "known")))
    assert type(error) is (errors.HostKeyChanged if wrong == "changed" else errors.UnknownHost)
    assert "jump host" in error.message
    assert jump.fingerprints[0] in error.message
    assert "publickey for" not in jump.log()[len(hop_log) :]
    assert plain.log().count("Connection from") == met


def test_a_jump_host_never_gets_the_password(client: str, plain: Sshd, tmp_path: Path) -> None:
    account = Account(password=PASSWORD)
    with Sshd(forwarding=True, name="greedy", account=account, password=True, authorized=()) as greedy:
        (tmp_path / "known").write_text(plain.known_hosts_line() + greedy.known_hosts_line())
        endpoint = endpoint_of(plain, proxy_jump=(f"{greedy.user}@{greedy.host}:{greedy.port}",))
        trust = SshTrust(known_hosts_file=str(tmp_path / "known"))
        error = refuse(client, endpoint, Credentials(password=PASSWORD, ssh_agent=False), trust)
        assert type(error) is errors.AuthenticationFailed
        assert "jump host" in error.message
        assert "password" not in greedy.log().replace("no password", "")


# the channel


def test_exec_runs_one_command_fed_by_its_input(client: str, plain: Sshd) -> None:
    opener = OPENERS[client]
    stream = opener(endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command="sha256sum")
    with closing(stream):
        stream.wait_ready()
        os.write(stream.write_fd, b"content")
        stream.end_input()
        expected = b"ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73  -\n"
        assert read(stream, 1000) == expected


def test_bytes_written_before_the_login_are_not_lost(client: str, three_keys: Sshd) -> None:
    """Also not by the second connection that a pinned fingerprint of another type needs."""
    trust = SshTrust((three_keys.fingerprints[2],))
    with closing(OPENERS[client](endpoint_of(three_keys), key_of(three_keys.key), trust)) as stream:
        os.write(stream.write_fd, b"\0\0\0\5\1\0\0\0\3")
        stream.wait_ready()
        assert read(stream, 9)[4:9] == b"\2\0\0\0\3"


def test_a_large_echo_with_a_slow_reader(client: str, plain: Sshd) -> None:
    """Back-pressure: unread data of the client stop the sender, and nothing is lost."""
    content = os.urandom(1 << 20) * 48
    opener = OPENERS[client]
    with closing(opener(endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command="cat")) as stream:
        stream.wait_ready()
        sent, received = 0, bytearray()
        while select.select([], [stream.write_fd], [], 0.3)[1]:
            sent += os.write(stream.write_fd, content[sent : sent + (1 << 18)])
            assert sent < len(content)
        held, started = sent, time.monotonic()
        while len(received) < len(content):
            writers = [stream.write_fd] if sent < len(content) else []
            ready = select.select([stream.read_fd], writers, [], 10)
            assert any(ready)
            if ready[1]:
                sent += os.write(stream.write_fd, content[sent : sent + (1 << 18)])
            if ready[0]:
                received += os.read(stream.read_fd, 1 << 18)
        assert received == content
        print(f"{client}: stopped at {held >> 10} KiB, the rest there and back in {time.monotonic() - started:.2f} s")


def test_half_a_gibibyte_ends_whole(client: str, plain: Sshd) -> None:
    """The size at which paramiko by itself would exchange keys again."""
    size = 1 << 29
    command = f"head -c {size} /dev/zero"
    with closing(
        OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command=command)
    ) as stream:
        stream.wait_ready()
        started, received = time.monotonic(), 0
        while select.select([stream.read_fd], [], [], 10)[0]:
            piece = os.read(stream.read_fd, 1 << 20)
            if not piece:
                break
            received += len(piece)
    assert received == size
    print(f"{client}: {size >> 20} MiB in {time.monotonic() - started:.2f} s")


def test_the_end_of_the_server_is_told(client: str) -> None:
    with Sshd(name="mortal") as server:
        stream = OPENERS[client](endpoint_of(server), key_of(server.key), trust_of(server))
        with closing(stream):
            stream.wait_ready()
            greet(stream)
            server.stop()
            while read(stream, 1):
                pass
            error = stream.failure()
            assert type(error) is errors.ConnectionLost
            assert error.cure


def test_close_may_be_called_twice_and_at_any_time(client: str, plain: Sshd) -> None:
    before = set(os.listdir("/proc/self/fd"))
    for wait in (False, True):
        stream = OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain))
        if wait:
            stream.wait_ready()
        stream.close()
        stream.close()
    assert set(os.listdir("/proc/self/fd")) == before


LOGIN_SECONDS = 4.0
"""Less than a look-up of a name in vain takes (5 s). How quick a login is, the benchmark measures."""


def test_login_waits_for_nothing(client: str, plain: Sshd) -> None:
    times = []
    for _login in range(5):
        started = time.monotonic()
        with closing(OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain))) as stream:
            stream.wait_ready()
            times.append(time.monotonic() - started)
    print(f"{client}: login {statistics.median(times):.3f} s (median of {len(times)})")
    assert statistics.median(times) < LOGIN_SECONDS


# words that are not taken


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "-oProxyCommand=touch /tmp/x"},
        {"host": "a b"},
        {"host": "%h"},
        {"host": "a\nb"},
        {"host": ""},
        {"host": "*"},
        {"username": "-lroot"},
        {"username": "a b"},
        {"username": "%u"},
        {"username": "a\x1b"},
        {"username": "$(id)"},
        {"port": 0},
        {"port": 65536},
        {"proxy_jump": ("-oProxyCommand=id",)},
        {"proxy_jump": ("a b",)},
        {"proxy_jump": ("user@host:port",)},
        {"ssh_config_file": "/nonexistent/config"},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_words_that_could_be_options_are_refused(client: str, changes: dict[str, Any]) -> None:
    values = {"protocol": "sftp", "host": "127.0.0.1", "port": 22, "ssh_config_file": "none", **changes}
    with pytest.raises(errors.InvalidRequest):
        OPENERS[client](Endpoint(**values), Credentials(), SshTrust())


@pytest.mark.parametrize(
    "pin", ["", "SHA256:short", "ssh-ed25519", "ssh-rsa AAAA", "@revoked SHA256:" + "a" * 43, "MD5:aa"]
)
def test_host_keys_that_are_none(client: str, pin: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        OPENERS[client](Endpoint("sftp", "127.0.0.1", 22), Credentials(), SshTrust((pin,)))

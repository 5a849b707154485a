# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's key: pinned, changed, revoked, certified; the user's configuration cannot weaken the check."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from support.scenes.ssh_logins import (
    endpoint_of,
    every_client,
    key_of,
    meet,
    refuse,
    trust_of,
)
from support.servers import ssh_keys
from support.servers.served import served
from support.servers.sshd import Sshd

OTHER = ssh_keys.key("other")
HOST_CA = ssh_keys.key("host-ca")

client = every_client()
plain = served(Sshd)
three_keys = served(Sshd, host_keys=("ed25519", "ecdsa", "rsa"), name="three")
certified = served(Sshd, host_ca=HOST_CA, name="certified")
misnamed = served(Sshd, host_ca=HOST_CA, host_principals="elsewhere.example", name="misnamed")


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

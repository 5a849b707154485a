# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotates certificates of clients, at a vsftpd that requires them: the job gets in at every moment.

Also, vsftpd does not react to the revocation of a certificate.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.hosts.ftps_host import PASSWORD
from support.running.playbook_process import done
from support.running.slices import slice_of
from support.scenes.certificate_scene import CertificateScene
from support.scenes.rotation_life import NAME, life_of

ROOT = Path(__file__).parents[2]
CERTIFICATE, KEY = "/etc/ssl/private/backup.pem", "/etc/ssl/private/backup.key"
CLIENT_CA = "/etc/ssl/ftps_clients.pem"
CA_PASSPHRASE = "canary-09aa of the authority"
PASSPHRASE = "canary-77e1 of the certificate"
OWN = {"client_cert_file": CERTIFICATE, "client_key_file": KEY, "client_key_passphrase": PASSPHRASE}
DEMANDS = {
    "ftps_server_require_client_cert": True,
    "ftps_server_client_ca_file": CLIENT_CA,
    "ftps_server_test_account": None,
}
KILLS = (
    "Make keys and requests",
    "Store the certificates",
    "Log in with the new certificate",
    "Use the new certificate",
    "Keep it",
    "Remove the old key",
)


class ClientCertificates(CertificateScene):
    """The scene with the playbook and the authority of client certificates."""

    PLAYBOOK = ROOT / "playbooks/rotate_client_certificates.yml"

    def __init__(self, directory: Path, system: str) -> None:
        super().__init__(directory, system)
        self.environment |= {"BACKUP_PASSPHRASE": PASSPHRASE, "CLIENTS_CA_PASSPHRASE": CA_PASSPHRASE}

    def given(self, **variables: Any) -> dict[str, Any]:
        server = {"host": NAME, "ca_file": "/etc/ssl/ftps_ca.pem", "tls_pins_file": "/etc/ssl/ftps_pins"}
        account = {"username": "partner", "password": PASSWORD, "directory": "incoming"}
        own = {"name": "backup.example.com", "certificate_file": CERTIFICATE, "private_key_file": KEY}
        return {
            "rotation_clients": "clients",
            "certificate_rotation_client_ca_directory": str(self.directory / "clients_authority"),
            "certificate_rotation_client_ca_passphrase": CA_PASSPHRASE,
            "certificate_rotation_client_certificates": [
                {**own, "passphrase": PASSPHRASE, "servers": [{**server, **account}]}
            ],
            **variables,
        }


life = life_of(ClientCertificates)


def works(scene: ClientCertificates) -> None:
    synced = scene.synced(**OWN)
    assert synced["changed"], synced["msg"]


def key_of(scene: ClientCertificates) -> str:
    return scene.on_client(f"openssl x509 -in {CERTIFICATE} -noout -pubkey")


def test_check_mode_on_a_client_that_has_none(life: ClientCertificates) -> None:
    done(life.rotate("--check", "--diff"))
    assert life.on_client(f"ls {CERTIFICATE}* {KEY}* 2>/dev/null || true") == ""


@pytest.mark.parametrize("victim", ["backup.key", "backup.pem"])
def test_root_writes_nothing_where_somebody_else_can_turn_the_path(life: ClientCertificates, victim: str) -> None:
    """The account of the jobs owns the directory, and has put a link there."""
    directory = "/home/jobs/certificates"
    life.on_client("id jobs >/dev/null 2>&1 || useradd --create-home jobs; echo precious > /etc/victim")
    life.on_client(f"install -d -o jobs {directory}; rm -f {directory}/*; ln -s /etc/victim {directory}/{victim}")
    (own,) = life.given()["certificate_rotation_client_certificates"]
    paths = {"certificate_file": f"{directory}/backup.pem", "private_key_file": f"{directory}/backup.key"}
    refused = life.rotate(certificate_rotation_client_certificates=[{**own, **paths}])
    assert refused.status != 0
    assert "unsafe_path" in refused.output
    assert life.on_client("cat /etc/victim") == "precious\n"
    assert life.on_client(f"ls -A {directory} /home/jobs | grep backup").split() == [victim]


def test_the_first_one_is_made_and_the_server_demands_it(life: ClientCertificates) -> None:
    done(life.rotate())
    assert "BEGIN ENCRYPTED PRIVATE KEY" in life.on_client(f"cat {KEY}")
    assert "CN=FTPS clients" in life.on_client(f"openssl x509 -in {CERTIFICATE} -noout -issuer -nameopt RFC2253")
    life.rests()
    authority = (life.directory / "clients_authority/ca.pem").read_text()
    life.host.enter("sh", "-c", f"cat > {CLIENT_CA}", input=authority)
    done(life.converge(jails=False, **DEMANDS))
    works(life)
    assert life.synced()["failed"], "without a certificate"


def test_a_new_key_is_proven_before_the_old_one_goes(life: ClientCertificates) -> None:
    old = key_of(life)
    said = done(life.rotate("-vvv", "--diff", certificate_rotation_max_age=0)).output
    assert key_of(life) != old
    assert len(life.on_client(f"ls -d {KEY}.d/*Z").split()) == 1
    assert [secret for secret in (PASSPHRASE, CA_PASSPHRASE, PASSWORD) if secret in said] == []
    works(life)
    life.rests()


def test_a_certificate_near_its_end_is_renewed(life: ClientCertificates, long_run: bool) -> None:
    key = key_of(life)
    before = life.on_client(f"cat {CERTIFICATE}")
    done(life.rotate(certificate_rotation_renew_before=89.999999))
    assert key_of(life) == key
    assert life.on_client(f"cat {CERTIFICATE}") != before
    works(life)
    if long_run:
        life.rests()


def test_killed_at_every_point_and_run_again(life: ClientCertificates, long_run: bool) -> None:
    old = key_of(life)
    for task in slice_of(KILLS, 2, long_run=long_run):
        life.killed(task, certificate_rotation_max_age=0)
        works(life)
    done(life.rotate())
    assert key_of(life) != old
    assert len(life.on_client(f"ls -d {KEY}.d/*Z").split()) == 1
    works(life)
    life.rests()


def test_a_server_that_does_not_let_it_in_is_named_and_the_old_one_stays(life: ClientCertificates) -> None:
    old = key_of(life)
    strange = {"certificate_rotation_client_ca_directory": str(life.directory / "strange")}
    refused = life.rotate(certificate_rotation_max_age=0, **strange)
    assert refused.status != 0
    told = " ".join(refused.output.split())
    assert f"backup.example.com to {NAME}: " in told
    assert "the old certificate stays in use" in told
    assert key_of(life) == old
    works(life)
    life.on_client(f"rm {KEY}.d/*/issued.pem")
    done(life.rotate())
    assert key_of(life) != old
    works(life)


def test_vsftpd_takes_no_revocation_and_a_new_authority_does(life: ClientCertificates) -> None:
    """The commands of docs/rotation_certificates.md for the incident."""
    authority = life.directory / "clients_authority"
    index = authority / "index.txt"
    index.write_text("")
    config = authority / "ca.cnf"
    config.write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={index}\ndefault_md=sha256\ndefault_crl_days=30\n")
    certificate = authority / "lost.pem"
    certificate.write_text(life.on_client(f"cat {CERTIFICATE}"))
    pair = ["-cert", str(authority / "ca.pem"), "-keyfile", str(authority / "ca.key"), "-passin", "stdin"]
    for words in (["-revoke", str(certificate)], ["-gencrl", "-out", str(authority / "crl.pem")]):
        command = ["openssl", "ca", "-config", str(config), *pair, *words]
        subprocess.run(command, input=CA_PASSPHRASE, text=True, check=True, capture_output=True)
    revoked = (authority / "ca.pem").read_text() + (authority / "crl.pem").read_text()
    life.host.enter("sh", "-c", f"cat > {CLIENT_CA}", input=revoked)
    done(life.converge(jails=False, **DEMANDS))
    works(life)

    lost = life.on_client(f"cat {CERTIFICATE} > /root/lost.pem; cat {KEY} > /root/lost.key; chmod 600 /root/lost.key")
    assert lost == ""
    fresh = {"certificate_rotation_client_ca_directory": str(life.directory / "fresh")}
    behind = life.rotate(certificate_rotation_max_age=0, **fresh)
    assert behind.status != 0, "no server knows the new authority yet"
    both = (authority / "ca.pem").read_text() + (life.directory / "fresh/ca.pem").read_text()
    life.host.enter("sh", "-c", f"cat > {CLIENT_CA}", input=both)
    done(life.converge(jails=False, **DEMANDS))
    done(life.rotate(**fresh))
    works(life)
    life.host.enter("sh", "-c", f"cat > {CLIENT_CA}", input=(life.directory / "fresh/ca.pem").read_text())
    done(life.converge(jails=False, **DEMANDS))
    works(life)
    assert life.synced(**{**OWN, "client_cert_file": "/root/lost.pem", "client_key_file": "/root/lost.key"})["failed"]


def test_the_play_of_the_page(life: ClientCertificates) -> None:
    section = (ROOT / "docs/rotation_certificates.md").read_text().partition("\n## Client certificates\n")[2]
    (text, *_others) = re.findall(r"^```yaml\n(.*?)^```$", section, re.M | re.S)
    (play,) = yaml.safe_load(text)
    play["hosts"] = "clients"
    (variables,) = [task["vars"] for task in play["tasks"]]
    own = variables["certificate_rotation_client_certificates"][0]
    assert (own["certificate_file"], own["private_key_file"], own["servers"][0]["host"]) == (CERTIFICATE, KEY, NAME)
    again = done(life.play(json.dumps([play]), certificate_rotation_client_ca_directory=str(life.directory / "fresh")))
    assert again.count("changed") == 0, again.output

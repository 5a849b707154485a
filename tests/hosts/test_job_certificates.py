# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that log in with a certificate for each run: a host whose account takes certificates alone, and a real OpenBao.
Jobs that read their secrets from files, programs and that OpenBao.

The tests go through the life of the jobs in their order.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from support.hosts.host_network import GATEWAY
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.running.examples import ROOT
from support.running.patience import HANG_SECONDS
from support.scenes.module_tasks import own_directory, remote
from support.servers import ssh_keys
from support.servers.openbao import OpenBao
from support.servers.tls_authority import Authority, authority
from support.servers.vsftpd import Vsftpd

PAGE = (ROOT / "docs/jobs.md").read_text()
(APPROLE,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.M | re.S)
OF_OPENBAO, OF_FILE = (
    yaml.safe_load(text) for text in re.findall(r"^```yaml\n(certificate:\n.*?)^```$", PAGE, re.M | re.S)
)
FILE = OF_FILE["certificate"]["file"]
KEY = ssh_keys.key("job")
KEY_LINES = KEY.text.splitlines()[1:-1]
LOCKED = ssh_keys.key("locked-job", passphrase="canary-of-the-passphrase")
KEY_FILE, ASKED = "/etc/secure_keys/sourced", "/usr/local/bin/asked"
PROGRAM = f"""#!/bin/sh
{{ id -un; ( echo >/etc/written ) 2>/dev/null || echo refused; echo "$PATH"; }} >"$HOME/seen"
echo {LOCKED.passphrase}
"""
SECRETS_PAGE = (ROOT / "docs/secrets.md").read_text()
(_KEEP, AUTHORITY, WRITE_POLICY, *_LOGIN, CLIENTS) = re.findall(r"^```bash\n(.*?)^```$", SECRETS_PAGE, re.M | re.S)
POLICY = re.findall(r"^```text\n(.*?)^```$", SECRETS_PAGE, re.M | re.S)[0]
# A refused login would delay the next for seconds.
TRUST = r"""set -eu
cat >/etc/ssh/authority.pub
printf 'TrustedUserCAKeys /etc/ssh/authority.pub\nPerSourcePenalties no\n' >/etc/ssh/sshd_config.d/20-authority.conf
rm /home/peer/.ssh/authorized_keys
mkdir /var/lib/certificates
"""
LOG_IN = """import json, ssl, sys, urllib.request
url, login = sys.stdin.read().split("\\n")
context = ssl.create_default_context(cafile="/etc/bao.pem")
answer = urllib.request.urlopen(url + "/v1/auth/approle/login", login.encode(), context=context)
print(json.load(answer)["auth"]["client_token"])
"""
SLOW = {"bandwidth_limit": "64K", "src": "/srv/large", "retries": 1}


class Place(NamedTuple):
    """jobs: the host; bao: the secrets manager, with the login of the page."""

    jobs: JobHost
    bao: OpenBao
    directory: Path
    role_id: str
    secret_id: str

    def certificate(self, **fields: Any) -> dict[str, Any]:
        """Return the certificate of the page, with the values that only a reader knows. None leaves a field out."""
        own = {
            "url": self.bao.url,
            "ca_file": "/etc/bao.pem",
            "principals": ["peer"],
            "role_id": self.role_id,
            "secret_id": self.secret_id,
        }
        return {name: value for name, value in {**OF_OPENBAO["certificate"], **own, **fields}.items() if value}

    def job(self, name: str, *, secrets: dict[str, str] | None = None, **job: Any) -> dict[str, Any]:
        """Return a job without a key of its own."""
        return {**self.jobs.job(name, **job), "secrets": secrets or {}}

    def error(self, name: str) -> tuple[str, str, str]:
        """Return the code, the message and the cure of the newest record."""
        error = self.jobs.last(name)["error"]
        return error["code"], error["message"], error["cure"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("play")
    with SystemdHost("debian13") as host, OpenBao(directory, GATEWAY) as bao:
        jobs = JobHost(directory, host)
        trusted = bao.shell(AUTHORITY.replace("nightly", "peer"), directory).splitlines()[-1]
        (directory / "upload.hcl").write_text(POLICY + POLICY.replace("issue", "sign"))
        bao.shell(WRITE_POLICY, directory)
        answers = bao.shell(APPROLE.replace("192.0.2.10", host.address), directory)
        role_id, secret_id = re.findall("[0-9a-f-]{36}", answers)
        jobs.inside(TRUST, text=trusted + "\n")
        jobs.inside("cat >/etc/bao.pem", text=bao.authority.file.read_text())
        host.restart_sshd()
        yield Place(jobs, bao, directory, role_id, secret_id)


def test_a_key_and_a_certificate_are_issued_for_each_run(place: Place) -> None:
    secrets = Canaries({"secret_id": [place.secret_id]})
    job = place.job("nightly", certificate=place.certificate(), egress=[GATEWAY, "127.0.0.1", "::1"])
    with Watcher() as watcher:
        outcome = place.jobs.deploy(job, options=("-vvvvv", "--diff"))
        assert outcome.status == 0, outcome.output
        assert place.jobs.start("nightly")
    issued = place.bao.audited("ssh/issue/upload")
    assert len(issued) == 2, "one for the trial, one for the run"
    assert place.jobs.last("nightly")["result"] == "ok"
    assert place.jobs.inside("cat /home/peer/nightly/a") == "hello\n"
    assert f"{place.jobs.host.address}" in issued[-1]["request"]["remote_address"]
    accepted = place.jobs.inside("journalctl --no-pager -t sshd -t sshd-session")
    assert re.search(r"Accepted publickey for peer .* ED25519-CERT .* \(serial \d+\)", accepted)
    journal = place.jobs.inside("journalctl --no-pager --all -o export; cat /var/lib/secure_ftp_synchronize/jobs/*/*")
    assert watcher.found(secrets.texts) == set()
    assert secrets.in_text(outcome.output + journal) == set()
    places = "/etc /var /run /usr/local /tmp /root /home"
    apart = "--exclude-dir=credentials --exclude-dir=ssh --exclude=*.pyz"
    search = f"grep -rlaF {apart} -f - {places} || true"
    assert place.jobs.inside(search, text=f"{place.secret_id}\nPRIVATE KEY") == ""


def test_a_stolen_token_is_of_no_use_elsewhere(place: Place) -> None:
    """The login of the page: its secret ID and its tokens are for the host alone."""
    login = json.dumps({"role_id": place.role_id, "secret_id": place.secret_id})
    place.jobs.inside("cat >/root/log_in.py", text=LOG_IN)
    token = place.jobs.inside("python3 -I /root/log_in.py", text=f"{place.bao.url}\n{login}").strip()
    take = f"bao write auth/approle/login role_id={place.role_id} secret_id={place.secret_id}"
    for use in ("bao write ssh/issue/upload valid_principals=peer key_type=ed25519", take):
        with pytest.raises(subprocess.CalledProcessError) as caught:
            place.bao.shell(use, place.directory, BAO_TOKEN=token)
        assert re.search("Code: 40[03]", caught.value.stderr), caught.value.stderr


def test_a_second_deployment_changes_nothing(place: Place) -> None:
    before = place.jobs.state()
    outcome = place.jobs.deploy(
        place.job("nightly", certificate=place.certificate(), egress=[GATEWAY, "127.0.0.1", "::1"])
    )
    assert (outcome.status, "changed=0" in outcome.output) == (0, True), outcome.output
    assert place.jobs.state() == before


def test_a_certificate_for_the_key_of_the_job(place: Place) -> None:
    token = place.bao.token_for("upload")
    signed = place.certificate(path="ssh/sign/upload", token=token, role_id=None, secret_id=None)
    job = place.job("signed", certificate=signed, secrets={"private_key": KEY.text})
    outcome = place.jobs.deploy(job)
    assert outcome.status == 0, outcome.output
    assert place.jobs.start("signed")
    assert place.bao.audited("ssh/sign/upload")
    place.bao.call("POST", "auth/token/revoke", {"token": token})
    assert not place.jobs.start("signed")
    code, message, cure = place.error("signed")
    assert (code, "permission denied" in message) == ("issuer_refused", True)
    assert "set another login" in cure


def test_a_login_without_the_right(place: Place) -> None:
    before = place.jobs.state()
    wrong = place.certificate(token=place.bao.token_for("none"), role_id=None, secret_id=None)
    unknown = place.certificate(secret_id="canary-of-the-secret-id")
    outcome = place.jobs.deploy(place.job("wrong", certificate=wrong), place.job("unknown", certificate=unknown))
    assert outcome.status != 0
    assert "wrong: in check mode: issuer_refused" in outcome.output
    assert "unknown: in check mode: issuer_refused" in outcome.output
    assert "canary-of-the-secret-id" not in outcome.output
    assert place.jobs.state() == before


def test_a_secrets_manager_that_is_not_proven(place: Place) -> None:
    place.jobs.inside("cp /etc/bao.pem /root/; cat >/etc/bao.pem", text=authority("of a stranger").file.read_text())
    before = len(place.bao.audited("auth/approle/login"))
    assert not place.jobs.start("nightly")
    place.jobs.inside("mv /root/bao.pem /etc/bao.pem")
    assert place.error("nightly")[0] == "issuer_unproven"
    assert len(place.bao.audited("auth/approle/login")) == before


def test_a_file_that_is_renewed(place: Place) -> None:
    put(place, signed_by(place))
    job = place.job("kept", certificate=OF_FILE["certificate"], secrets={"private_key": KEY.text})
    outcome = place.jobs.deploy(job)
    assert outcome.status == 0, outcome.output
    assert place.jobs.start("kept")
    put(place, ended(place))
    assert not place.jobs.start("kept")
    code, message, cure = place.error("kept")
    assert (code, "certificate_file: ended at 20" in message) == ("authentication_failed", True)
    assert cure.startswith("Check the program that renews certificate.file")
    place.jobs.inside(f"rm {FILE}")
    assert not place.jobs.start("kept")
    assert place.error("kept")[:2] == ("private_key_unusable", f"certificate_file: '{FILE}': No such file or directory")
    put(place, signed_by(place))
    assert place.jobs.start("kept")


def test_a_certificate_that_ends_in_the_middle_of_a_run(place: Place) -> None:
    """The run has a session until that is killed: the next session needs another certificate."""
    place.jobs.inside("mkdir /srv/large; head -c 9000000 /dev/urandom >/srv/large/a")
    job = place.job("long", certificate=OF_FILE["certificate"], secrets={"private_key": KEY.text}, options=SLOW)
    outcome = place.jobs.deploy(job)
    assert outcome.status == 0, outcome.output
    place.jobs.inside("systemctl start --no-block secure-sync-long")
    wait(place, "find /home/peer/long -name '.secure_sync-*' -size +1k | grep .")
    put(place, ended(place))
    assert place.jobs.inside("systemctl is-active secure-sync-long", check=False) == "activating\n", "it goes on"
    place.jobs.inside("pkill -KILL -u peer sshd")
    wait(place, "systemctl is-failed secure-sync-long")
    code, message, cure = place.error("long")
    assert (code, "certificate_file: ended at 20" in message) == ("authentication_failed", True), message
    assert cure.startswith("Check the program that renews certificate.file")


def sourced(place: Place, name: str, sources: dict[str, Any], **job: Any) -> dict[str, Any]:
    """Return a job that reads its secrets from sources."""
    return place.job(name, options={"secrets_from": sources}, **job)


def allow_keys(place: Place) -> None:
    """Let the account of the server take its keys again, also a key with a passphrase."""
    place.jobs.inside(
        "install -d -o peer -g peer -m 700 /home/peer/.ssh; cat >/home/peer/.ssh/authorized_keys",
        text=f"{KEY.public}\n{LOCKED.public}\n",
    )


def test_secrets_from_a_file_and_a_program(place: Place) -> None:
    """The program runs in the sandbox of the job, with no rights and no place to write but its home."""
    allow_keys(place)
    place.jobs.inside(f"cat >{ASKED}; chmod 755 {ASKED}", text=PROGRAM)
    place.jobs.inside(f"install -d -m 711 /etc/secure_keys; cat >{KEY_FILE}; chmod 600 {KEY_FILE}", text=LOCKED.text)
    before = place.jobs.state()
    for _deployment in ("first", "after the removal"):
        refused = place.jobs.deploy(sourced(place, "sourced", {"private_key": {"file": KEY_FILE}}))
        assert refused.status != 0
        fact = f"secrets_from.private_key.file: {KEY_FILE}: Permission denied"
        assert f"sourced: in check mode: secret_unavailable: {fact}" in refused.output
        assert "it must belong to sync-sourced, which exists now. Deploy again." in refused.output
        account = re.search("^sync-sourced:.*\n", place.jobs.state(), re.M)
        assert account, "the file can be given to it"
        assert place.jobs.state().replace(account.group(), "") == before, "nothing else is deployed"
        assert place.jobs.deploy({"name": "sourced", "state": "absent"}).status == 0
        assert place.jobs.state() == before
    place.jobs.deploy(sourced(place, "sourced", {"private_key": {"file": KEY_FILE}}))
    place.jobs.inside(f"chown sync-sourced: {KEY_FILE}")
    sources = {"private_key": {"file": KEY_FILE}, "passphrase": {"command": [ASKED]}}
    with Watcher() as watcher:
        outcome = place.jobs.deploy(sourced(place, "sourced", sources), options=("-vvv", "--diff"))
        assert outcome.status == 0, outcome.output
        assert place.jobs.start("sourced")
    assert place.jobs.inside("cat /home/peer/sourced/a") == "hello\n"
    assert place.jobs.inside("ls /etc/credstore.encrypted | grep sourced || true") == "", "none is stored any more"
    home = place.jobs.inside("cat /var/lib/secure_ftp_synchronize/homes/sourced/seen").split()
    assert home == ["sync-sourced", "refused", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"]
    no_secret_shows(
        place, watcher, outcome.output, {"passphrase": [LOCKED.passphrase], "key": LOCKED.text.splitlines()[1:-1]}
    )


def test_a_program_that_fails_in_a_job(place: Place) -> None:
    for script, fact in (
        (f"echo {LOCKED.passphrase}; echo no {LOCKED.passphrase} >&2; exit 3", "ended with status 3: no ********"),
        (":", "secrets_from.passphrase: is empty"),
        (f"echo {LOCKED.passphrase}; sleep 999", "did not end within 30 seconds"),
    ):
        place.jobs.inside(f"cat >{ASKED}", text=f"#!/bin/sh\n{script}\n")
        with Watcher() as watcher:
            assert not place.jobs.start("sourced")
        code, message, cure = place.error("sourced")
        assert (code, fact in message) == ("secret_unavailable", True), message
        assert "secrets_from.passphrase" in cure
        no_secret_shows(place, watcher, "", {"passphrase": [LOCKED.passphrase]})
    assert place.jobs.inside("systemctl show -P ExecMainStatus secure-sync-sourced") == "2\n"


def test_secrets_from_openbao(place: Place) -> None:
    place.bao.write("jobs/kept", {"private_key": KEY.text})
    policy = 'path "secret/data/jobs/*" { capabilities = ["read"] }'
    place.bao.call("PUT", "sys/policies/acl/reader", {"policy": policy})
    token = place.bao.token_for("reader")
    place.jobs.inside(f"cat >{ASKED}; chmod 755 {ASKED}", text=f"#!/bin/sh\necho {token}\n")
    openbao = {"url": place.bao.url, "ca_file": "/etc/bao.pem", "path": "secret/data/jobs/kept", "field": "private_key"}
    sources = {"private_key": {"openbao": {**openbao, "token_from": {"command": [ASKED]}}}}
    job = sourced(place, "managed", sources, egress=[GATEWAY, "127.0.0.1", "::1"])
    with Watcher() as watcher:
        outcome = place.jobs.deploy(job, options=("-vvv", "--diff"))
        assert outcome.status == 0, outcome.output
        assert place.jobs.start("managed")
    assert place.jobs.inside("cat /home/peer/managed/a") == "hello\n"
    assert len(place.bao.audited("secret/data/jobs/kept")) >= 2, "one for the check, one for the run"
    no_secret_shows(place, watcher, outcome.output, {"token": [token], "key": KEY_LINES})
    again = place.jobs.deploy(job)
    assert (again.status, "changed=0" in again.output) == (0, True), again.output


def test_the_login_for_a_certificate_comes_from_a_program(place: Place) -> None:
    """Its output is read in each run: a secret ID that is replaced needs no deployment."""
    place.jobs.inside(f"cat >{ASKED}; chmod 755 {ASKED}", text=f"#!/bin/sh\necho {place.secret_id}\n")
    certificate = place.certificate(secret_id=None, secret_id_from={"command": [ASKED]})
    with Watcher() as watcher:
        outcome = place.jobs.deploy(place.job("asking", certificate=certificate), options=("-vvv", "--diff"))
        assert outcome.status == 0, outcome.output
        new = place.bao.call("POST", "auth/approle/role/nightly/secret-id")["data"]["secret_id"]
        place.jobs.inside(f"cat >{ASKED}", text=f"#!/bin/sh\necho {new}\n")
        assert place.jobs.start("asking")
    assert place.jobs.inside("ls /etc/credstore.encrypted | grep asking || true") == ""
    no_secret_shows(place, watcher, outcome.output, {"secret_id": [place.secret_id, new]})
    again = place.jobs.deploy(place.job("asking", certificate=certificate))
    assert (again.status, "changed=0" in again.output) == (0, True), again.output


def test_a_client_certificate_for_each_run_over_ftps(place: Place) -> None:
    """In the sandbox of the job. The server demands a certificate of the authority that issues it."""
    authority_of_clients = Authority("not used")
    authority_of_clients.file = place.directory / "clients.pem"
    issued = place.bao.shell(CLIENTS, place.directory)
    authority_of_clients.file.write_text(issued[issued.rindex("-----BEGIN") :])
    policy = 'path "pki/issue/upload" { capabilities = ["update"] }'
    place.bao.call("PUT", "sys/policies/acl/clients", {"policy": policy})
    token = place.bao.token_for("clients")
    certificate = place.certificate(path="pki/issue/upload", token=token, role_id=None, secret_id=None)
    certificate["principals"] = ["nightly"]
    own = authority().server(GATEWAY)
    with Vsftpd(address=GATEWAY, certificate=own, client_authority=authority_of_clients) as server:
        place.jobs.inside("cat >/etc/ftps.pem", text=server.authority.file.read_text())
        far = own_directory(server, "far")
        trees = {"src": "/srv/out", "dest": remote(server, far) + "/tree", "ca_file": "/etc/ftps.pem"}
        options = {"protocol": "ftps", "host": GATEWAY, "port": server.port, "username": server.user, **trees}
        job = {"name": "clients", "schedule": "daily", "options": options, "certificate": certificate}
        job["secrets"] = {"password": server.password}
        with Watcher() as watcher:
            outcome = place.jobs.deploy(job, options=("-vvv", "--diff"))
            assert outcome.status == 0, outcome.output
            assert place.jobs.start("clients")
        assert (far / "tree/a").read_text() == "hello\n"
        assert len(place.bao.audited("pki/issue/upload")) == 2, "one for the check, one for the run"
        no_secret_shows(place, watcher, outcome.output, {"password": [server.password], "token": [token]})
        places = "/etc/secure* /var /run /tmp /home"
        apart = "--exclude-dir=credentials --exclude-dir=ssh --exclude-dir=secure_keys"
        search = f"grep -rlaF {apart} -f - {places} || true"
        assert place.jobs.inside(search, text="PRIVATE KEY") == ""


def no_secret_shows(place: Place, watcher: Watcher, output: str, secrets: dict[str, list[str]]) -> None:
    canaries = Canaries(secrets)
    assert watcher.found(canaries.texts) == set()
    shown = "journalctl --no-pager --all -o export; cat /var/lib/secure_ftp_synchronize/jobs/*/* /var/lib/metrics/*"
    assert canaries.in_text(output + place.jobs.inside(shown)) == set()


def test_a_secrets_manager_that_is_down(place: Place) -> None:
    place.bao.call("PUT", "sys/seal")
    assert not place.jobs.start("nightly")
    assert place.error("nightly")[0] == "issuer_unavailable"
    place.bao.__exit__()
    assert not place.jobs.start("nightly")
    code, message, cure = place.error("nightly")
    assert (code, "Connection refused" in message) == ("issuer_unavailable", True)
    assert "unsealed" in cure
    assert place.jobs.inside("systemctl show -P ExecMainStatus secure-sync-nightly") == "5\n"


def signed_by(place: Place, **fields: str) -> str:
    """Return a certificate of the secrets manager, as a program that renews a file gets it."""
    order = {"public_key": KEY.public, "valid_principals": "peer", **fields}
    return str(place.bao.call("POST", "ssh/sign/upload", order)["data"]["signed_key"])


def put(place: Place, certificate: str) -> None:
    """Replace the file at once."""
    place.jobs.inside(f"cat >{FILE}.new && chmod 644 {FILE}.new && mv {FILE}.new {FILE}", text=certificate)


def ended(place: Place) -> str:
    """Return a certificate when it has ended."""
    certificate = signed_by(place, ttl="1s")
    path = place.directory / "ended-cert.pub"
    path.write_text(certificate)
    listed = subprocess.run(["ssh-keygen", "-Lf", path], check=True, capture_output=True, text=True).stdout
    end = re.search(r"Valid: from \S+ to (\S+)", listed)
    assert end, listed
    while time.strftime("%Y-%m-%dT%H:%M:%S") <= end[1]:
        time.sleep(0.2)
    return certificate


def wait(place: Place, script: str) -> None:
    """Wait until a script succeeds on the host."""
    until = time.monotonic() + HANG_SECONDS
    while time.monotonic() < until:
        if place.jobs.host.enter("sh", "-c", script, check=False).returncode == 0:
            return
        time.sleep(0.3)
    pytest.fail(f"{script} never succeeded")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an FTPS server on a real host: never a password in clear, proven before it is served, taken back if it
does not serve, renewed. The tests of one host go through its life in their order."""

from __future__ import annotations

import ftplib
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.hosts.ftps_host import ACCOUNTS, PASSWORD, FtpsHost
from support.hosts.host_play import role
from support.hosts.refusals import Case, Refusal, refusals
from support.running.play import Play

STATE = "ls -la /etc/secure_ftp_synchronize /etc/vsftpd.conf /etc/pam.d; cat /etc/vsftpd.conf; getent passwd"

MOST_TASKS = 21
"""Of a second run of sftp_server, chroot_jail and ftps_server, without steps that are skipped."""
MOST_SKIPPED = 5
"""Steps of that run for which there is nothing to do: removals, archives, a restart, notes."""
LONGEST_LINE = 500

DRIFT = """
sed -i 's/^force_local_logins_ssl=.*/force_local_logins_ssl=NO/' /etc/vsftpd.conf
echo 'anonymous_enable=YES' >> /etc/vsftpd.conf
echo admin >> /etc/secure_ftp_synchronize/ftps_accounts.list
echo 'auth sufficient pam_permit.so' > /etc/pam.d/secure_ftp_synchronize
systemctl stop vsftpd
dpkg --remove logrotate
"""
ROTATION = """systemctl is-active logrotate.timer
logrotate --debug /etc/logrotate.conf 2>&1 | grep -o 'considering log /var/log/vsftpd.log'
"""


class Eavesdropper(threading.Thread):
    """Tries to log in without TLS, again and again; `replies` to USER are those that it got."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.replies: set[str] = set()
        self._address, self._over = address, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            try:
                with ftplib.FTP(self._address, timeout=5) as client:  # noqa: S321  # must fail
                    self.replies.add(client.sendcmd("USER partner"))
            except ftplib.Error as error:
                self.replies.add(str(error))
            except (OSError, EOFError):
                continue

    def stop(self) -> set[str]:
        self._over.set()
        self.join()
        return self.replies


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FtpsHost]:
    with FtpsHost(tmp_path_factory.mktemp(request.param), request.param) as host:
        yield host


def test_check_mode_on_a_bare_host(server: FtpsHost) -> None:
    before = server.inside(f"{STATE} 2>&1 || true")
    done = server.converge("--check", "--diff", jails=False)
    assert done.status == 0, done.output
    assert done.count("changed") > 0
    assert server.inside(f"{STATE} 2>&1 || true") == before


def test_it_is_set_up_and_never_takes_a_password_in_clear(server: FtpsHost) -> None:
    listener = Eavesdropper(server.host.address)
    listener.start()
    done = server.converge("--diff", hardened=True)
    replies = listener.stop()
    assert done.status == 0, done.output
    assert_readable(done.output)
    assert {reply[:3] for reply in replies} <= {"530", "421"}, replies
    assert server.inside("systemctl is-enabled vsftpd; systemctl is-active vsftpd") == "enabled\nactive\n"


def assert_readable(output: str) -> None:
    """No line is longer than a list of algorithms of sshd, and nothing shows moduli or certificates in full."""
    assert [line for line in output.splitlines() if len(line) > LONGEST_LINE] == []
    assert re.findall(r"[0-9A-Fa-f]{64}|BEGIN CERTIFICATE", output) == []
    assert "moduli of 2047 bits" in output


def test_a_second_run_changes_nothing_in_few_tasks(server: FtpsHost) -> None:
    again = server.converge(hardened=True)
    assert (again.status, again.count("changed")) == (0, 0), again.output
    # Without the tasks that include a role: a play with `roles` does not have them.
    shown = re.findall(r"^TASK \[(?!Include ).*\n(\w*)", again.output, re.M)
    assert len(shown) - shown.count("skipping") <= MOST_TASKS, again.output
    assert shown.count("skipping") <= MOST_SKIPPED, again.output


def test_notes_for_partners_and_the_verification_from_the_controller(server: FtpsHost, tmp_path: Path) -> None:
    ca = str(server.authority / "ca.pem")
    note = {"host": server.host.address, "directory": str(tmp_path / "notes")}
    verified = role("ftps_server", "verify", **server.variables(), ftps_server_verify_ca_file=ca)
    noted = role("ftps_server", **server.variables(ftps_server_note=note))
    done = server.run([noted, verified, role("sftp_server", "verify")])
    assert done.status == 0, done.output
    assert done.count("changed") == 2, "the directory and its files"
    texts = {path.name: path.read_text() for path in (tmp_path / "notes").iterdir()}
    assert len(texts) == len(server.accounts)
    assert "proof: none" in texts["host_collector.md"]
    assert "direction: pull" in texts["host_reader.md"]
    (block,) = re.findall(r"```yaml\n(.*?)```", texts["host_partner.md"], re.S)
    options = yaml.safe_load(block)[0]["secure.ftp_synchronize.secure_sync"]
    assert (options["host"], options["protocol"], options["dest"]) == (server.host.address, "ftps", "incoming")
    server.inside("echo 'MaxAuthTries 6' > /etc/ssh/sshd_config.d/00-planted.conf")
    system = role("ftps_server", "verify", **server.variables())
    red = server.run([{"block": [system], "rescue": [role("sftp_server", "verify")]}])
    server.inside("rm /etc/ssh/sshd_config.d/00-planted.conf")
    assert red.status != 0
    assert "policy_not_met" in red.output or "certificate" in red.output
    assert "/etc/ssh/sshd_config: written" in red.output, red.output


def test_the_round_trip(server: FtpsHost, tmp_path: Path) -> None:
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/deep/file").write_text("through the jail")
    endpoint = {"protocol": "ftps", "host": server.host.address, "username": "partner", "password": PASSWORD}
    trust = {"ca_file": str(server.authority / "ca.pem"), "tls_pins_file": str(tmp_path / "pins")}
    pin = {"protocol": "ftps", "host": server.host.address, "path": str(tmp_path / "pins"), "ca_file": trust["ca_file"]}
    shown = server.inside(
        "openssl x509 -in /etc/secure_ftp_synchronize/ftps_certificate.pem -noout -pubkey | openssl pkey -pubin "
        "-outform der | openssl dgst -sha256 -binary | base64"
    )
    push = {**endpoint, **trust, "src": str(tmp_path / "tree"), "dest": "incoming"}
    pull = {**endpoint, **trust, "direction": "pull", "src": "incoming", "dest": str(tmp_path / "back")}
    tasks = [
        {"secure.ftp_synchronize.host_key_pin": {**pin, "fingerprints": [f"sha256//{shown.strip()}"]}},
        *({"secure_sync": each} for each in (push, push, pull, pull)),
    ]
    played = Play(tmp_path / "play").run(tasks, timeout=400)
    assert [result["msg"] for result in played.results if result.get("failed")] == []
    assert [result["changed"] for result in played.results] == [True, True, False, True, False]
    assert (tmp_path / "back/deep/file").read_text() == "through the jail"
    assert {result["peer"]["data_channel_resumed"] for result in played.results[1:]} == {True}
    assert server.inside("cat /srv/jail/partner/incoming/deep/file") == "through the jail"


def test_drift_is_found_and_mended(server: FtpsHost) -> None:
    files = "cat /etc/secure_ftp_synchronize/ftps_accounts.list /etc/pam.d/secure_ftp_synchronize"
    before = server.inside(files)
    server.inside(DRIFT)
    assert server.inside(files) != before
    done = server.converge(jails=False)
    assert done.status == 0, done.output
    assert server.inside(files) == before
    config = server.inside("cat /etc/vsftpd.conf")
    assert "force_local_logins_ssl=YES" in config
    assert "#tls_policy# anonymous_enable=YES" in config
    assert server.inside(ROTATION) == "active\nconsidering log /var/log/vsftpd.log\n"
    with server.connect() as client, pytest.raises(ftplib.error_perm, match="530"):
        client.login("admin", PASSWORD)
    again = server.converge(jails=False)
    assert (again.status, again.count("changed")) == (0, 0), again.output


def test_what_does_not_serve_on_loopback_changes_nothing(server: FtpsHost) -> None:
    before = server.inside(STATE)
    done = server.converge(jails=False, ftps_server_settings={"no_such_option": True})
    assert done.status != 0
    assert "no_such_option" in done.output
    assert server.inside(STATE) == before


def test_what_does_not_serve_its_account_is_taken_back(server: FtpsHost) -> None:
    before = server.inside("cat /etc/vsftpd.conf")
    done = server.converge(jails=False, ftps_server_settings={"local_enable": False})
    assert done.status != 0
    assert "The previous configuration is restored and served." in " ".join(done.output.split())
    assert server.inside("cat /etc/vsftpd.conf") == before
    server.login("partner").quit()


def test_a_certificate_that_ends_soon_is_renewed_with_the_same_key(server: FtpsHost) -> None:
    look = "openssl x509 -in /etc/secure_ftp_synchronize/ftps_certificate.pem -noout "
    serial, key = server.inside(look + "-serial"), server.inside(look + "-pubkey")
    done = server.converge(jails=False, ftps_server_certificate_days=300)
    assert done.status == 0, done.output
    assert (server.inside(look + "-serial") != serial, server.inside(look + "-pubkey") == key) == (True, True)
    again = server.converge(jails=False, ftps_server_certificate_days=300)
    assert (again.status, again.count("changed")) == (0, 0), again.output
    server.login("partner").quit()


def test_a_host_that_asks_for_another_name_gets_its_own(server: FtpsHost) -> None:
    asks = "-subj /CN=victim.example.com -addext subjectAltName=DNS:victim.example.com -addext basicConstraints=CA:TRUE"
    fake = f'#!/bin/sh\n[ "$1" = req ] || asks=; exec /usr/bin/openssl "$@" ${{asks-{asks}}}\n'
    server.inside("cat > /usr/local/bin/openssl; chmod 0755 /usr/local/bin/openssl", input=fake)
    names = [server.host.address, "renamed.example.com"]
    done = server.converge(jails=False, ftps_server_names=names, ftps_server_certificate_days=300)
    assert done.status == 0, done.output
    assert "victim" in server.inside(
        "openssl req -new -batch -newkey rsa:2048 -nodes -keyout /dev/null | openssl req -text"
    )
    server.inside("rm /usr/local/bin/openssl")
    text = server.inside("openssl x509 -in /etc/secure_ftp_synchronize/ftps_certificate.pem -noout -text")
    assert "DNS:renamed.example.com" in text
    assert "CA:FALSE" in text
    assert "victim" not in text


def test_a_removed_account_is_out(server: FtpsHost) -> None:
    left = [{**each, "state": "absent"} if each["name"] == "reader" else each for each in ACCOUNTS]
    server.login("reader").quit()
    done = server.converge(jails=False, ftps_server_accounts=left, ftps_server_certificate_days=300)
    assert done.status == 0, done.output
    with server.connect() as client, pytest.raises(ftplib.error_perm, match="530"):
        client.login("reader", PASSWORD)


REFUSED = {
    "an account named ../x": ({"ftps_server_accounts": [{"name": "../x"}]}, "needs a name of a-z"),
    "an unknown access": (
        {"ftps_server_accounts": [{"name": "x", "access": "all"}]},
        "must be one of upload, download, both",
    ),
    "ports from high to low": ({"ftps_server_passive_ports": [50000, 40000]}, "the first and the last port"),
    "a test account that is not served": (
        {"ftps_server_test_account": {"username": "nobody", "password": "x"}},
        "ftps_server_test_account: must be in ftps_server_accounts",
    ),
    "a wrong passphrase of the authority": (
        {"ftps_server_ca_passphrase": "wrong, and long enough"},
        "ftps_server_ca_passphrase: does not open",
    ),
    "an empty passphrase, of a look-up that found nothing": (
        {"ftps_server_ca_passphrase": ""},
        "ftps_server_ca_passphrase: must have at least 12 characters",
    ),
    "a name that cannot be in a certificate": (
        {"ftps_server_names": ["files.example.com", "a/b"]},
        "names: a/b is neither a host name nor an address",
    ),
    "a misspelt option": ({"ftps_server_umsk": "027"}, "did you mean ftps_server_umask?"),
    "no authority of client certificates": (
        {"ftps_server_require_client_cert": True},
        "needs ftps_server_client_ca_file",
    ),
}


@pytest.fixture(scope="module")
def refused(server: FtpsHost) -> dict[str, Refusal]:
    cases = {
        name: Case([role("ftps_server", **server.variables(**variables))]) for name, (variables, _) in REFUSED.items()
    }
    return refusals(cases, STATE, server.run, server.inside)


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_option_is_refused_before_any_change(refused: dict[str, Refusal], case: str) -> None:
    assert refused[case].refused, refused[case].output
    assert REFUSED[case][1] in refused[case].output
    assert refused[case].difference == ""

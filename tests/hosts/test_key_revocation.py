# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""key_revocation and account_keys change no file before everything about it is verified, and cause no lockout."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import paramiko
import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.playbook_process import Outcome
from support.servers import ssh_keys

FILE = "/etc/ssh/revoked_keys"
ROOTS = "/root/.ssh/authorized_keys"
ROOTS_LINE = "# root's own keys\n"


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        yield host


def play(host: SystemdHost, directory: Path, module: str, **options: Any) -> Outcome:
    return HostPlay(directory, host).run([{"name": "Do it", f"secure.ftp_synchronize.{module}": options}])


def revoke(host: SystemdHost, directory: Path, *keys: str, **options: Any) -> Outcome:
    return play(host, directory, "key_revocation", keys=list(keys), **options)


def inside(host: SystemdHost, script: str) -> str:
    return host.enter("sh", "-c", script).stdout


def read_by_sshd(host: SystemdHost) -> None:
    inside(host, f"touch {FILE}; chmod 644 {FILE}; echo RevokedKeys {FILE} > /etc/ssh/sshd_config.d/10-revoked.conf")
    host.restart_sshd()


def test_the_key_of_ones_own_session_is_refused(tmp_path: Path, host: SystemdHost) -> None:
    lost = ssh_keys.key("lost").public
    refused = revoke(host, tmp_path, lost, host.key.public)
    assert refused.status != 0
    assert "owner_locked_out" in refused.output
    assert host.key.fingerprint in refused.output
    assert inside(host, f"cat {FILE} 2>/dev/null || true") == "", "not the other key either"

    read_by_sshd(host)
    done = revoke(host, tmp_path, lost)
    assert done.status == 0, done.output
    assert lost.split()[1] in inside(host, f"cat {FILE}")
    assert revoke(host, tmp_path, lost).count("changed") == 0, "its owner still gets in"


def test_the_authority_of_ones_own_session_is_refused(tmp_path: Path, host: SystemdHost) -> None:
    """sshd refuses every certificate of a revoked authority."""
    read_by_sshd(host)
    authority = ssh_keys.key("controller-ca")
    mine = ssh_keys.certify_user(ssh_keys.key("controller"), authority, principals=OWNER)
    inside(host, f"echo '{authority.public}' > /etc/ssh/ca.pub")
    inside(host, "echo TrustedUserCAKeys /etc/ssh/ca.pub > /etc/ssh/sshd_config.d/11-ca.conf")
    host.restart_sshd()
    by_certificate = ("-e", f"ansible_ssh_private_key_file={mine.path}")
    task = {"name": "Do it", "secure.ftp_synchronize.key_revocation": {"keys": [authority.public]}}
    for keys in (authority, mine):
        task["secure.ftp_synchronize.key_revocation"] = {"keys": [keys.public]}
        refused = HostPlay(tmp_path, host).run([task], *by_certificate)
        assert refused.status != 0
        assert "owner_locked_out" in refused.output
    words = [*host.ssh(OWNER, mine.path), "echo on; exec sleep 600"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as session:
        assert session.stdout.readline() == "on\n"
        done = revoke(host, tmp_path, authority.public)
        assert done.status == 0, done.output
        assert session.wait(60) != 0, "the session of its certificate lives"
    assert revoke(host, tmp_path, authority.public, state="absent").status == 0


@pytest.mark.parametrize("end", ["", " (serial 1) CA ED25519 SHA256:" + "A" * 43], ids=["cut", "feigned"])
def test_a_session_whose_certificate_has_a_long_id(tmp_path: Path, host: SystemdHost, sessions: Any, end: str) -> None:
    """sshd cuts its line before the authority, which a partner may have: the id hides it, or feigns another."""
    read_by_sshd(host)
    authority, key = ssh_keys.key(f"long-ca{len(end)}"), ssh_keys.key(f"long{len(end)}")
    inside(host, "id longid 2>/dev/null || useradd -m longid")
    inside(host, f"echo '{authority.public}' > /etc/ssh/long.pub")
    inside(host, "echo TrustedUserCAKeys /etc/ssh/long.pub > /etc/ssh/sshd_config.d/09-long.conf")
    host.restart_sshd()
    short = ssh_keys.certify_user(key, authority, principals="longid")
    known, _pid = sessions("longid", short)
    line = inside(host, "journalctl --sync; journalctl -o cat --no-pager -g 'publickey for longid' -n 1").strip()
    begin = line.partition(" ID ")[0] + " ID "
    identity = "x" * (1023 - len(begin) - len(end)) + end + "x" * 100
    hidden, pid = sessions("longid", ssh_keys.certify_user(key, authority, principals="longid", identity=identity))
    refused = revoke(host, tmp_path, authority.public)
    assert f"of live sessions: process {pid} (longid, since" in " ".join(refused.output.split()), refused.output
    assert known.wait(60)
    assert hidden.poll() is None
    inside(host, f"kill {pid}")
    assert revoke(host, tmp_path, authority.public).status == 0


def test_keys_are_revoked_in_the_file_that_sshd_reads_and_in_no_other(tmp_path: Path, host: SystemdHost) -> None:
    """The request of a compromised client: a key "to revoke", appended to root's authorized keys."""
    read_by_sshd(host)
    inside(host, f"mkdir -p /root/.ssh; printf '%s' \"{ROOTS_LINE}\" > {ROOTS}")
    for state in ("present", "absent"):
        refused = revoke(host, tmp_path, ssh_keys.key("attacker").public, path=ROOTS, state=state)
        assert refused.status != 0
        assert f"sshd does not read {ROOTS} for root" in refused.output
        assert inside(host, f"cat {ROOTS}") == ROOTS_LINE


def test_a_list_that_sshd_does_not_read_for_every_address(tmp_path: Path, host: SystemdHost) -> None:
    read_by_sshd(host)
    block = "printf 'Match Address *,!127.0.0.1\\n RevokedKeys /etc/ssh/others\\n'"
    inside(host, f"touch /etc/ssh/others; {block} > /etc/ssh/sshd_config.d/05-others.conf")
    host.restart_sshd()
    try:
        refused = revoke(host, tmp_path, ssh_keys.key("attacker").public)
    finally:
        inside(host, "rm /etc/ssh/sshd_config.d/05-others.conf")
        host.restart_sshd()
    assert refused.status != 0
    assert f"not read {FILE} for root: RevokedKeys is {FILE} /etc/ssh/others" in " ".join(refused.output.split())
    assert ssh_keys.key("attacker").public.split()[1] not in inside(host, f"cat {FILE}")


@pytest.mark.parametrize(
    ("preparation", "why"),
    [
        (f": > {FILE}; chown nobody {FILE}", "others can write it"),
        (f": > {FILE}; chmod 666 {FILE}", "others can write it"),
        (f"mv {FILE} {FILE}.real; ln -s {FILE}.real {FILE}", "cannot be read: Too many levels of symbolic links"),
    ],
)
def test_a_file_that_is_not_roots_alone(tmp_path: Path, host: SystemdHost, preparation: str, why: str) -> None:
    read_by_sshd(host)
    inside(host, preparation)
    look = f"stat -c '%F %U %a' {FILE}; cat {FILE}"
    before = inside(host, look)
    refused = revoke(host, tmp_path, ssh_keys.key("attacker").public)
    assert refused.status != 0
    assert why in " ".join(refused.output.split())
    assert inside(host, look) == before
    inside(host, f"rm {FILE}")


def test_a_match_block_with_another_file(tmp_path: Path, host: SystemdHost) -> None:
    read_by_sshd(host)
    inside(host, "echo 'Match User nobody\n RevokedKeys none' > /etc/ssh/sshd_config.d/90-nobody.conf")
    refused = revoke(host, tmp_path, ssh_keys.key("lost").public, account="nobody")
    assert refused.status != 0
    assert f"sshd does not read {FILE} for nobody" in refused.output
    inside(host, "rm /etc/ssh/sshd_config.d/90-nobody.conf")


def test_authorized_keys_are_written_where_sshd_reads_them_and_nowhere_else(tmp_path: Path, host: SystemdHost) -> None:
    inside(host, "useradd partner; mkdir -p /etc/ssh/authorized_keys.d")
    task = {"account": "partner", "holder": "client/nightly", "keys": [ssh_keys.key("nightly").public]}
    for path in ("/etc/ssh/authorized_keys.d/partner", ROOTS, "/etc/ssh/authorized_keys.d/root"):
        before = inside(host, f"cat {path} 2>/dev/null || true")
        refused = play(host, tmp_path, "account_keys", path=path, **task)
        assert refused.status != 0
        assert f"sshd does not read {path} for partner" in refused.output
        assert inside(host, f"cat {path} 2>/dev/null || true") == before
    setting = "Match User partner\n AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u"
    inside(host, f"echo '{setting}' > /etc/ssh/sshd_config.d/90-partner.conf")
    done = play(host, tmp_path, "account_keys", path="/etc/ssh/authorized_keys.d/partner", **task)
    assert done.status == 0, done.output
    assert "client_key_rotation:client/nightly" in inside(host, "cat /etc/ssh/authorized_keys.d/partner")


ROTATED = "journalctl --sync; journalctl --rotate; sleep 1.1; journalctl --quiet --vacuum-time=1s 2>&1"
FACTORS = """useradd -m factors; useradd -m word; (echo factors:secret; echo word:secret) | chpasswd
cp -r /root/.ssh /home/factors/; chown -R factors /home/factors/.ssh
cat > /etc/ssh/sshd_config.d/12-factors.conf
"""
SETTINGS = """PerSourcePenalties no
LogLevel %s
Match User factors
    AuthenticationMethods publickey,password
Match User word
    AuthenticationMethods password
"""


@pytest.fixture
def sessions(tmp_path: Path, host: SystemdHost) -> Iterator[Any]:
    """Return a function that opens a session, with a key or with a password too, and the number of its process."""
    answer = tmp_path / "answer"
    answer.write_text("#!/bin/sh\necho secret\n")
    answer.chmod(0o700)
    environment = {**os.environ, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
    with ExitStack() as stack:

        def opened(account: str, key: ssh_keys.SshKey) -> tuple[subprocess.Popen[str], int]:
            words = ["ssh", "-o", "BatchMode=no", *host.ssh(account, key.path)[1:]]
            command = "ps -o ppid= -p $PPID; echo on; exec sleep 600"
            process = stack.enter_context(
                subprocess.Popen([*words, command], env=environment, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            pid = int(process.stdout.readline())
            assert process.stdout.readline() == "on\n"
            return process, pid

        yield opened


def test_a_session_whose_login_left_the_journal(tmp_path: Path, host: SystemdHost, sessions: Any) -> None:
    """The holder of the key may have filled the journal. Sessions with a login on record are not named."""
    read_by_sshd(host)
    stolen, other = ssh_keys.key("stolen"), ssh_keys.key("other")
    inside(host, "useradd -m holder; cp -r /root/.ssh /home/holder/; chown -R holder /home/holder/.ssh")
    inside(host, f"printf '%s\n' '{stolen.public}' '{other.public}' >> /home/holder/.ssh/authorized_keys")
    session, pid = sessions("holder", stolen)
    inside(host, ROTATED)
    assert "Accepted publickey for holder" not in inside(host, "journalctl -o cat --no-pager -t sshd-session")
    known, known_pid = sessions("holder", other)
    refused = revoke(host, tmp_path, stolen.public)
    words = " ".join(refused.output.split())
    assert refused.status != 0, words
    named = r"sshd's log does not have the key of live sessions: process (\d+) \(holder, since 20\d\d-\S+Z\)"
    assert re.search(named, words)[1] == str(pid), words
    assert stolen.public.split()[1] in inside(host, f"cat {FILE}")
    assert (session.poll(), known.poll()) == (None, None)
    again = subprocess.run([*host.ssh("holder", stolen.path), "true"], capture_output=True, timeout=60, check=False)
    assert again.returncode != 0, "sshd takes the key"
    inside(host, f"kill {pid}")
    session.wait(60)
    done = revoke(host, tmp_path, stolen.public)
    assert done.status == 0, done.output
    assert known.poll() is None
    ended = revoke(host, tmp_path, other.public)
    assert ended.status == 0, ended.output
    assert known.wait(60)
    assert inside(host, f"ls -d /proc/{known_pid} 2>/dev/null || true") == ""


def test_a_session_that_a_key_opened_as_a_first_factor(tmp_path: Path, host: SystemdHost, sessions: Any) -> None:
    """sshd logs the key of a first factor with LogLevel VERBOSE only."""
    read_by_sshd(host)
    first = ssh_keys.key("first")
    host.enter("sh", "-c", FACTORS, input=SETTINGS % "INFO")
    inside(host, f"echo '{first.public}' >> /home/factors/.ssh/authorized_keys")
    host.restart_sshd()
    hidden, pid = sessions("factors", first)
    by_word, _pid = sessions("word", first)
    refused = revoke(host, tmp_path, ssh_keys.key("elsewhere").public)
    assert f"of live sessions: process {pid} (factors, since" in " ".join(refused.output.split()), refused.output
    hidden.kill()
    inside(host, f"kill {pid}; sed -i 's/INFO/VERBOSE/' /etc/ssh/sshd_config.d/12-factors.conf")
    host.restart_sshd()
    shown, _pid = sessions("factors", first)
    done = revoke(host, tmp_path, first.public)
    assert done.status == 0, done.output
    assert shown.wait(60)
    assert by_word.poll() is None


def test_a_login_that_waits_for_its_second_factor(tmp_path: Path, host: SystemdHost) -> None:
    """sshd has taken the key as the first factor, and does not ask again whether it is revoked."""
    read_by_sshd(host)
    early = ssh_keys.key("early")
    host.enter("sh", "-c", FACTORS.replace("useradd", "id factors || useradd"), input=SETTINGS % "INFO")
    inside(host, f"echo '{early.public}' >> /home/factors/.ssh/authorized_keys")
    host.restart_sshd()
    with ExitStack() as stack:
        waiting, simple = (stack.enter_context(closing(paramiko.Transport((host.address, 22)))) for _each in range(2))
        waiting.start_client()
        assert waiting.auth_publickey("factors", paramiko.PKey.from_path(early.path)) == ["password"]
        simple.start_client()
        with pytest.raises(paramiko.BadAuthenticationType):
            simple.auth_none("word")
        assert revoke(host, tmp_path, early.public).status == 0
        with pytest.raises((paramiko.SSHException, EOFError)):
            waiting.auth_password("factors", "secret")
        assert simple.auth_password("word", "secret") == [], "its login needs no key"

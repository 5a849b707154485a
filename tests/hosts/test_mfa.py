# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role mfa on a host: people enroll, log in with second factors, and lose them; attacks on each step."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import sftp_probe
from support.hosts.host_play import HostPlay
from support.hosts.mfa_host import MfaHost, token_key
from support.hosts.refusals import Case, refusals
from support.hosts.systemd_host import SystemdHost
from support.running.tasks import run_task
from support.servers import ssh_keys
from support.servers.openbao import OpenBao

PAGE = Path(__file__).resolve().parents[2] / "docs/mfa.md"
MFA = "/etc/secure_ftp_synchronize/mfa"
DROP_INS = "/etc/ssh/sshd_config.d"
LATER, PAST = "2090-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
PIN, TOUCH, SILENT = token_key("bob"), token_key("bob", ""), token_key("bob", "no-touch-required")
ALICE = {"name": "alice", "methods": ["totp"]}
BOB = {"name": "bob", "keys": [PIN.public, TOUCH.public, SILENT.public]}
CAROL = {"name": "carol", "methods": ["totp"], "state": "pending", "deadline": LATER}
BOTH = {"name": "both", "methods": ["fido2", "totp"], "keys": [PIN.public]}
DAVE = {"name": "dave", "keys": [PIN.public], "state": "pending", "deadline": LATER}
PEOPLE = [ALICE, BOB, CAROL, BOTH, DAVE]


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MfaHost]:
    """A host with people; the tests below go through its life in their order. The older systems have a block of PAM."""
    with MfaHost(tmp_path_factory.mktemp("mfa"), request.param) as host:
        for name in ("alice", "carol", "both", "dave", "other"):
            host.person(name)
        host.person("bob", host.key.public, PIN.public, TOUCH.public)
        yield host


def test_check_mode_changes_nothing(host: MfaHost) -> None:
    """The page names the people."""
    page, _task = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    done = host.enroll(yaml.safe_load(page)["mfa_people"], "--check", "--diff")
    assert done.status == 0, done.output
    assert not host.inside(f"ls -d {MFA} {DROP_INS}/04* /etc/pam.d/sshd-mfa 2>/dev/null || :")


def test_people_are_enrolled(host: MfaHost) -> None:
    done = host.enroll(PEOPLE, "--diff")
    assert done.status == 0, done.output
    assert not any(host.fields(name)["totp_secret"] in done.output for name in ("alice", "carol", "both"))
    again = host.enroll(PEOPLE)
    assert (again.status, again.changed) == (0, 0), again.output


def test_a_code_works_once(host: MfaHost) -> None:
    code = host.fresh_code("alice")
    assert not host.logs_in("alice")
    assert not host.logs_in("alice", "")
    assert host.logs_in("alice", code)
    assert not host.logs_in("alice", code)
    assert host.logs_in("other")


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
@pytest.mark.parametrize("password", [None, "secret"])
def test_a_task_cannot_answer(host: MfaHost, client: str, password: str | None) -> None:
    host.forget_used_codes("alice")  # The PAM module asks nothing while it slows the account down.
    options = {
        "host": host.host.address,
        "username": "alice",
        "private_key_file": str(host.key.path),
        "password": password,
        "ssh_client": client,
        "ssh_agent": False,
        "ssh_config_file": "none",
        "known_hosts_file": str(host.host.known_hosts),
    }
    result = run_task(sftp_probe, **{name: value for name, value in options.items() if value is not None})
    assert result["error"]["code"] == "second_factor_required", result
    assert ("Verification code" in result["msg"]) == (password is not None)


def test_a_password_is_no_code(host: MfaHost) -> None:
    """The passwords of other accounts are accepted as before."""
    host.forget_used_codes("alice")
    host.inside("printf '%s:pass-word-1\\n' alice other | chpasswd")
    by_password = ("-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no")
    assert not host.logs_in("alice", "pass-word-1")
    assert not host.logs_in("alice", "pass-word-1", options=by_password)
    assert host.logs_in("other", "pass-word-1", options=by_password)
    assert not host.logs_in("other", "pass-word-2", options=by_password)


def test_neighbours_of_a_code(host: MfaHost) -> None:
    """The clock of a person may be 30 seconds off, and no more."""
    host.forget_used_codes("alice")
    assert not host.logs_in("alice", host.code("alice", 3))
    assert not host.logs_in("alice", host.code("alice", -3))
    host.forget_used_codes("alice")
    assert host.logs_in("alice", host.code("alice", 1))


def test_one_code_in_eight_logins_at_once(host: MfaHost) -> None:
    host.forget_used_codes("alice")
    assert host.logins_at_once("alice", host.fresh_code("alice"), 8) == 1


def test_wrong_codes_slow_the_account_down(host: MfaHost) -> None:
    host.forget_used_codes("alice")
    for _number in range(3):
        assert not host.logs_in("alice", "000000")
    assert not host.logs_in("alice", host.code("alice"))
    host.forget_used_codes("alice")
    assert host.logs_in("alice", host.fresh_code("alice"))


def test_empty_codes_until_the_tries_end(host: MfaHost) -> None:
    """No number of empty answers in a connection stands for a code."""
    host.forget_used_codes("alice")
    assert not host.logs_in("alice", "", options=("-o", "NumberOfPasswordPrompts=10"))


def test_the_order_of_methods_does_not_matter(host: MfaHost) -> None:
    host.forget_used_codes("alice")
    first = ("-o", "PreferredAuthentications=keyboard-interactive,publickey")
    assert not host.logs_in("alice", host.code("alice"), options=first, key=Path("/dev/null"))
    assert not host.logs_in("alice", "password", options=("-o", "PreferredAuthentications=password"))


def test_recovery_codes(host: MfaHost) -> None:
    """They exist after the first accepted code, and each is valid once, also after further runs."""
    assert "recovery_codes" not in host.fields("carol")
    assert host.enroll(PEOPLE).status == 0
    codes = host.fields("alice")["recovery_codes"].split()
    assert len(set(codes)) == 8
    assert "recovery_codes" not in host.fields("carol")
    host.forget_used_codes("alice")
    assert host.logs_in("alice", codes[0])
    assert not host.logs_in("alice", codes[0])
    again = host.enroll(PEOPLE)
    assert (again.status, again.changed) == (0, 0), again.output
    assert not host.logs_in("alice", codes[0])


def test_tokens(host: MfaHost) -> None:
    assert host.logs_in("bob", key=PIN.path)
    for key in (TOUCH.path, SILENT.path, host.key.path):
        assert not host.logs_in("bob", key=key)


def test_a_key_in_a_forwarded_agent(host: MfaHost) -> None:
    """From another account of the host, the token is asked for its PIN as before; a touch is not enough."""
    hop = "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null bob@127.0.0.1 true"
    for key, gets_in in ((PIN, True), (TOUCH, False), (SILENT, False)):
        with host.agent(key) as environment:
            words = [*host.command("other", batch=True)[:-1], "-A", host.host.address, hop]
            hopped = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)
            assert (hopped.returncode == 0) == gets_in, hopped.stderr


def test_both_factors(host: MfaHost) -> None:
    assert not host.logs_in("both", key=PIN.path)
    assert not host.logs_in("both", host.code("both"))
    assert host.logs_in("both", host.fresh_code("both"), key=PIN.path)


def test_a_pending_account(host: MfaHost) -> None:
    """It logs in without a code until its first code is accepted."""
    assert not host.logs_in("carol")
    assert host.logs_in("carol", "")
    assert host.logs_in("carol", host.fresh_code("carol"))
    assert not host.logs_in("carol", "")


def test_a_pending_token(host: MfaHost) -> None:
    assert host.logs_in("dave", key=PIN.path)
    assert host.logs_in("dave")


def test_the_deadline_of_pending_accounts(host: MfaHost) -> None:
    """The host itself keeps the deadline of codes; tokens need a run after it."""
    host.inside(f"rm -f {MFA}/accepted/carol")
    assert host.enroll([*PEOPLE[:-1], {**DAVE, "deadline": PAST}]).status == 0
    assert host.logs_in("dave", key=PIN.path)
    assert not host.logs_in("dave")
    assert host.logs_in("carol", "")
    host.inside(f"echo 1577836800 > {MFA}/pending/carol")
    assert not host.logs_in("carol", "")
    host.inside(f"echo x > {MFA}/pending/carol")
    assert not host.logs_in("carol", "")


def factors(host: MfaHost, *accounts: str) -> str:
    """Return the factors of each account, as mfa_info and the audit report them."""
    named = {"accounts": list(accounts)}
    observed = "(seen.observations | selectattr('what', 'eq', 'second_factors') | first).value"
    by_name = f"dict({observed} | map(attribute='account') | zip({observed} | map(attribute='factors')))"
    status, output = HostPlay(host.directory, host.host).run(
        [
            {"secure.ftp_synchronize.mfa_info": named, "register": "found"},
            {"ansible.builtin.debug": {"msg": "{{ found.accounts | map(attribute='factors') | join(';') }}."}},
            {"secure.ftp_synchronize.audit_observe": named, "register": "seen"},
            {"ansible.builtin.debug": {"msg": f"{{{{ {list(accounts)} | map('extract', {by_name}) | join(';') }}}}."}},
        ]
    )
    assert status == 0, output
    reported, audited = re.findall(r'"msg": "(.*)\."', output)
    assert reported == audited
    return reported


def test_information(host: MfaHost) -> None:
    assert factors(host, "alice", "bob", "both", "other") == "['totp'];['fido2'];['fido2', 'totp'];[]"


WEAKENED = {
    "accepts": ("sed -i '0,/^auth/s//auth sufficient pam_permit.so\\n&/' $FILE", ""),
    "removed": ("sed -i '/^# BEGIN/,/^# END/d' $FILE; [ $FILE = /etc/pam.d/sshd ] || rm $FILE", "pass-word-1"),
    "program": ("printf '#!/bin/sh\\nexit 0\\n' > /usr/local/lib/secure_ftp_synchronize/mfa_enrolment", ""),
    "address": (
        f"printf 'Match Address *,!127.0.0.1\\n AuthenticationMethods publickey\\n' > {DROP_INS}/00-address.conf",
        None,
    ),
}
"""Changes after which alice logs in without a code, and her answer to the question of PAM. PAM takes the password if it
has no file of the service."""


def test_information_about_a_host_that_asks_for_no_code(host: MfaHost) -> None:
    """The names of the service and of the PAM module stay in place."""
    kept = "etc/pam.d/sshd* etc/ssh/sshd_config.d usr/local/lib/secure_ftp_synchronize"
    file = "FILE=/etc/pam.d/sshd-mfa; [ -e $FILE ] || FILE=/etc/pam.d/sshd"
    host.inside("printf '%s:pass-word-1\n' alice | chpasswd")
    for weakness, (script, answer) in WEAKENED.items():
        host.forget_used_codes("alice")
        host.inside(f"cd /; tar -cpf /root/kept.tar {kept}; {file}; {script}")
        host.host.restart_sshd()
        try:
            assert host.logs_in("alice", answer), weakness
            assert factors(host, "alice", "bob") == "[];['fido2']", weakness
        finally:
            host.inside(f"rm -f {DROP_INS}/00-address.conf; tar -C / -xpf /root/kept.tar")
            host.host.restart_sshd()
        assert not host.logs_in("alice", answer), weakness
    assert factors(host, "alice", "bob") == "['totp'];['fido2']"


def test_a_block_for_other_addresses_frees_no_account(host: MfaHost) -> None:
    """The settings for the address of the controller are as wanted, and a person comes from another."""
    office = f"{DROP_INS}/00-office.conf"
    assert host.enroll(PEOPLE).status == 0
    host.inside(f"printf 'Match Address 203.0.113.0/24\\n AuthenticationMethods publickey\\n' > {office}")
    try:
        refused = host.enroll(PEOPLE)
        host.forget_used_codes("alice")
        assert not host.logs_in("alice")
    finally:
        host.inside(f"rm {office}")
    assert refused.status != 0, refused.output
    assert "publickey from 203.0.113.0" in " ".join(refused.output.split()), refused.output
    again = host.enroll(PEOPLE)
    assert (again.status, again.changed) == (0, 0), again.output


def test_members_of_the_group(host: MfaHost) -> None:
    """A member without a seed is refused; a person who leaves the group still needs a code."""
    host.inside("usermod -aG mfa_required other; usermod -aG mfa_required alice; gpasswd -d alice mfa_required")
    assert not host.logs_in("other")
    assert not host.logs_in("other", "")
    assert not host.logs_in("alice")
    host.inside("gpasswd -d other mfa_required")


@pytest.mark.parametrize("damage", ["chmod 0644 {seed}", "mv {seed} {seed}2; ln -s {seed}2 {seed}"])
def test_a_seed_that_others_could_read(host: MfaHost, damage: str) -> None:
    seed = f"{MFA}/seeds/alice"
    host.forget_used_codes("alice")
    host.inside(f"cp -p {seed} /root/kept; {damage.format(seed=seed)}")
    done = host.enroll(PEOPLE)
    assert done.status, done.output
    assert seed in done.output
    host.inside(f"rm -f {seed} {seed}2; cp -p /root/kept {seed}")


def test_a_missing_pam_module_refuses(host: MfaHost) -> None:
    host.forget_used_codes("alice")
    host.inside("for each in /usr/lib/*/security/pam_google_authenticator.so; do mv $each $each.away; done")
    assert not host.logs_in("alice", host.code("alice"))
    host.inside("for each in /usr/lib/*/security/*.away; do mv $each ${each%.away}; done")
    assert host.logs_in("alice", host.fresh_code("alice"))


def test_other_drop_ins(host: MfaHost) -> None:
    """A later file changes nothing; the role refuses to run against an earlier file."""
    text = "Match User alice\\n AuthenticationMethods any\\n"
    host.inside(f"printf '{text}' > {DROP_INS}/99-any.conf")
    host.host.restart_sshd()
    assert not host.logs_in("alice")
    host.inside(f"mv {DROP_INS}/99-any.conf {DROP_INS}/00-any.conf")
    done = host.enroll(PEOPLE)
    assert done.status
    assert "sshd_not_as_wanted" in done.output or "take precedence" in done.output
    host.inside(f"rm {DROP_INS}/00-any.conf; systemctl reload ssh")


@pytest.mark.long
@pytest.mark.parametrize("host", ["debian13"], indirect=True)
def test_a_system_that_was_upgraded(host: MfaHost) -> None:
    """Its file of PAM has the block of an older sshd, which has a single PAM service."""
    lines = ("# BEGIN secure.ftp_synchronize", "auth required pam_deny.so", "# END secure.ftp_synchronize")
    host.inside("cat - /etc/pam.d/sshd > /root/pam && cp /root/pam /etc/pam.d/sshd", input="\n".join(lines) + "\n")
    done = host.enroll(PEOPLE)
    assert (done.status, done.changed) == (0, 1), done.output
    assert "secure.ftp_synchronize" not in host.inside("cat /etc/pam.d/sshd")
    host.forget_used_codes("alice")
    assert not host.logs_in("alice", "pass-word-1")
    host.forget_used_codes("alice")
    assert host.logs_in("alice", host.fresh_code("alice"))


def test_the_group_is_taken_away_while_a_session_lives(host: MfaHost) -> None:
    """A member keeps the session, and needs a code for the next login, as everybody whom mfa_people lists. A member of
    the group alone needs no more: the group is the administrator's own."""
    host.forget_used_codes("alice")
    host.inside("usermod -aG mfa_required alice")
    with host.session("alice", host.fresh_code("alice")) as session:
        host.inside("gpasswd -d alice mfa_required")
        assert not host.logs_in("alice")
        assert not host.logs_in("alice", "")
        host.inside("groupdel mfa_required; systemctl reload ssh")
        assert not host.logs_in("alice")
        assert session.poll() is None
        host.forget_used_codes("alice")
        assert host.logs_in("alice", host.fresh_code("alice"))
    done = host.enroll(PEOPLE)
    assert done.status == 0, done.output
    host.inside("usermod -aG mfa_required other")
    assert not host.logs_in("other")
    host.inside("gpasswd -d other mfa_required")
    assert host.logs_in("other")


def test_a_reset(host: MfaHost) -> None:
    """The former seed and its recovery codes are refused at once, and sessions end."""
    host.forget_used_codes("alice")
    old, codes = host.fields("alice")["totp_secret"], host.fields("alice")["recovery_codes"].split()
    with host.session("alice", host.fresh_code("alice")) as session:
        done = host.enroll(PEOPLE, mfa_reset=["alice"])
        assert done.status == 0, done.output
        assert session.wait(timeout=60) != 0
    assert host.fields("alice")["totp_secret"] != old
    assert not host.logs_in("alice", codes[1])
    assert not host.logs_in("alice", host.code_of(old))
    host.forget_used_codes("alice")
    assert host.logs_in("alice", host.fresh_code("alice"))


def test_the_account_of_the_connection_is_not_locked_out(host: MfaHost) -> None:
    done = host.enroll([*PEOPLE, {"name": "admin", "methods": ["totp"]}], mfa_confirm_timeout=30)
    assert done.status
    assert "was not confirmed" in done.output, done.output
    assert "admin" not in host.inside(f"cat {DROP_INS}/04*")
    assert host.host.run("true", user="admin").returncode == 0
    assert not host.logs_in("alice")


def test_seeds_in_openbao(host: MfaHost, tmp_path: Path) -> None:
    """The seed is in the secrets manager alone, and other fields of the secret stay."""
    with OpenBao(tmp_path) as bao:
        bao.write("mfa/host/other", {"note": "kept"})
        other = [{"name": "other", "methods": ["totp"]}, *PEOPLE[1:2]]
        done = host.enroll(other, "-vvvvv", "--diff", bao=bao, mfa_manager="openbao")
        assert done.status == 0, done.output[-4000:]
        found = bao.read("mfa/host/other")
        assert found["note"] == "kept"
        assert found["totp_uri"] == f"otpauth://totp/SFTP:other%40host?secret={found['totp_secret']}&issuer=SFTP"
        assert found["totp_secret"] not in done.output
        assert host.logs_in("other", host.code_of(found["totp_secret"]))
        done = host.enroll(other, "-vvvvv", "--diff", bao=bao, mfa_manager="openbao")
        codes = bao.read("mfa/host/other")["recovery_codes"].split()
        assert len(codes) == 8
        assert not any(mark.join(codes[:2]) in done.output for mark in (" ", "', '", '", "'))
        assert bao.read("mfa/host/other")["totp_secret"] == found["totp_secret"]
        again = host.enroll(other, bao=bao, mfa_manager="openbao")
        assert (again.status, again.changed) == (0, 0), again.output


EXEMPT = {"name": "robot", "certificate_authorities": [ssh_keys.key("robots").public]}
STATE = f"cat {DROP_INS}/04*; ls -lR {MFA}"
REFUSED: list[tuple[list[dict[str, Any]], dict[str, Any], str]] = [
    ([ALICE, ALICE], {}, "names an account twice"),
    ([{"name": "bob"}], {}, "bob has no keys"),
    ([{"name": "bob", "keys": ["ssh-ed25519 AAAA"]}], {}, "is not the public key of a token"),
    ([{**ALICE, "state": "pending"}], {}, "needs a deadline"),
    ([ALICE], {"mfa_exempt": ["robot"]}, "robot must be in chroot_jail_accounts"),
    (
        [ALICE],
        {"mfa_exempt": ["robot"], "chroot_jail_accounts": [{**EXEMPT, "authorized_keys": [ssh_keys.key("x").public]}]},
        "robot must be in chroot_jail_accounts",
    ),
    ([ALICE], {"chroot_jail_accounts": [{**EXEMPT, "name": "alice"}]}, "alice is an account of chroot_jail"),
    ([ALICE], {"mfa_reset": ["alcie"]}, "alcie has no codes"),
    ([ALICE], {"mfa_recovery_codes": 11}, "must be from 1 to 10"),
]


def test_refusals(host: MfaHost) -> None:
    cases = {str(number): Case([host.role(each[0], **each[1])]) for number, each in enumerate(REFUSED)}
    found = refusals(cases, STATE, HostPlay(host.directory, host.host).run, host.inside)
    for number, (_people, _options, words) in enumerate(REFUSED):
        refusal = found[str(number)]
        assert refusal.refused, words
        assert words in refusal.output, refusal.output
        assert refusal.difference == "", words


def test_an_exempt_account(host: MfaHost) -> None:
    host.person("robot")
    host.inside("usermod -aG mfa_required robot")
    assert not host.logs_in("robot")
    done = host.enroll(PEOPLE, mfa_exempt=["robot"], chroot_jail_accounts=[EXEMPT])
    assert done.status == 0, done.output
    assert host.logs_in("robot")


def test_people_who_leave(host: MfaHost) -> None:
    done = host.enroll([{**ALICE, "state": "absent"}, *PEOPLE[1:]])
    assert done.status == 0, done.output
    assert host.logs_in("alice")
    assert not host.inside(f"find {MFA} -name alice")
    assert subprocess.run(host.command("carol", batch=True), capture_output=True, check=False).returncode


PREPARE = f"""useradd -m other; cp -r /root/.ssh /home/other/; chown -R other /home/other/.ssh
install -d -m 700 {MFA}/seeds {MFA}/pending {MFA}/accepted
(sshd -T | grep -q ^persourcepenalties && echo PerSourcePenalties no; echo LogLevel INFO) > {DROP_INS}/10-tests.conf
sed -i '/^Subsystem/s/sftp.*/sftp internal-sftp/' /etc/ssh/sshd_config
"""
OWN_SSHD = "/usr/sbin/sshd -D -p 2222 -o PidFile=none & exec sleep 600"
CONTAINER = """systemd-run --quiet unshare --pid --fork --kill-child /usr/sbin/sshd -D -p 2223 -o PidFile=none
for port in 2222 2223; do until ss -tln | grep -q :$port; do sleep 0.1; done; done
"""


@pytest.mark.parametrize("system", ["debian13", "debian12", "ubuntu2404"])
def test_a_reset_of_root_ends_the_logins_of_root_alone(tmp_path: Path, system: str) -> None:
    """All of sshd's processes run as root: listeners, connections of others, the sshd of a container, and an sshd that
    root started by hand."""
    with SystemdHost(system) as host, ExitStack() as stack:
        host.enter("sh", "-c", PREPARE)
        host.restart_sshd()

        def session(account: str, *options: str, command: tuple[str, ...] = ("exec sleep 600",)) -> subprocess.Popen:
            told = ["-o", "PermitLocalCommand=yes", "-o", "LocalCommand=echo on", *options]
            words = [*host.ssh(account)[:-1], *told, host.address, *command]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            process = stack.enter_context(subprocess.Popen(words, text=True, **pipes))
            stack.callback(process.kill)
            assert process.stdout.readline() == "on\n"
            return process

        def reset(digit: str, user: str = "admin") -> Any:
            task = {"account": "root", "state": "enforced", "secret": digit * 32, "end_sessions": True}
            shown = {"ansible.builtin.debug": {"msg": "ended {{ done.sessions_ended }}."}}
            play = HostPlay(tmp_path, host, user)
            return play.run([{"secure.ftp_synchronize.totp_account": task, "register": "done"}, shown])

        assert reset("A").status == 0
        shell = session("root", command=(OWN_SSHD,))
        host.enter("sh", "-c", CONTAINER)
        alias = ("-o", "HostKeyAlias=" + host.address)
        other_port, container = ("-p", "2222", *alias), ("-p", "2223", *alias)
        roots = [shell, session("root", "-N", command=()), session("root", "-s", command=("sftp",))]
        roots += [session("root", "-R", "0:localhost:22", "-N", command=()), session("root", *other_port)]
        others = [session("other"), session("other", "-N", command=()), session("other", *other_port)]
        others += [session("root", *container)]
        waiting = stack.enter_context(socket.create_connection((host.address, 22)))
        assert waiting.recv(256).startswith(b"SSH-2.0")

        done = reset("B")
        assert done.status == 0, done.output
        assert "ended 5." in done.output, done.output
        assert [each.wait(60) for each in roots] == [255] * 5
        assert [each.poll() for each in others] == [None] * 4
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(4096)
        assert host.run("true").returncode == 0
        session("other", *other_port)

        roots = [session("root")]
        done = reset("C", "root")
        assert done.status == 0, done.output
        assert "ended 1." in done.output, done.output
        assert [each.wait(60) for each in roots] == [255]

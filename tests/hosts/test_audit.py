# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit on a hardened server: each control passes, a planted defect flips it, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.hosts.audited_host import AuditedHost
from support.hosts.ftps_host import PASSWORD
from support.judges import goss, sshd_settings
from support.judges.sshd_settings import reported

JOBS = "/etc/secure_ftp_synchronize/jobs"
SELF_SIGNED = """cd /etc/secure_ftp_synchronize
openssl req -x509 -newkey rsa:3072 -nodes -days 90 -subj /CN=files.example.com -out /root/own.pem -keyout /root/own.key
cat /root/own.pem >ftps_certificate.pem
cat /root/own.key >ftps_key.pem
"""
UPDATE = """cat >/var/local/repository/Packages <<END
Package: openssh-server
Version: 1:99.9p1-1
Architecture: all
Maintainer: nobody <nobody@example.com>
Filename: ./openssh-server.deb
Size: 1000
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
Description: a newer version

END
apt-get -q update
apt-mark hold openssh-server
"""


def job(name: str, **options: Any) -> str:
    """Return the script that writes a job file by hand."""
    text = json.dumps({"schema": 1, "job": name, "options": {"host": "old.example.com", **options}})
    return f"echo '{text}' >{JOBS}/{name}.json"


OWN_KEY = (
    job("keyed", private_key_file="/etc/known_key")
    + """
install -m 0644 /root/weak /etc/known_key
touch -d '400 days ago' /etc/known_key
"""
)
"""A job with a key file of its own, which is old, and which others can read."""
HELD = (
    """install -d -o nobody /srv/held
mv /etc/known_peer /srv/held/
ln -s /srv/held/known_peer /etc/known_peer
"""
    + job("placed", private_key_file="/srv/held/placed_key", verify={"allowed_signers_file": "/srv/held/signers"})
    + """
install -m 0600 /root/weak /srv/held/placed_key
install -m 0644 /dev/null /srv/held/signers
"""
)
"""Files of root, in a directory whose owner can replace them."""
DEFECTS = {
    "1.1": ("other: FTPS to old.example.com", job("other", protocol="ftps")),
    "1.2": ("implicit: tls_mode implicit", job("implicit", protocol="ftps", tls_mode="implicit")),
    "1.3": (
        "force_local_logins_ssl is NO",
        "sed -i 's/^force_local_logins_ssl=.*/force_local_logins_ssl=NO/' /etc/vsftpd.conf",
    ),
    "2.1": ("RSA key of 2048 bits", "ssh-keygen -q -t rsa -b 2048 -N '' -f /root/weak; cat /root/weak.pub >>$KEYS"),
    "2.2": ("partner: hash of the kind 1", 'usermod -p "$(openssl passwd -1 guessed)" partner'),
    "2.3": ("person: no second factor", ": >/etc/ssh/sshd_config.d/02-person.conf"),
    "3.1": ("chain_untrusted", SELF_SIGNED),
    "3.2": ("unpinned: /etc/none is missing", job("unpinned", known_hosts_file="/etc/none")),
    "3.3": ("/etc/known_peer: /srv/held: owned by the user id", HELD),
    "4.1": ("unproven: proof none", job("unproven", proof="none")),
    "4.2": ("release: changed_content", "echo 2,3 >/srv/jail/partner/data/release/report.csv"),
    "5.1": ("PermitTTY yes", "printf 'Match User partner\\n PermitTTY yes\\n' >/etc/ssh/sshd_config.d/00-b.conf"),
    "5.2": ("/srv/jail: mode 0775", "chmod 0775 /srv/jail"),
    "5.3": ("host key of 4", "touch -d '400 days ago' /etc/ssh/ssh_host_ed25519_key"),
    "6.1": ("chain_untrusted", SELF_SIGNED),
    "6.2": ("aes128-cbc", "echo 'Ciphers +aes128-cbc' >/etc/ssh/sshd_config.d/00-a.conf"),
    "6.3": ("max_per_ip is 0", "echo max_per_ip=0 >>/etc/vsftpd.conf"),
    "6.4": ("the timer of the collector is not active", "systemctl stop secure-ftp-events.timer"),
    "7.1": (
        "/srv/data/reports is in no vault",
        "mv /etc/systemd/system/secure_ftp_synchronize-vault-data.service /root/",
    ),
    "7.2": ("ftps_key.pem: mode 0644", "chmod 0644 /etc/secure_ftp_synchronize/ftps_key.pem\n" + OWN_KEY),
    "8.1": ("literal: options.password is written out", job("literal", password="guessed-by-all")),
    "8.2": ("lasting: a key without a certificate", job("lasting")),
    "8.3": ("debug shows db_password", ""),
    "9.1": ("drills: the chain of receipts is broken", ""),
    "9.2": ("openssh-server", UPDATE),
    "10.1": ("neither version nor date", "cd /etc/ssh; cat /root/weak.pub >revoked_keys; chown partner revoked_keys"),
    "10.2": ("events.jsonl.9", "touch -d '500 days ago' /var/log/secure_ftp_synchronize/events.jsonl.9"),
}
"""Row -> a part of its finding, and the script that plants the defect on the host."""
SSHD = """install -o partner -m 0644 /root/weak.pub /etc/ssh/partners_ca.pub
echo 'TrustedUserCAKeys /etc/ssh/partners_ca.pub' >/etc/ssh/sshd_config.d/00-d.conf
cat >/etc/ssh/sshd_config.d/00-c.conf <<END
Match User root
 PasswordAuthentication yes
 PermitRootLogin yes
Match User person
 PasswordAuthentication yes
 AuthenticationMethods any
END
sed -i 's/^PerSourcePenalties.*/PerSourcePenalties no/' /etc/ssh/sshd_config.d/10-secure_ftp_synchronize.conf
systemctl reload ssh
"""
"""Further defects, which sshd itself must see as the rows 2.1 and 6.2 do."""
VSFTPD = """sed -i 's/^chroot_local_user=.*/chroot_local_user=NO/' /etc/vsftpd.conf
echo force_local_data_ssl=NO >>/etc/secure_ftp_synchronize/ftps_accounts/partner
"""
SEEN = {("2.1", "root", "password"), ("2.1", "person", "password")}
HIDDEN = """useradd --system --create-home --home-dir /var/lib/hidden --shell /usr/sbin/nologin hidden
install -d -o hidden -m 0700 /var/lib/hidden/.ssh
install -o hidden -m 0600 /root/weak.pub /var/lib/hidden/.ssh/authorized_keys
"""
"""A system account without a shell, whose key lets it in to SFTP."""
KEPT = "etc/ssh etc/vsftpd.conf etc/secure_ftp_synchronize etc/shadow etc/known_peer srv/jail root/.ssh home"
KEEP = f"tar -C / --xattrs -cpf /root/before.tar {KEPT}"
BACK = f"""set -eu
rm -f /etc/ssh/sshd_config.d/00-* /etc/ssh/partners_ca.pub
userdel --remove hidden 2>&1
cd {JOBS}
rm -f other.json implicit.json unpinned.json unproven.json literal.json lasting.json keyed.json placed.json
rm -r /etc/known_key /etc/known_peer /srv/held
rm /var/log/secure_ftp_synchronize/events.jsonl.9
tar -C / -xpf /root/before.tar
mv /root/secure_ftp_synchronize-vault-data.service /etc/systemd/system/
apt-mark unhold openssh-server
: >/var/local/repository/Packages
apt-get -q update
systemctl start secure-ftp-events.timer
systemctl restart vsftpd
systemctl reload ssh
"""
DEBUG = "- hosts: all\n  tasks:\n    - ansible.builtin.debug:\n        var: db_password\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedHost]:
    with AuditedHost(tmp_path_factory.mktemp("audit")) as host:
        host.set_up()
        yield host


def test_a_hardened_server_passes(server: AuditedHost) -> None:
    done = server.audit(**server.measure())
    rows = server.rows()
    assert {control: row["findings"] + row["missing"] for control, row in rows.items() if row["state"] != "pass"} == {}
    assert done.status == 0, done.output
    assert len(rows) == 27
    (seen,) = [each["value"] for each in rows["6.4"]["observations"] if each["what"] == "marks"]
    assert [(each["mark"][:5], bool(each["events"]), each["forged"]) for each in seen] == [
        ("probe", True, []),
        ("tls_p", True, []),
        ("jail_", True, []),
    ]
    # vsftpd writes no line about a name outside its list: the mark is in the name of a file.
    assert [(each["action"], each["account"]) for each in seen[1]["events"]] == [("delete", "monitor")]
    assert sshd_settings.opinion(server.inside) == reported(rows) == set()
    assert goss.opinion(server.host, sshd_settings.accounts(server.inside)) == set()
    assert PASSWORD not in done.output
    assert all(PASSWORD not in file.read_text() for file in (server.directory / "reports/latest").iterdir())


def test_each_planted_defect_fails_its_row(server: AuditedHost) -> None:
    server.inside(KEEP)
    keys = server.inside("ls /home/*/.ssh/authorized_keys").split()[0]
    for control, (_words, script) in DEFECTS.items():
        if control != "5.2":
            server.inside(script.replace("$KEYS", keys))
    server.inside(SSHD + HIDDEN + VSFTPD + "systemctl restart vsftpd")
    (server.project / "debug.yml").write_text(DEBUG)
    (newest,) = server.receipts.glob("*.json")
    before = newest.read_bytes()
    newest.write_bytes(before.replace(b"passed", b"Passed", 1))
    measured = server.measure()
    # sshd lets no one into a jail with this defect.
    server.inside(DEFECTS["5.2"][1])
    done = server.audit(**measured)
    newest.write_bytes(before)
    (server.project / "debug.yml").unlink()
    assert done.status != 0
    rows = server.rows()
    found = {control: [each["observed"] for each in row["findings"]] for control, row in rows.items()}
    assert set(DEFECTS) == set(rows)
    unseen = {
        control: (rows[control]["state"], found[control], rows[control]["missing"])
        for control, (words, _script) in DEFECTS.items()
        if rows[control]["state"] != "fail" or not any(words in each for each in found[control])
    }
    assert unseen == {}
    seen = sshd_settings.opinion(server.inside)
    assert seen == reported(rows)
    by_goss = goss.opinion(server.host, sshd_settings.accounts(server.inside))
    assert by_goss == {(control, account) for control, account, _weakness in seen}
    assert seen >= {*SEEN, ("6.2", "root", "aes128-cbc")}
    assert {
        *("no_penalty: 20 guesses without a penalty", "login_without_key: root: the server offers password"),
        "weak_algorithm: the server offers Ciphers: aes128-cbc",
    } <= set(found["9.2"]), rows["9.2"]["missing"]
    assert {
        "2.1": "ssh_probe: login_without_key: root: the server offers password",
        "6.2": "ssh_probe: weak_algorithm: the server offers Ciphers: aes128-cbc",
        "6.3": "ssh_probe: no_penalty: 20 guesses without a penalty",
    }.items() <= {(control, each) for control, seen_there in found.items() for each in seen_there}
    assert "partner: chroot_local_user is NO" in found["5.2"]
    assert "partner: its own file has force_local_data_ssl off" in found["1.3"]
    assert [each for each in found["7.2"] if each.startswith("/srv/held/placed_key: /srv/held: owned by the user id")]
    assert "/etc/ssh/partners_ca.pub: /etc/ssh/partners_ca.pub: owned by the user id" in " ".join(found["2.1"])
    assert "placed: /srv/held/signers: /srv/held: owned by the user id" in " ".join(found["3.3"])
    assert "/etc/ssh/revoked_keys: /etc/ssh/revoked_keys: owned by the user id" in " ".join(found["10.1"])
    assert [each for each in found["2.1"] if each.startswith("hidden: RSA key of 2048 bits")]
    assert {control for control in found if [each for each in found[control] if "/etc/known_key" in each]} == {
        "5.3",
        "7.2",
    }
    assert "guessed-by-all" not in (server.directory / "reports/latest/audit.json").read_text()


def test_without_the_defects_it_passes_again(server: AuditedHost) -> None:
    server.inside(BACK)
    done = server.audit(audit_fail_on="low", with_lost=True, **server.measure())
    rows = server.rows()
    failed = {control: row["findings"] for control, row in rows.items() if row["state"] == "fail"}
    assert (done.status, failed) == (0, {}), done.output
    for control, row in rows.items():
        lost = {each["host"] for each in row["missing"]}
        assert (row["state"], lost) == (("not_measured", {"lost"}) if "lost" in row["hosts"] else ("pass", set())), (
            control
        )
    assert "unreachable" in rows["6.2"]["missing"][0]["reason"]
    data = json.loads((server.directory / "reports/latest/audit.json").read_text())
    assert {each["before"] for each in data["changes"]} == {"fail"}


def test_nothing_is_changed_on_the_host(server: AuditedHost) -> None:
    """The collector of events, which writes each minute, is stopped."""
    server.inside("systemctl stop secure-ftp-events.timer")
    state = "find /etc /srv /var/lib/secure_ftp_synchronize -printf '%p %m %u %T@\\n' 2>/dev/null | sort | sha256sum"
    before = server.inside(state)
    done = server.audit("--check", audit_path=str(server.directory / "none"), audit_fail_on="none")
    assert done.status == 0, done.output
    assert server.inside(state) == before
    assert not (server.directory / "none").exists()
    # The collector is stopped, and no other module has a result.
    assert "1 fail, 7 not measured, 0 exempt, 19 pass" in done.output, done.output

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a jail on a real host: used by secure_sync over a pinned key, damaged by hand and repaired, removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.jail_host import JailHost
from support.hosts.refusals import Case, Refusal, refusals
from support.running.play import Play
from support.servers import ssh_keys

DIRECTORIES = [{"name": "incoming"}, {"name": "outgoing", "writable": False}]
DAMAGE = """
chmod 0777 /srv/jail/partner
chmod 0700 /srv/jail/partner/incoming
chown admin /etc/ssh/authorized_keys.d/partner
echo 'ssh-ed25519 AAAA intruder' >> /etc/ssh/authorized_keys.d/partner
mount -o remount,bind,suid,exec /srv/jail
umount /srv/jail/partner/dev/log
rm /etc/systemd/system/local-fs.target.wants/srv-jail.mount
usermod -s /bin/sh -G sudo partner
sed -i /ForceCommand/Id /etc/ssh/sshd_config.d/05-secure_ftp_synchronize_jails.conf
"""
STATE = """
stat -c '%n %U:%G %a' /srv/jail/partner /srv/jail/partner/* /etc/ssh/authorized_keys.d/partner
cat /etc/ssh/authorized_keys.d/partner
findmnt -no OPTIONS /srv/jail
stat -c '%d:%i' /srv/jail/partner/dev/log
ls /etc/systemd/system/local-fs.target.wants
getent passwd partner
id partner
sshd -T -C user=partner,host=x,addr=198.51.100.1
"""


@pytest.fixture(scope="module", params=["debian13", "ubuntu2404"])
def jails(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JailHost]:
    """A host with one jail; the tests below go through its life in their order."""
    with JailHost(tmp_path_factory.mktemp("jails"), request.param) as host:
        done = host.provision(accounts(host))
        assert done.status == 0, done.output
        yield host


def accounts(host: JailHost, **changed: Any) -> list[dict[str, Any]]:
    given = {"name": "partner", "directories": DIRECTORIES, "authorized_keys": [host.key.public]}
    return [{**given, **changed}]


def test_the_round_trip(jails: JailHost, tmp_path: Path) -> None:
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/deep/file").write_text("through the jail")
    pins, config = str(tmp_path / "pins"), tmp_path / "ssh_config"
    config.touch(0o600)
    fingerprint = ssh_keys.key(f"host-{jails.host.system}").fingerprint
    endpoint = {
        "host": jails.host.address,
        "username": "partner",
        "private_key_file": str(jails.key.path),
        "known_hosts_file": pins,
        "ssh_config_file": str(config),
    }
    pin = {"host": jails.host.address, "fingerprints": [fingerprint], "path": pins, "ssh_config_file": str(config)}
    push = {**endpoint, "src": str(tmp_path / "tree"), "dest": "incoming"}
    pull = {**endpoint, "direction": "pull", "src": "incoming", "dest": str(tmp_path / "back")}
    tasks = [
        {"secure.ftp_synchronize.host_key_pin": pin},
        *({"secure_sync": each} for each in (push, push, pull, pull)),
    ]
    played = Play(tmp_path / "play").run(tasks, timeout=400)
    assert [result["msg"] for result in played.results if result.get("failed")] == []
    assert [result["changed"] for result in played.results] == [True, True, False, True, False]
    assert (tmp_path / "back/deep/file").read_text() == "through the jail"
    assert jails.inside("cat /srv/jail/partner/incoming/deep/file") == "through the jail"
    jails.inside("rm -r /srv/jail/partner/incoming/deep")


def test_damage_is_found_and_mended(jails: JailHost) -> None:
    before = jails.inside(STATE)
    jails.inside(DAMAGE)
    assert jails.inside(STATE) != before
    told = jails.provision(accounts(jails), "--check", "--diff")
    assert told.status == 0, told.output
    assert jails.inside(STATE) != before
    mended = jails.provision(accounts(jails))
    assert mended.status == 0, mended.output
    assert jails.inside(STATE) == before
    assert told.changed == mended.changed == 4, mended.output
    again = jails.provision(accounts(jails))
    assert (again.status, again.changed) == (0, 0), again.output


def test_a_block_for_other_addresses_frees_no_account(jails: JailHost, tmp_path: Path) -> None:
    """The settings for the address of the controller are as wanted, and a partner comes from another."""
    office = "/etc/ssh/sshd_config.d/00-office.conf"
    jails.inside(f"printf 'Match Address 203.0.113.0/24\\n ChrootDirectory none\\n ForceCommand none\\n' > {office}")
    try:
        refused = jails.provision(accounts(jails))
        verify = role("chroot_jail", "verify", chroot_jail_accounts=accounts(jails))
        verified = HostPlay(tmp_path, jails.host).run([verify])
    finally:
        jails.inside(f"rm {office}")
    for outcome in (refused, verified):
        assert outcome.status != 0
        assert "none from 203.0.113.0" in " ".join(outcome.output.split()), outcome.output
    assert jails.provision(accounts(jails)).changed == 0


def test_a_host_that_keeps_no_quota_says_so(jails: JailHost) -> None:
    done = jails.provision(accounts(jails, quota="1G"))
    assert (done.status, done.changed) == (0, 0), done.output
    assert "/srv/jail/partner has no quota" in " ".join(done.output.split())


REFUSED = {
    "a name that is a path": ({"name": ".."}, {}, "is not valid for a jailed account"),
    "an account of the system": ({"name": "daemon"}, {}, "exists already, and is not a jail's"),
    "a group of the system": ({"name": "sudo"}, {}, "a group sudo exists already"),
    "jails below a link": ({}, {"chroot_jail_directory": "/srv/link/jail"}, "/srv/link is a symbolic link"),
    "keys where others write": (
        {},
        {"chroot_jail_keys_directory": "/srv/open/keys"},
        "/srv/open may be written by others",
    ),
}


@pytest.fixture(scope="module")
def refused(jails: JailHost, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Refusal]:
    cases = {
        name: Case(
            [role("chroot_jail", chroot_jail_accounts=accounts(jails, **changed), **variables)],
            before="mkdir -p -m 777 /srv/open && ln -sfn /srv /srv/link",
        )
        for name, (changed, variables, _) in REFUSED.items()
    }
    play = HostPlay(tmp_path_factory.mktemp("refused"), jails.host)
    return refusals(cases, STATE + "getent passwd; getent group; find /srv -ls", play.run, jails.inside)


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_jail_is_refused_before_any_change(refused: dict[str, Refusal], case: str) -> None:
    assert refused[case].refused, refused[case].output
    assert REFUSED[case][2] in refused[case].output
    assert refused[case].difference == ""


IMPORTER = """
import os, time
incoming = "/srv/jail/busy/incoming"
os.chdir(incoming)
written = open("/root/written", "w", buffering=1)
number = 0
with open("journal", "a", buffering=1) as journal:
    while not os.path.exists("/root/stop"):
        number += 1
        for place, name in ((".", f"here-{number}"), (incoming, f"path-{number}")):
            try:
                with open(f"{place}/{name}", "w") as file:
                    file.write("x")
                written.write(name + "\\n")
            except OSError:
                pass
        journal.write(f"line-{number}\\n")
        written.write(f"line-{number}\\n")
        time.sleep(0.005)
"""
FOUND = """
cd /srv/jail/.busy-*.removed 2>/dev/null && ls incoming && cat incoming/journal
for archive in /var/backups/chroot_jail/busy-*.tar.gz; do
    tar -tzf $archive | sed s,.*/,,
    tar -xzOf $archive incoming/journal 2>/dev/null
done
"""

# A container has the same paths.
CONTAINER = """systemd-run --quiet --unit=container unshare --mount --pid --fork --kill-child sh -c '
mount -t tmpfs none /srv/jail; mkdir /srv/jail/partner; mount --bind / /srv/jail/partner
exec chroot /srv/jail/partner sleep 3600'
systemd-run --quiet --unit=inmate python3 -c '
import os, time; os.chroot("/srv/jail/partner/incoming"); time.sleep(3600)'
until pgrep -x sleep; do sleep 0.1; done >/dev/null
for pid in $(pgrep -x sleep) $(systemctl show --value -p MainPID inmate); do
    until readlink /proc/$pid/root | grep ^/srv/jail/partner; do sleep 0.1; done
done
"""


def test_what_a_program_writes_while_a_jail_is_archived_is_not_lost(jails: JailHost) -> None:
    """It writes by path, from its working directory, and to a file that it keeps open."""
    partner = accounts(jails)
    busy = {"name": "busy", "directories": DIRECTORIES, "authorized_keys": [jails.key.public]}
    assert jails.provision([*partner, busy]).status == 0
    jails.inside("head -c 24M /dev/urandom > /srv/jail/busy/incoming/large; cat > /root/importer", input=IMPORTER)
    jails.inside("systemd-run --quiet --unit=importer --collect python3 /root/importer")
    try:
        removed = jails.provision([*partner, {**busy, "state": "absent"}])
        jails.inside("touch /root/stop; while systemctl is-active --quiet importer; do sleep 0.1; done")
        written = set(jails.inside("cat /root/written").split())
        lost = written - set(jails.inside(FOUND).split())
        assert (removed.status, sorted(lost)) == (0, []), removed.output
        kept = r"/srv/jail/\.busy-\w+\.removed: entries that changed while the jail was archived, .*\(\d+ in all\)"
        assert re.search(kept, removed.output), removed.output
        again = jails.provision([*partner, {**busy, "state": "absent"}])
        assert (again.status, again.changed) == (0, 1), again.output
        assert written - set(jails.inside(FOUND).split()) == set()
        assert jails.inside("ls -A /srv/jail") == "partner\n"
        last = jails.provision([*partner, {**busy, "state": "absent"}])
        assert (last.status, last.changed) == (0, 0), last.output
    finally:
        jails.inside("touch /root/stop; rm -f /var/backups/chroot_jail/busy-*")


def test_a_removed_account_leaves_an_archive(jails: JailHost) -> None:
    """Processes in the jail end, and a container goes on."""
    jails.inside("echo precious > /srv/jail/partner/incoming/file")
    assert jails.inside(CONTAINER).split() == ["/srv/jail/partner", "/srv/jail/partner/incoming"]
    removed = jails.provision(accounts(jails, state="absent"))
    assert removed.status == 0, removed.output
    assert jails.inside("systemctl is-active container inmate || true").split() == ["active", "failed"]
    jails.inside("systemctl kill --signal=KILL container; systemctl reset-failed inmate")
    archive = jails.inside("ls /var/backups/chroot_jail/partner-*.tar.gz").strip()
    assert jails.inside(f"tar -xzOf {archive} incoming/file") == "precious\n"
    assert jails.inside("stat -c '%U %a' " + archive) == "root 600\n"
    assert jails.inside("ls -d /srv/jail/partner /etc/ssh/authorized_keys.d/partner 2>/dev/null || true") == ""
    assert (
        jails.inside("getent passwd partner || getent group partner || findmnt -R /srv/jail | grep log || true") == ""
    )
    assert jails.client("partner").run("-s", "server", "sftp").returncode == 255
    again = jails.provision(accounts(jails, state="absent"))
    assert (again.status, again.changed) == (0, 0), again.output


ARCHIVES = "/var/backups/chroot_jail"
OLD, YOUNG = "gone-20260101T000000Z.tar.gz", "gone-20260201T000000Z.tar.gz"
OTHERS = ["notes.tar.gz", "gone-20260101T000000Z.tar.gz.sig", "link-20260101T000000Z.tar.gz"]
FILES = f"""
mkdir -p -m 700 {ARCHIVES}/sub-20260101T000000Z.tar.gz {ARCHIVES}/deep
cd {ARCHIVES}
touch {OLD} {YOUNG} {" ".join(OTHERS[:2])} deep/{OLD} /srv/{OLD} admin-20260101T000000Z.tar.gz
chown admin admin-20260101T000000Z.tar.gz
ln -s /srv/{OLD} {OTHERS[2]}
touch -h -d '31 days ago' gone-* notes.* link-* sub-* admin-* deep/* /srv/{OLD}
touch -d '29 days ago' {YOUNG}
"""


def test_archives_leave_after_their_days(jails: JailHost) -> None:
    """Nothing else leaves the directory, and the timer leaves with the option."""
    timer, service = "secure-ftp-jail-archives.timer", "secure-ftp-jail-archives.service"
    jails.inside(FILES)
    before = set(jails.inside(f"find {ARCHIVES} /srv/{OLD}").splitlines())
    given = accounts(jails, state="absent")
    set_up = jails.provision(given, chroot_jail_archive_days=30)
    assert set_up.status == 0, set_up.output
    assert jails.inside(f"systemctl is-enabled {timer}; systemctl is-active {timer}") == "enabled\nactive\n"
    jails.inside(f"systemctl start {service}")
    assert before - set(jails.inside(f"find {ARCHIVES} /srv/{OLD}").splitlines()) == {f"{ARCHIVES}/{OLD}"}
    again = jails.provision(given, chroot_jail_archive_days=30)
    assert (again.status, again.changed) == (0, 0), again.output
    foreseen = jails.provision(given, "--check")
    ended = jails.provision(given)
    assert (foreseen.changed, ended.status, ended.changed) == (2, 0, 2), foreseen.output + ended.output
    assert jails.inside(f"systemctl cat {timer} {service} 2>&1 || true").count("No files found") >= 1

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of vaults on a real host, with gocryptfs, fscrypt, tang and systemd's credentials. The tests go through its
life in their order. Root only."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_network import GATEWAY
from support.hosts.host_play import HostPlay, role
from support.hosts.jail_host import Client
from support.hosts.refusals import Case, Refusal, refusals
from support.hosts.vault_host import DISK, VaultHost
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scripted import sftp_wire as wire
from support.servers import ssh_keys
from support.servers.raw_sftp import RawSftp
from support.servers.software_tpm import SoftwareTpm
from support.servers.tang import Tang

PASSPHRASE = "a passphrase of the operator"
STORE, MOUNT, UNIT = "/var/lib/vaults/jails", "/srv/jail", "secure_ftp_synchronize-vault-jails"
JAILS = {"name": "jails", "store": STORE, "mount": MOUNT}
ENCRYPTED = {"name": "files", "store": f"{DISK}/files", "mount": "/srv/files", "owner": "admin"}
KEY = ssh_keys.key("jail")
LINE = "a partner's line of plaintext"
TEXT = f"{LINE}, repeated in a file. " * 400
FILES = """ls -lAR /srv /var/lib/vaults /etc/systemd/system /etc/secure_ftp_synchronize 2>&1 || true
dpkg-query -f '${Package}\\n' -W"""
PLAYS = [
    text
    for page in ("roles/at_rest/README.md", "docs/at_rest.md")
    for text in re.findall(r"^```yaml\n(- .*?)^```$", (ROOT / page).read_text(), re.M | re.S)
]
REPORT = {"name": "Show the report", "ansible.builtin.debug": {"msg": "REPORT {{ at_rest | to_json }}"}}
CHROOT_JAIL = role("chroot_jail", chroot_jail_accounts=[{"name": "partner", "authorized_keys": [KEY.public]}])


class Vaults:
    """A host, and runs of the role with the options `key` and `vaults`."""

    def __init__(self, directory: Path, host: VaultHost) -> None:
        self.host, self._directory = host, directory
        self.vaults: list[dict[str, Any]] = [JAILS]
        self.key: dict[str, Any] = {"custody": "operator", "passphrase": PASSPHRASE}
        self.local = directory / "upload.txt"
        self.local.write_text(TEXT)

    def converge(self, *options: str, tasks: list[dict[str, Any]] | None = None, **variables: Any) -> Outcome:
        """Run the role, then further tasks."""
        given = {"at_rest_vaults": self.vaults, "at_rest_key": self.key, **variables}
        return self.run([role("at_rest", **given), REPORT, *(tasks or [])], *options)

    def run(self, tasks: list[dict[str, Any]], *options: str) -> Outcome:
        return HostPlay(self._directory, self.host).run(tasks, *options)

    def inside(self, script: str, *, check: bool = True) -> str:
        """Return the output of a script on the host, as root."""
        ended = self.host.enter("sh", "-c", script, check=check)
        return ended.stdout + ended.stderr

    def client(self) -> Client:
        """Return a configuration of ssh for the partner."""
        path = self._directory / "partner.conf"
        path.write_text(
            f"Host server\n HostName {self.host.address}\n User partner\n IdentityFile {KEY.path}\n"
            f" UserKnownHostsFile {self.host.known_hosts}\n GlobalKnownHostsFile none\n"
            " IdentitiesOnly yes\n BatchMode yes\n"
        )
        return Client(path)

    def put(self) -> int:
        """Upload a file as the partner, and return the exit status."""
        return self.client().run("-b", "-", "server", program="sftp", input=f"put {self.local} data\n").returncode

    def nothing_is_written(self, mount: str, account: str) -> None:
        """Neither the account nor root can write to a locked mount point, and it is empty."""
        assert self.inside(f"stat -c '%U %a' {mount}; ls -A {mount}") == "root 555\n"
        for user in (account, "root"):
            words = ["setpriv", f"--reuid={user}", "--clear-groups", "touch", f"{mount}/x"]
            assert self.host.enter(*words, check=False).returncode != 0, user


@pytest.fixture(scope="module", params=["debian12", "ubuntu2404", "debian13"])
def vaults(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vaults]:
    with VaultHost(request.param) as host:
        yield Vaults(tmp_path_factory.mktemp("vaults"), host)


@pytest.fixture(scope="module")
def tang(tmp_path_factory: pytest.TempPathFactory, vaults: Vaults) -> Iterator[Tang]:
    assert vaults.host.address
    with Tang(tmp_path_factory.mktemp("tang") / "keys", GATEWAY) as tang:
        yield tang


def done(outcome: Outcome, changed: int | None = None) -> dict[str, Any]:
    """Return the report of a run that must succeed."""
    assert outcome.status == 0, outcome.output
    assert changed is None or outcome.count("changed") == changed, outcome.output
    text = outcome.output.partition("REPORT ")[2].partition('"\n')[0]
    return json.loads(text.replace('\\"', '"'))


def failed(outcome: Outcome, *words: str) -> None:
    assert outcome.status != 0, outcome.output
    for each in words:
        assert each in " ".join(outcome.output.split()), outcome.output


def test_check_mode_on_a_bare_host(vaults: Vaults) -> None:
    before = vaults.inside(FILES)
    outcome = vaults.converge("--check", "--diff")
    assert outcome.status == 0, outcome.output
    assert outcome.count("changed") > 0
    assert vaults.inside(FILES) == before


def test_an_operators_vault_is_open_and_its_store_shows_nothing(vaults: Vaults) -> None:
    report = done(vaults.converge("--diff"))
    assert report == {"custody": "operator", "same_disk": False, "locked": False, "canary": True}
    modes = vaults.inside(f"stat -c '%U %a' {STORE} {STORE}/cipher {MOUNT}")
    assert modes.splitlines() == ["root 700", "root 755", "root 755"]
    done(vaults.converge(), changed=0)


def test_an_operators_passphrase_is_nowhere_on_the_host(vaults: Vaults) -> None:
    """It is in the memory of systemd's credential, which is on no disk."""
    places = "/etc /var /run/secure_ftp_synchronize /root /home /tmp /usr/local /srv"
    assert vaults.inside(f"grep -rlF '{PASSPHRASE}' {places} || true") == ""
    assert PASSPHRASE not in vaults.inside("journalctl --no-pager -q")
    shown = vaults.inside("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '", check=False)
    assert PASSPHRASE not in shown
    assert vaults.inside(f"ls /etc/systemd/system/*.wants | grep {UNIT} || true") == ""
    assert vaults.inside("ls -A /run/secure_ftp_synchronize/vaults") == ""


def test_jails_below_the_mount(vaults: Vaults) -> None:
    done(vaults.converge(tasks=[CHROOT_JAIL]))
    done(vaults.converge(tasks=[CHROOT_JAIL]), changed=0)
    assert vaults.put() == 0
    assert vaults.inside(f"cat {MOUNT}/partner/data/upload.txt") == TEXT
    assert vaults.inside(f"stat -c %U {MOUNT}/partner/data/upload.txt") == "partner\n"
    assert vaults.inside(f'grep -rl "{LINE}" {STORE} || true') == ""
    assert "upload" not in vaults.inside(f"ls -R {STORE}")


def test_a_unit_that_stops_under_an_open_upload_locks_the_vault(vaults: Vaults) -> None:
    with RawSftp(vaults.client()) as session:
        flags = struct.pack(">II", wire.FLAG_WRITE | wire.FLAG_CREATE, 0)
        handle = session.ask(wire.OPEN, wire.put_string(b"data/open.bin") + flags)
        assert handle.kind == wire.HANDLE
        write = handle.body + struct.pack(">Q", 0) + wire.put_string(LINE.encode())
        assert session.ask(wire.WRITE, write).body[:4] == bytes(4)
        vaults.inside(f"systemctl stop {UNIT}")
        vaults.nothing_is_written(MOUNT, "partner")
        assert session.ask(wire.WRITE, write).body[:4] != bytes(4)
    assert vaults.inside(f'grep -rl "{LINE}" {STORE} {MOUNT} || true') == ""
    assert "failed" not in vaults.inside(f"systemctl is-failed {UNIT}", check=False)


def test_a_locked_vault_takes_nothing(vaults: Vaults) -> None:
    assert done(vaults.converge(at_rest_state="locked"), changed=0)["locked"]
    assert vaults.put() != 0
    failed(vaults.run([CHROOT_JAIL]), "vault_locked", "Unlock the vault with the role at_rest")
    vaults.nothing_is_written(MOUNT, "partner")
    failed(vaults.converge(at_rest_key={**vaults.key, "passphrase": "x" * 30}), "passphrase_wrong")
    vaults.inside(f"systemctl start {UNIT}", check=False)
    vaults.nothing_is_written(MOUNT, "partner")


def test_it_is_unlocked_again_with_its_jails_and_their_logs(vaults: Vaults) -> None:
    assert done(vaults.converge(tasks=[CHROOT_JAIL]), changed=1) == {
        "custody": "operator",
        "same_disk": False,
        "locked": False,
        "canary": True,
    }
    assert vaults.inside(f"cat {MOUNT}/partner/data/upload.txt") == TEXT
    assert "partner/dev/log" in vaults.inside("cat /proc/self/mountinfo")
    assert vaults.put() == 0


def test_a_killed_process_leaves_the_vault_locked(vaults: Vaults) -> None:
    killed = f"systemctl kill --kill-whom=main -s KILL {UNIT}"
    vaults.inside(f"{killed}; while grep -q ' {MOUNT} ' /proc/self/mountinfo; do sleep 0.1; done")
    vaults.nothing_is_written(MOUNT, "partner")
    # A mount that its process left, as after a kill of the whole unit.
    mounted = f"printf '%s' '{PASSPHRASE}' | gocryptfs -q {STORE}/cipher {MOUNT}"
    vaults.inside(f"{mounted} && pkill -KILL -x gocryptfs && while ls {MOUNT}; do sleep 0.1; done 2>&1")
    assert not done(vaults.converge(), changed=1)["locked"]
    assert vaults.put() == 0


def test_files_below_the_bare_mount_point_are_found(vaults: Vaults) -> None:
    vaults.inside("mkdir /tmp/bare; mount --bind /srv /tmp/bare")
    vaults.inside(
        "python3 -c \"import array, fcntl, os; directory = os.open('/tmp/bare/jail', os.O_RDONLY); "
        "fcntl.ioctl(directory, 0x40086602, array.array('l', [0]))\"; touch /tmp/bare/jail/leftover"
    )
    failed(vaults.converge(), "vault_unsafe", "holds entries outside the vault jails, unencrypted: 1")
    vaults.inside("rm /tmp/bare/jail/leftover; umount /tmp/bare")
    assert done(vaults.converge(at_rest_state="locked"))["locked"]
    vaults.nothing_is_written(MOUNT, "partner")
    assert not done(vaults.converge())["locked"]


def test_a_key_of_the_host_is_reported_as_on_the_same_disk(vaults: Vaults) -> None:
    vaults.key = {"custody": "host", "passphrase": PASSPHRASE}
    outcome = vaults.converge()
    assert done(outcome)["same_disk"]
    assert "the key is on the disk of the data" in " ".join(outcome.output.split())
    done(vaults.converge(), changed=0)
    vaults.inside(f"systemctl stop {UNIT}; ls /etc/systemd/system/multi-user.target.wants/{UNIT}.service")
    vaults.nothing_is_written(MOUNT, "partner")
    vaults.inside(f"systemctl start {UNIT}")
    assert vaults.put() == 0
    vaults.inside(f"mv /var/lib/systemd/credential.secret /root/; systemctl stop {UNIT}")
    vaults.inside(f"systemctl start {UNIT}", check=False)
    vaults.nothing_is_written(MOUNT, "partner")
    vaults.inside("mv /root/credential.secret /var/lib/systemd/")


def test_a_key_of_a_tang_server(vaults: Vaults, tang: Tang) -> None:
    key = {"custody": "tang", "passphrase": PASSPHRASE, "url": tang.url}
    failed(vaults.converge(at_rest_key={**key, "thumbprint": "A" * 43}), "custody_unavailable")
    vaults.key = {**key, "thumbprint": tang.thumbprint}
    assert not done(vaults.converge())["same_disk"]
    done(vaults.converge(), changed=0)
    assert vaults.inside("ls /etc/secure_ftp_synchronize/vaults") == "jails.jwe\n"
    vaults.inside(f"systemctl restart {UNIT}")
    assert vaults.put() == 0
    tang.__exit__()
    try:
        vaults.inside(f"systemctl stop {UNIT}; systemctl start {UNIT}", check=False)
        vaults.nothing_is_written(MOUNT, "partner")
    finally:
        tang.__enter__()
    assert not done(vaults.converge())["locked"]


def test_a_key_of_a_tpm(tmp_path: Path, vaults: Vaults) -> None:
    with SoftwareTpm(tmp_path, GATEWAY) as tpm:
        setting = f"[Service]\\nEnvironment=TPM2TOOLS_TCTI={tpm.connection}\\n"
        places = f"/etc/systemd/system/{UNIT}.service.d"
        vaults.inside(f"mkdir {places}; printf '{setting}' > {places}/tpm.conf; systemctl daemon-reload")
        key = {"custody": "tpm2", "passphrase": PASSPHRASE, "pcr_ids": [7]}
        included = role("at_rest", at_rest_vaults=vaults.vaults, at_rest_key=key)
        block = {"name": "With a TPM", "block": [included], "environment": {"TPM2TOOLS_TCTI": tpm.connection}}
        assert not done(vaults.run([block, REPORT]))["same_disk"]
        done(vaults.run([block, REPORT]), changed=0)
        assert vaults.inside("ls /etc/secure_ftp_synchronize/vaults") == "jails.tpm2.jwe\n"
        vaults.inside(f"systemctl restart {UNIT}")
        assert vaults.put() == 0
    vaults.inside(f"systemctl stop {UNIT}; systemctl start {UNIT}", check=False)
    vaults.nothing_is_written(MOUNT, "partner")
    vaults.inside(f"rm -r {places}")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a short passphrase": ({"at_rest_key": {"custody": "host", "passphrase": "short"}}, "at least 20"),
    "a store in a mount": ({"at_rest_vaults": [{**JAILS, "store": f"{MOUNT}/store"}]}, "contain each other"),
    "the root": ({"at_rest_vaults": [{**JAILS, "mount": "/srv"}]}, "not a directory below"),
    "a path as a name": ({"at_rest_vaults": [{**JAILS, "name": "../x"}]}, "not a valid name"),
    "files in the place": ({"at_rest_vaults": [{**JAILS, "name": "x", "store": "/x/y", "mount": "/etc/ssh"}]}, "holds"),
    "no TPM": ({"at_rest_key": {"custody": "tpm2", "passphrase": PASSPHRASE}}, "this host has no TPM 2.0"),
    "no thumbprint": (
        {"at_rest_key": {"custody": "tang", "passphrase": PASSPHRASE, "url": "http://tang"}},
        "needs key.url and key.thumbprint",
    ),
    "an unknown owner": ({"at_rest_vaults": [{**JAILS, "owner": "no-such"}]}, "does not exist"),
}


@pytest.fixture(scope="module")
def refused(vaults: Vaults) -> dict[str, Refusal]:
    given = {"at_rest_vaults": [JAILS], "at_rest_key": {"custody": "host", "passphrase": PASSPHRASE}}
    cases = {name: Case([role("at_rest", **{**given, **variables})]) for name, (variables, _) in REFUSED.items()}
    return refusals(cases, FILES, vaults.run, vaults.inside)


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_option_is_refused_before_any_change(refused: dict[str, Refusal], case: str) -> None:
    assert refused[case].refused, refused[case].output
    assert REFUSED[case][1] in refused[case].output
    assert refused[case].difference == ""


def test_a_directory_that_the_file_system_encrypts(vaults: Vaults) -> None:
    vaults.vaults, vaults.key = [ENCRYPTED], {"custody": "operator", "passphrase": PASSPHRASE}
    given = {"at_rest_backend": "fscrypt"}
    assert done(vaults.converge(**given)) == {
        "custody": "operator",
        "same_disk": False,
        "locked": False,
        "canary": True,
    }
    done(vaults.converge(**given), changed=0)
    vaults.host.enter("sh", "-c", f"cat > /srv/files/upload.txt; cp /srv/files/upload.txt {DISK}/plain.txt", input=TEXT)
    holder = "setpriv --reuid=admin --clear-groups sh -c 'exec 3>/srv/files/open; while sleep 0.1; do echo >&3; done'"
    vaults.inside(f"systemd-run --quiet --unit=holder {holder}")
    assert done(vaults.converge(at_rest_state="locked", **given))["locked"]
    vaults.nothing_is_written("/srv/files", "admin")
    assert vaults.host.enter("touch", f"{DISK}/files/cipher/x", check=False).returncode != 0
    assert "upload" not in vaults.inside(f"ls {DISK}/files/cipher")
    vaults.inside(f"sync -f {DISK}")
    raw = vaults.host.disk.read_bytes()
    assert raw.count(LINE.encode()) == TEXT.count(LINE), "of the copy outside the vault alone"
    done(vaults.converge(**given))
    assert vaults.inside("cat /srv/files/upload.txt") == TEXT


def test_fscrypt_with_a_key_of_the_host(vaults: Vaults) -> None:
    vaults.key = {"custody": "host", "passphrase": PASSPHRASE}
    failed(vaults.converge(at_rest_backend="fscrypt"), "cannot be tested while the vault files is unlocked")
    assert done(vaults.converge(at_rest_backend="fscrypt", at_rest_state="locked"))["same_disk"]
    assert not done(vaults.converge(at_rest_backend="fscrypt"))["locked"]
    unit = "secure_ftp_synchronize-vault-files"
    vaults.inside(f"systemctl stop {unit}")
    vaults.nothing_is_written("/srv/files", "admin")
    vaults.inside(f"systemctl start {unit}")
    assert vaults.inside("cat /srv/files/upload.txt") == TEXT


@pytest.mark.parametrize("text", PLAYS)
def test_a_play_of_the_documentation_runs_and_rests(tmp_path: Path, vaults: Vaults, text: str) -> None:
    play = HostPlay(tmp_path, vaults.host, environment={"VAULT_PASSPHRASE": PASSPHRASE}, groups=groups(vaults.host))
    for changes in (True, False):
        outcome = play.run_text(text)
        assert (outcome.status, outcome.count("changed") > 0) == (0, changes), outcome.output


def groups(host: VaultHost) -> dict[str, dict[str, Any]]:
    """Return the groups that the plays name."""
    return {"files": {"host": host}, "clients": {"host": host}}

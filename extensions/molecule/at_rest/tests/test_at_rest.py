# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the role: a vault whose store shows nothing, a passphrase that is on no disk, and a locked vault. The
last tests lock the vault: `molecule converge` unlocks it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from testinfra.host import Host

STORE, MOUNT, UNIT = "/var/lib/vaults/jails", "/srv/jail", "secure_ftp_synchronize-vault-jails"
PASSPHRASE = Path(__file__).resolve().parents[4] / ".cache/hosts/at_rest/passphrase"
CANARY = "canary-of-the-scenario"


def found(host: Host, text: str, *places: str) -> str:
    """Return the files below `places` that hold the text or have it in their names."""
    below = " ".join(places)
    return host.check_output(f"grep -rlF -e '{text}' {below} || true; find {below} -name '*{text}*'")


def test_the_vault_is_mounted(host: Host) -> None:
    assert host.mount_point(MOUNT).exists
    assert host.mount_point(MOUNT).filesystem == "fuse.gocryptfs"
    assert host.service(UNIT).is_running


def test_the_vault_stays_locked_after_a_boot(host: Host) -> None:
    """Only a play has the passphrase: no target starts the unit."""
    assert host.check_output(f"systemctl is-enabled {UNIT}") == "static"


@pytest.mark.parametrize(("path", "mode"), [(STORE, 0o700), (f"{STORE}/cipher", 0o755), (MOUNT, 0o755)])
def test_owners_and_modes(host: Host, path: str, mode: int) -> None:
    directory = host.file(path)
    assert (directory.user, directory.group, directory.mode) == ("root", "root", mode)


def test_a_canary_is_not_found_in_the_store(host: Host) -> None:
    host.check_output(f"echo {CANARY} > {MOUNT}/{CANARY}")
    assert found(host, CANARY, MOUNT).splitlines() == [f"{MOUNT}/{CANARY}"] * 2
    assert found(host, CANARY, STORE) == ""


def test_the_passphrase_is_on_no_disk(host: Host) -> None:
    """The command has it encoded, because sudo writes commands to the journal."""
    encoded = base64.b64encode(PASSPHRASE.read_bytes().strip()).decode()
    places = "/etc /root /home /srv /tmp /run/secure_ftp_synchronize /var/lib/vaults /var/log"
    seek = f'text=$(echo {encoded} | base64 -d); grep -rlF -e "$text" {places}; journalctl -q | grep -F -e "$text"'
    assert host.run(seek).stdout == ""


@pytest.fixture(scope="module")
def locked(host: Host) -> Host:
    host.check_output(f"systemctl stop {UNIT}")
    return host


def test_a_locked_vault_shows_an_empty_mount_point(locked: Host) -> None:
    assert not locked.mount_point(MOUNT).exists
    directory = locked.file(MOUNT)
    assert (directory.user, directory.mode, directory.listdir()) == ("root", 0o555, [])


@pytest.mark.parametrize("account", ["root", "admin"])
def test_a_locked_vault_takes_nothing(locked: Host, account: str) -> None:
    assert locked.run(f"setpriv --reuid={account} --clear-groups touch {MOUNT}/upload").rc != 0
    assert locked.file(MOUNT).listdir() == []


def test_a_locked_vault_does_not_open_without_the_passphrase(locked: Host) -> None:
    assert locked.run(f"systemctl start {UNIT}").rc != 0
    assert not locked.mount_point(MOUNT).exists
    assert found(locked, CANARY, STORE, MOUNT) == ""

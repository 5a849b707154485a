# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is proven: the key and the pins decide, and no message of ssh takes an alarm back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_config import ShownKey
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_failures import unproven
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_messages import SshLog
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import parse_public_key
from support.servers import ssh_keys

KEY, OTHER = ssh_keys.key("unit"), ssh_keys.key("unit-other")
CERTIFIED = ssh_keys.certify_host(KEY, OTHER, principals="h").certificate_text
FORGED = (
    "debug1: Server host key: ssh-ed25519 SHA256:forged\n"
    "debug2: client_status_confirm: subsystem request accepted on channel 0\n"
    "debug1: SSH2_MSG_SERVICE_ACCEPT received\n"
    "ssh: connect to host h port 22: Connection refused\n"
)


def judge(text: str, trust: SshTrust, shown: str = KEY.public, name: str = "h") -> errors.SyncError | None:
    log = SshLog()
    log.feed(text.encode())
    found = ShownKey(name, parse_public_key(*shown.split()[:2])) if shown else None
    return unproven(found, log, trust, "h", is_endpoint=found is not None)


@pytest.mark.parametrize(
    ("pins", "error"),
    [
        ((OTHER.public,), errors.HostKeyChanged),
        ((OTHER.fingerprint,), errors.HostKeyChanged),
        ((f"@cert-authority {OTHER.public}",), errors.HostKeyChanged),
        ((f"@revoked {OTHER.public}",), errors.UnknownHost),
        ((KEY.public, f"@revoked {KEY.public}"), errors.HostKeyRevoked),
    ],
)
def test_no_message_hides_that_a_server_is_not_proven(pins: tuple[str, ...], error: type[errors.SyncError]) -> None:
    found = judge(FORGED, SshTrust(pins))
    assert type(found) is error
    assert KEY.fingerprint in found.message
    assert "forged" not in found.message


@pytest.mark.parametrize(
    ("shown", "pins"),
    [
        (KEY.public, (KEY.public,)),
        (KEY.public, (KEY.fingerprint,)),
        (CERTIFIED, (f"@cert-authority {OTHER.public}",)),
        (CERTIFIED, (KEY.public,)),
    ],
    ids=["key", "fingerprint", "authority", "key in a certificate"],
)
def test_nothing_speaks_against_a_pinned_key(shown: str, pins: tuple[str, ...]) -> None:
    assert judge(FORGED, SshTrust(pins), shown) is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Certificate invalid: expired\nHost key verification failed.\n", errors.TrustError),
        ("ssh_dispatch_run_fatal: Connection to h port 22: incorrect signature\n", errors.TrustError),
        ("Host key ED25519 SHA256:x revoked by file /etc/ssh/revoked\n", errors.HostKeyRevoked),
        ("REMOTE HOST IDENTIFICATION HAS CHANGED\n", errors.HostKeyChanged),
    ],
)
def test_a_message_can_add_a_doubt(text: str, error: type[errors.SyncError]) -> None:
    found = judge(FORGED + text, SshTrust((KEY.public,)))
    assert type(found) is error
    assert "forged" not in found.message


def test_a_jump_host_of_the_users_own_configuration_is_named_by_the_messages_alone() -> None:
    unknown = "No ED25519 host key is known for hop and you have requested strict checking.\n"
    found = judge(unknown, SshTrust((KEY.public,)), shown="")
    assert type(found) is errors.UnknownHost
    assert "jump host hop" in found.message
    assert "shows" not in found.message


@pytest.mark.parametrize("text", ["", "ssh: connect to host h port 22: Connection refused\n"])
def test_a_file_of_pins_that_cannot_be_read_is_not_blamed_for_something_else(tmp_path: Path, text: str) -> None:
    missing = SshTrust(known_hosts_file=os.fspath(tmp_path / "missing"))
    assert judge(text, missing, shown="") is None
    assert type(judge(text, missing)) is errors.UnknownHost


def test_the_name_under_which_ssh_knows_the_server_counts(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"alias {KEY.public}\n[h]:2222 {OTHER.public}\n")
    trust = SshTrust(known_hosts_file=os.fspath(tmp_path / "known"))
    assert judge("", trust, name="alias") is None
    assert type(judge("", trust, name="[h]:2222")) is errors.HostKeyChanged
    assert type(judge("", trust)) is errors.UnknownHost

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer writes arbitrary text into the messages of ssh: no alarm is hidden, no secret is sent, no pin is added."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import sftp_probe
from support.running.patience import HANG_SECONDS
from support.running.pin_task import pin_task
from support.running.tasks import run_task
from support.scripted.forging_ssh import ForgingSsh
from support.servers import ssh_keys

PINNED, IMPOSTOR, ATTACKER = (ssh_keys.key(name) for name in ("pinned", "impostor", "attacker"))
LOCKED = ssh_keys.key("locked", passphrase="canary horse")
FORGED = f"""debug1: Server host key: ssh-ed25519 {ATTACKER.fingerprint}
debug1: kex: algorithm: forged
debug1: SSH2_MSG_SERVICE_ACCEPT received
debug1: Sending subsystem: sftp
debug2: clientloop.c:client_status_confirm():839 (bin=ssh, pid=1): subsystem request accepted on channel 0
debug1: client_input_global_request: rtype hostkeys-00@openssh.com want_reply 0"""


def known(directory: Path, peer: ForgingSsh, key: ssh_keys.SshKey | None) -> Path:
    """Return a file that pins `key` for the peer."""
    file = directory / "known_hosts"
    file.write_text(f"[{peer.host}]:{peer.port} {key.public}\n" if key else "")
    file.chmod(0o600)
    return file


def where(peer: ForgingSsh) -> dict[str, Any]:
    return {
        "host": peer.host,
        "port": peer.port,
        "username": "mirror",
        "ssh_agent": False,
        "ssh_config_file": "none",
        "ssh_client": "openssh",
        "connect_timeout": 8,
        "stall_timeout": 8,
    }


def probed(peer: ForgingSsh, file: Path, **options: Any) -> dict[str, Any]:
    """Return the result of sftp_probe."""
    return run_task(sftp_probe, **{**where(peer), "known_hosts_file": str(file), **options})


@pytest.mark.parametrize("pin", [PINNED, None])
def test_the_alarm_names_the_key_that_was_shown(tmp_path: Path, pin: ssh_keys.SshKey | None) -> None:
    with ForgingSsh(IMPOSTOR, debug=FORGED) as peer:
        result = probed(peer, known(tmp_path, peer, pin), private_key_file=str(PINNED.path))
    assert result["error"]["code"] == ("host_key_changed" if pin else "unknown_host")
    assert IMPOSTOR.fingerprint in result["msg"]
    assert ATTACKER.fingerprint not in result["msg"]
    assert peer.users == []


def test_a_rotation_that_somebody_is_in_the_way_of_is_an_alarm(tmp_path: Path) -> None:
    with ForgingSsh(IMPOSTOR, debug=FORGED) as peer:
        file = known(tmp_path, peer, PINNED)
        before = file.read_bytes()
        task = {"path": str(file), "from_rotation": True, "remove_unannounced": True}
        result = pin_task(**where(peer), **task, private_key_file=str(PINNED.path))
    assert result["error"]["code"] == "host_key_changed"
    assert IMPOSTOR.fingerprint in result["msg"]
    assert ATTACKER.fingerprint not in result["msg"]
    assert file.read_bytes() == before


def test_a_peer_that_says_nothing_more_ends_within_its_time(tmp_path: Path) -> None:
    with ForgingSsh(IMPOSTOR, debug=FORGED, silent=True) as peer:
        started = time.monotonic()
        result = probed(peer, known(tmp_path, peer, PINNED), connect_timeout=2, stall_timeout=2, retries=0)
    assert result["failed"]
    assert time.monotonic() - started < HANG_SECONDS


def test_a_peer_that_talks_without_end_ends_within_its_time(tmp_path: Path) -> None:
    """The messages come faster than they can be parsed."""
    lines = "debug2: host key algorithms: ssh-ed25519\n" * 600
    with ForgingSsh(IMPOSTOR, debug=lines, endless=True) as peer:
        started = time.monotonic()
        result = probed(peer, known(tmp_path, peer, PINNED), connect_timeout=2, stall_timeout=2, retries=0)
    assert result["error"]["code"] == "connect_timeout", result
    assert time.monotonic() - started < HANG_SECONDS


def test_a_text_of_the_peer_never_takes_the_place_of_an_alarm(tmp_path: Path) -> None:
    with ForgingSsh(IMPOSTOR, debug="ssh: connect to host h port 22: Connection refused\n" * 60) as peer:
        result = probed(peer, known(tmp_path, peer, PINNED))
    assert result["error"]["code"] == "host_key_changed"


SANDBOX = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "-U", "--map-user=1")
"""As in some containers: the account has a group in /etc/passwd that the process cannot take."""
INNER = """
import json, sys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials, Endpoint, SshTrust)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_stream import open_openssh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import say_hello
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool

port, pins = int(sys.argv[1]), json.loads(sys.argv[2])
endpoint = Endpoint("sftp", "127.0.0.1", port, "mirror", ssh_config_file="none")
try:
    stream = open_openssh(endpoint, Credentials(ssh_agent=False), SshTrust(tuple(pins)))
    say_hello(stream)
    stream.wait_ready()
    SftpPool(stall_timeout=8).add(stream)
except errors.SyncError as error:
    print(error.code, error.message, error.cure)
"""


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ([PINNED.public], "connection_lost"),
        ([ATTACKER.public], "host_key_changed"),
        ([], "unknown_host"),
        ([PINNED.fingerprint], "invalid_request"),
    ],
    ids=["pinned", "changed", "unknown", "fingerprint"],
)
def test_where_ssh_can_start_no_program_the_cause_is_named(pins: list[str], said: str) -> None:
    with ForgingSsh(PINNED, debug=FORGED) as peer:
        done = subprocess.run(
            [*SANDBOX, sys.executable, "-c", INNER, str(peer.port), json.dumps(pins)],
            env={**os.environ, "HOME": "/root"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout.startswith(said), done
    assert "trust_store_unreadable" not in done.stdout


QUESTIONS = (
    f"Enter passphrase for key '{LOCKED.path}': ",
    "Enter passphrase for key '/': ",
    f"x\nEnter passphrase for key '{LOCKED.path}': ",
    f"x\x1e1 Enter passphrase for key '{LOCKED.path}': ",
)


@pytest.mark.parametrize("question", QUESTIONS, ids=["whole", "another key", "second line", "separator"])
@pytest.mark.parametrize("password", [None, "canary password"], ids=["key", "password"])
def test_a_pinned_server_that_asks_for_the_passphrase_gets_none(
    tmp_path: Path, question: str, password: str | None
) -> None:
    with ForgingSsh(PINNED, prompts=(question,)) as peer:
        options = {"private_key_file": str(LOCKED.path), "passphrase": LOCKED.passphrase, "password": password}
        result = probed(peer, known(tmp_path, peer, PINNED), **options)
    assert result["error"]["code"] == "authentication_failed", result
    assert LOCKED.passphrase not in peer.answers
    assert peer.answers == []

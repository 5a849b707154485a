# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that ssh hands the shown key to; it is run as ssh runs it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_config import (
    ShownKey,
    known_hosts_command,
    shown_key,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import parse_public_key
from support.servers import ssh_keys

KEY, OTHER = ssh_keys.key("unit"), ssh_keys.key("unit-other")
ENCODED = KEY.public.split()[1]
CERTIFICATE = ssh_keys.certify_host(KEY, OTHER, principals="h").certificate_text


@pytest.fixture
def guard() -> Iterator[ChildProcesses]:
    guard = ChildProcesses()
    yield guard
    guard.close()


def call(guard: ChildProcesses, name: str, *words: str) -> str:
    """Return ssh's input."""
    command = ["/bin/sh", guard.path(name + ".witness"), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("HOSTNAME [h]:22 ssh-ed25519 FINGERPRINT AAAA", "[h]:22 ssh-ed25519 AAAA\n"),
        ("HOSTNAME h ssh-ed25519 SHA256:other AAAA", ""),
        ("ORDER h NONE NONE NONE", ""),
        ("ORDER h ssh-ed25519 FINGERPRINT AAAA", ""),
        ("ADDRESS h ssh-ed25519 FINGERPRINT AAAA", ""),
        ("HOSTNAME h ssh-ed25519-cert-v01@openssh.com FINGERPRINT AAAA", ""),
    ],
)
def test_only_pinned_fingerprints_are_known(guard: ChildProcesses, words: str, printed: str) -> None:
    line = known_hosts_command(guard, "target", (OTHER.fingerprint, KEY.fingerprint))
    assert line == f"KnownHostsCommand /bin/sh {guard.path('target.witness')} %I %H %t %f %K"
    assert call(guard, "target", *words.replace("FINGERPRINT", KEY.fingerprint).split()) == printed


def test_the_key_that_was_shown_last_is_known_afterwards(guard: ChildProcesses) -> None:
    known_hosts_command(guard, "hop1")
    assert shown_key(guard, "hop1") is None
    call(guard, "hop1", "ORDER", "h", "NONE", "NONE", "NONE")
    assert shown_key(guard, "hop1") is None
    assert call(guard, "hop1", "HOSTNAME", "[h]:2222", "ssh-ed25519", KEY.fingerprint, ENCODED) == ""
    assert shown_key(guard, "hop1") == ShownKey("[h]:2222", parse_public_key(*KEY.public.split()))
    kind, encoded = CERTIFICATE.split()[:2]
    call(guard, "hop1", "HOSTNAME", "h", kind, KEY.fingerprint, encoded)
    found = shown_key(guard, "hop1")
    assert found is not None
    assert (found.key.is_certificate, found.key.fingerprint) == (True, KEY.fingerprint)
    known_hosts_command(guard, "hop1")
    assert shown_key(guard, "hop1") is None, "a new connection has shown none yet"


def test_no_record_is_no_key(guard: ChildProcesses) -> None:
    assert shown_key(guard, "target") is None
    guard.write("target.shown", "h ssh-ed25519 AAAA\n")
    assert shown_key(guard, "target") is None

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSHFP records: ssh-keygen -r is the judge of which record a key has."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.sshfp import SshfpRecord, named_keys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import parse_public_key
from support.servers import ssh_keys

OTHER = parse_public_key(*ssh_keys.key("unit-other").public.split())


def records(key: ssh_keys.SshKey) -> list[SshfpRecord]:
    command = ["ssh-keygen", "-r", "files.test", "-f", f"{key.path}.pub"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    fields = (line.split()[3:] for line in text.splitlines())
    return [SshfpRecord(int(algorithm), int(kind), bytes.fromhex(digest)) for algorithm, kind, digest in fields]


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa", "ecdsa-384", "ecdsa-521"])
def test_a_key_is_named_by_the_record_of_ssh_keygen_with_sha_256_alone(kind: str) -> None:
    key = parse_public_key(*ssh_keys.key("unit", kind).public.split())
    found = records(ssh_keys.key("unit", kind))
    assert named_keys([OTHER, key], found) == (key,)
    assert named_keys([key], [record for record in found if record.fingerprint_type == 1]) == ()
    assert named_keys([key], [record._replace(algorithm=record.algorithm + 1) for record in found]) == ()
    assert named_keys([key], [record._replace(fingerprint=record.fingerprint[:-1]) for record in found]) == ()
    assert named_keys([key], []) == ()

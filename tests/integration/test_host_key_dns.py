# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSHFP records count if the resolver validated them. Each case has a network and a resolver of its own. Root only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import support

INNER = """
import json, sys
from support.pin_task import pin_task
from support.resolver import HOST, Resolver
from support.sshd import Sshd

case, known = json.loads(sys.argv[1]), sys.argv[2]
with Sshd(host_keys=("ed25519", "ecdsa", "rsa"), name="dns") as server, Sshd(name="impostor") as impostor:
    records = server.host_public_keys[:2] if case["right"] else impostor.host_public_keys
    Resolver(records, validated=case["validated"])
    result = pin_task(host=HOST, port=server.port, path=known, sshfp=True, username="canary", **case["options"])
    result["expected"] = server.fingerprints
    result["told"] = "canary" in server.log()
print(json.dumps(result))
"""


def run(tmp_path: Path, *, trust: bool, validated: bool, right: bool = True, **options: object) -> dict[str, object]:
    """Give the result of a task in a network where DNS is ours."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n" + ("options trust-ad\n" if trust else ""))
    case = json.dumps({"validated": validated, "right": right, "options": options})
    inside = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"'
    command = ["unshare", "-m", "-n", "sh", "-c", inside, str(resolv), sys.executable, "-c", INNER, case]
    tests = str(Path(support.__file__).parents[1])
    paths = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [*command, str(tmp_path / "known")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_validated_records_prove_the_keys_that_they_name(tmp_path: Path) -> None:
    result = run(tmp_path, trust=True, validated=True)
    assert result["changed"], result
    assert sorted(each["fingerprint"] for each in result["actions"]) == sorted(result["expected"][:2])
    assert [each["key_type"] for each in result["offered"] if not each["pinned"]] == ["ssh-rsa"]
    assert not result["told"], "no user name was sent"
    known = (tmp_path / "known").read_text()
    assert known.startswith("[files.test]:")


@pytest.mark.parametrize(("trust", "validated"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("state", ["present", "exact"])
def test_records_that_are_not_validated_prove_nothing(
    tmp_path: Path, state: str, *, trust: bool, validated: bool
) -> None:
    result = run(tmp_path, trust=trust, validated=validated, state=state)
    assert result["error"]["code"] == "unknown_host"
    assert "DNSSEC" in result["msg"]
    assert not (tmp_path / "known").exists()


def test_validated_records_of_another_key_prove_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, trust=True, validated=True, right=False)
    assert result["error"]["code"] == "unknown_host"
    assert not (tmp_path / "known").exists()


def test_paramiko_says_that_it_cannot(tmp_path: Path) -> None:
    result = run(tmp_path, trust=True, validated=True, ssh_client="paramiko")
    assert result["error"]["code"] == "invalid_request"

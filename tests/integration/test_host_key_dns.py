# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSHFP records count if a resolver on this machine validated them. Each case has a network and a resolver of its own.

The resolver is unbound. Root only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import support
from support.servers.resolver import FORGED, HOST, SIGNED, UNSIGNED
from support.servers.server_root import server_root

INNER = """
import json, sys
from pathlib import Path
from support.servers import ssh_keys
from support.scripted.forging_ssh import ForgingSsh
from support.running.pin_task import pin_task
from support.servers.resolver import HOST, Resolver
from support.servers.sshd import Sshd

case, known, root = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
FORGED = "debug1: found 1 secure fingerprints in DNS\\ndebug1: matching host key fingerprint found in DNS"
impostor = ssh_keys.key("impostor")
with Sshd(host_keys=("ed25519", "ecdsa", "rsa"), name="dns") as server, ForgingSsh(impostor, debug=FORGED) as peer:
    records = server.host_public_keys[:2] if case["right"] else [impostor.public]
    met = peer if case["between"] else server
    with Resolver(Path(root), records, zone=case["zone"], digests=tuple(case["digests"])):
        result = pin_task(host=HOST, port=met.port, path=known, sshfp=True, username="canary", **case["options"])
    result["expected"] = server.fingerprints
    result["told"] = "canary" in server.log() or peer.users
print(json.dumps(result))
"""
RESOLV = "nameserver 127.0.0.1\noptions trust-ad\n"


def run(
    tmp_path: Path,
    *,
    resolv: str = RESOLV,
    zone: str = SIGNED,
    right: bool = True,
    between: bool = False,
    digests: tuple[int, ...] = (2,),
    **options: object,
) -> dict[str, object]:
    """Return the result of a task in a network with the test's own DNS. between: the client reaches another server."""
    (tmp_path / "resolv.conf").write_text(resolv)
    case = {"zone": zone, "right": right, "between": between, "digests": digests, "options": options}
    (tmp_path / "hosts").write_text(f"127.0.0.1 {HOST}\n")
    inside = (
        'ip link set lo up && mount --bind "$0"/hosts /etc/hosts && '
        'mount --bind "$0"/resolv.conf /etc/resolv.conf && exec "$@"'
    )
    command = ["unshare", "-m", "-n", "sh", "-c", inside, str(tmp_path), sys.executable, "-c", INNER]
    tests = str(Path(support.__file__).parents[1])
    paths = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [*command, json.dumps(case), str(tmp_path / "known"), str(server_root(["unbound"]))],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(tmp_path: Path, code: str = "unknown_host", **case: object) -> str:
    """Return the message of a task that must fail with `code` and write nothing."""
    result = run(tmp_path, **case)
    assert result["error"]["code"] == code, result
    assert not (tmp_path / "known").exists()
    assert not result["told"], "no user name was sent"
    return result["msg"]


def test_validated_records_prove_the_keys_that_they_name(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result["changed"], result
    assert sorted(each["fingerprint"] for each in result["changes"]) == sorted(result["expected"][:2])
    assert [each["key_type"] for each in result["offered"] if not each["pinned"]] == ["ssh-rsa"]
    assert not result["told"], "no user name was sent"
    assert (tmp_path / "known").read_text().startswith("[files.test]:")


@pytest.mark.parametrize(("zone", "state"), [(UNSIGNED, "exact"), (FORGED, "present")])
def test_records_that_are_not_validated_prove_nothing(tmp_path: Path, state: str, zone: str) -> None:
    assert "DNSSEC" in refused(tmp_path, zone=zone, state=state)


def test_a_peer_that_forges_the_messages_of_ssh_is_not_pinned(tmp_path: Path) -> None:
    assert "DNSSEC" in refused(tmp_path, zone=UNSIGNED, between=True)
    assert "DNSSEC" in refused(tmp_path, between=True)


def test_a_resolver_that_the_administrator_does_not_vouch_for_proves_nothing(tmp_path: Path) -> None:
    assert "trust-ad" in refused(tmp_path, resolv="nameserver 127.0.0.1\n")


def test_a_resolver_elsewhere_is_not_asked(tmp_path: Path) -> None:
    message = refused(tmp_path, "invalid_request", resolv="nameserver 192.0.2.1\noptions trust-ad\n")
    assert "this machine" in message


def test_records_of_another_key_or_by_sha1_prove_nothing(tmp_path: Path) -> None:
    assert "other keys" in refused(tmp_path, right=False)
    assert "other keys" in refused(tmp_path, digests=(1,))


def test_an_address_has_no_records(tmp_path: Path) -> None:
    assert "address" in refused(tmp_path, "invalid_request", proxy_jump=[], ssh_config_file=address(tmp_path))


def address(tmp_path: Path) -> str:
    """Return an SSH client's configuration that turns the name into an address."""
    (tmp_path / "config").write_text("Host files.test\n  HostName 127.0.0.1\n")
    return str(tmp_path / "config")


def test_paramiko_says_that_it_cannot(tmp_path: Path) -> None:
    refused(tmp_path, "invalid_request", ssh_client="paramiko")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that report good settings and serve bad settings: the attacks of the controller fail the rows of the lie.

The servers are real; a good host would send the same observations.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import ssh_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit import audit_report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import profile_named
from support.running.tasks import run_task
from support.running.tls_policy_task import policy_task
from support.scenes.audit_site import good_site, of_today
from support.servers import ssh_keys
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

ALGORITHMS = tuple(f"{keyword} {','.join(names)}" for keyword, names in profile_named("compatible").algorithms.items())
PENALTIES = "PerSourcePenalties authfail:5 noauth:1 min:15"
LOST = ssh_keys.key("lost")


def observed(**changes: Any) -> dict[str, Any]:
    """Return the answer of a good host, now. changes: name of an observation -> more values."""
    seen = [of_today(each._asdict()) for each in good_site().observations["files1"].values()]
    for each in seen:
        each["value"] = {**each["value"], **changes[each["what"]]} if each["what"] in changes else each["value"]
    return {"observations": seen}


def failures(**options: Any) -> dict[str, list[str]]:
    """Return the findings of each failed row of a report about the host."""
    given = {
        "accounts": {"files1": ["partner"]},
        "people": {"files1": ["owner"]},
        "observed": {"files1": observed()},
        "fail_on": "none",
        **options,
    }
    rows = run_task(audit_report, **given)["rows"]
    return {row["control"]: [each["observed"] for each in row["findings"]] for row in rows if row["state"] == "fail"}


def probed(server: Sshd, *, guesses: int = 0, refused: Any = ()) -> dict[str, Any]:
    given = {"host": server.host, "port": server.port, "known_hosts_file": str(server.known_hosts), "pause": 0.0}
    result = run_task(
        ssh_probe,
        **given,
        ssh_config_file="none",
        accounts=[server.user],
        guesses=guesses,
        refused=list(refused),
        fail_on="none",
    )
    assert "error" not in result, result
    return result


@pytest.mark.parametrize(
    ("options", "guesses", "control", "words"),
    [
        ({"config": (*ALGORITHMS, PENALTIES)}, 20, None, ""),
        ({"config": (*ALGORITHMS, PENALTIES), "password": True}, 0, "2.1", "login_without_key: "),
        ({"config": ("Ciphers +aes128-cbc", *ALGORITHMS, PENALTIES)}, 0, "6.2", "weak_algorithm: the server offers"),
        ({"config": ALGORITHMS}, 6, "6.3", "no_penalty: 6 guesses without a penalty"),
    ],
)
def test_lies_about_sshd(options: dict[str, Any], guesses: int, control: str | None, words: str) -> None:
    with Sshd(**options) as server:
        attacks = probed(server, guesses=guesses)
    found = failures(scope={"sftp_servers": ["files1"]}, ssh_attacks={"files1": attacks})
    assert set(found) == ({control, "9.2"} if control else set())
    assert control is None or found[control][0].startswith(f"ssh_probe: {words}")


@pytest.mark.parametrize(("kind", "control"), [("key_alone", "2.3"), ("revoked_key", "10.1")])
def test_lies_about_keys(kind: str, control: str) -> None:
    with Sshd(config=(*ALGORITHMS, PENALTIES), authorized=(LOST,)) as server:
        attempt = {"kind": kind, "username": server.user, "private_key_file": str(LOST.path)}
        attacks = probed(server, refused=[attempt])
    found = failures(scope={"sftp_servers": ["files1"]}, ssh_attacks={"files1": attacks})
    assert set(found) == {control, "9.2"}
    assert found[control][0].startswith(f"ssh_probe: {kind}: ")


def test_lies_about_vsftpd() -> None:
    """It names options that demand TLS and client certificates, and serves neither."""
    names = ("ssl_request_cert", "require_cert", "validate_cert", "force_local_logins_ssl", "force_local_data_ssl")
    claimed = observed(ftps_settings=dict.fromkeys(names, "YES"))
    lines = ("force_local_logins_ssl=NO", "anonymous_enable=YES", "ftp_username=daemon")
    with Vsftpd(config=lines) as server:
        result = policy_task(server, require_client_cert=True)
    found = failures(scope={"ftps_servers": ["files1"]}, observed={"files1": claimed}, tls={"files1": result})
    assert found["2.2"][0].startswith("tls_policy: client_certificate: ")
    assert found["1.3"], found

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh_probe with real sshds on loopback: a hardened server has no finding, and each weakness has the finding of its
name."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import ssh_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe import answer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import (
    profile_named,
)
from support.running.tasks import run_task
from support.servers import ssh_keys
from support.servers.sshd import Sshd

AUTHORITY, KEY, LOST = ssh_keys.key("authority"), ssh_keys.key("attacker"), ssh_keys.key("lost")
ALGORITHMS = tuple(f"{keyword} {','.join(names)}" for keyword, names in profile_named("compatible").algorithms.items())
HARDENED: dict[str, Any] = {"config": (*ALGORITHMS, "PerSourcePenalties authfail:5 noauth:1 min:15")}
UNPUNISHED: dict[str, Any] = {"config": ALGORITHMS}
FACTORS = {"keyboard_interactive": True, "methods": "publickey,keyboard-interactive"}
PASSWORD_TOO = {"password": True, "methods": "publickey,password"}


def probed(server: Sshd, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a task about a server."""
    given = {
        "host": server.host,
        "port": server.port,
        "known_hosts_file": str(server.known_hosts),
        "ssh_config_file": "none",
        "accounts": [server.user],
        "pause": 0.0,
        "fail_on": "none",
        **options,
    }
    return run_task(ssh_probe, check=check, **given)


def found(result: dict[str, Any]) -> dict[str, str]:
    assert "error" not in result, result
    return {each["id"]: each["observed"] for each in result["findings"]}


def refused(server: Sshd, kind: str, key: ssh_keys.SshKey, certificate: str | None = None) -> list[dict[str, Any]]:
    """Return the option for one login that must be refused."""
    login = {"kind": kind, "username": server.user, "private_key_file": str(key.path)}
    return [{**login, "certificate_file": certificate}]


def test_a_hardened_server_refuses_the_attacks() -> None:
    with Sshd(**HARDENED) as server:
        result = probed(server, guesses=20, fail_on="low")
        assert (found(result), result.get("failed"), result["not_checked"]) == ({}, None, [])
        assert result["tried"] == ["algorithms", f"login without a key as {server.user}", "guesses"]
        assert 0 < result["guesses"] < 20
        assert result["mark"] in server.log()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": True}, {"login_without_key": "the server offers password"}),
        (
            {"config": (*ALGORITHMS[1:], "KexAlgorithms +diffie-hellman-group14-sha1")},
            {"weak_algorithm": "group14-sha1"},
        ),
        ({"config": ("Ciphers +aes128-cbc", *ALGORITHMS)}, {"weak_algorithm": "Ciphers: aes128-cbc"}),
        ({"config": (*ALGORITHMS, "PerSourceMaxStartups 1")}, {"no_penalty": "6 guesses without a penalty"}),
        (UNPUNISHED, {"no_penalty": "6 guesses without a penalty"}),
    ],
)
def test_each_weakness_has_its_finding(options: dict[str, Any], words: dict[str, str]) -> None:
    with Sshd(**{**HARDENED, **options}) as server:
        observed = found(probed(server, guesses=6 if "no_penalty" in words else 0))
        assert set(observed) == set(words)
        assert all(part in observed[code] for code, part in words.items()), observed


@pytest.mark.parametrize("options", [FACTORS, PASSWORD_TOO, {}])
def test_a_key_alone_of_a_person(options: dict[str, Any]) -> None:
    with Sshd(**UNPUNISHED, **options) as server:
        result = probed(server, refused=refused(server, "key_alone", server.key))
        assert (set(found(result)), result["not_checked"]) == (set() if options else {"key_alone"}, [])
        unknown = probed(server, refused=refused(server, "key_alone", LOST))
        assert found(unknown) == {}
        assert unknown["not_checked"][0]["why"] == "the server does not accept the key as a first factor"


@pytest.mark.parametrize("options", [{}, FACTORS, PASSWORD_TOO])
@pytest.mark.parametrize("revoked", [True, False])
def test_a_revoked_key(revoked: bool, options: dict[str, Any]) -> None:
    lists = {"revoked_keys": ssh_keys.revocation_list(LOST)} if revoked else {}
    with Sshd(**HARDENED, **lists, **options, authorized=(KEY, LOST)) as server:
        result = probed(server, refused=refused(server, "revoked_key", LOST))
        assert ("revoked_key" in found(result)) is not revoked
        assert result["not_checked"] == []


@pytest.mark.parametrize("password_too", [False, True])
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_an_expired_certificate(kind: str, password_too: bool) -> None:
    """The plain key is authorized, and ssh sends it after the certificate."""
    key = ssh_keys.key("attacker", kind)
    with Sshd(**HARDENED, **(PASSWORD_TOO if password_too else {}), user_ca=AUTHORITY, authorized=(key,)) as server:
        signed = ssh_keys.certify_user(key, AUTHORITY, principals=server.user, validity="-2h:-1h")
        result = probed(server, refused=refused(server, "expired_certificate", key, str(signed.certificate)))
        assert (found(result), result["not_checked"]) == ({}, [])
        assert "Certificate invalid: expired" in server.log()
        assert result["tried"][-1] == f"the expired certificate of {server.user}"


@pytest.mark.parametrize("password_too", [False, True])
def test_a_server_that_accepts_an_expired_certificate(password_too: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of the server the certificate is valid."""
    options = PASSWORD_TOO if password_too else {}
    with Sshd(**HARDENED, **options, user_ca=AUTHORITY, authorized=()) as server:
        signed = ssh_keys.certify_user(KEY, AUTHORITY, principals=server.user, validity="-5m:+1h")
        monkeypatch.setattr(answer.time, "time", lambda clock=time.time: clock() + 7200)
        attempt = refused(server, "expired_certificate", KEY, str(signed.certificate))
        result = probed(server, refused=attempt)
        assert set(found(result)) == {"expired_certificate"}, result


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("locked", "is no key without a passphrase"),
        ("junk", "is no key without a passphrase"),
        ("valid certificate", "the certificate has not ended yet"),
        ("no method", "ssh did not send the key"),
    ],
)
def test_a_login_that_did_not_happen_is_not_checked(case: str, why: str, tmp_path: Path) -> None:
    options = {"config": (*ALGORITHMS, "AuthenticationMethods password")} if case == "no method" else HARDENED
    with Sshd(**options, password=True, user_ca=AUTHORITY, authorized=(LOST,)) as server:
        attempt = refused(server, "revoked_key", LOST)
        if case == "locked":
            attempt[0]["private_key_file"] = str(ssh_keys.key("lost", passphrase="secret").path)
        elif case == "junk":
            attempt[0]["private_key_file"] = str(tmp_path / "junk")
            (tmp_path / "junk").write_text("junk\n")
        elif case == "valid certificate":
            signed = ssh_keys.certify_user(KEY, AUTHORITY, principals="other")
            attempt = refused(server, "expired_certificate", KEY, str(signed.certificate))
        result = probed(server, refused=attempt)
        assert why in "".join(each["why"] for each in result["not_checked"]), result
        assert not any("certificate" in each or "revoked" in each for each in result["tried"])


def test_a_refused_connection_hides_no_finding() -> None:
    weak = ("Ciphers +3des-cbc", *ALGORITHMS, "PerSourcePenalties noauth:30 min:1")
    with Sshd(config=weak) as server:
        result = probed(server, accounts=[server.user, "root"], pause=1.0)
        assert set(found(result)) == {"weak_algorithm"}
        assert [each["what"] for each in result["not_checked"]] == ["login without a key as root"], result


def test_another_server_gets_no_key() -> None:
    with Sshd(**HARDENED) as server, Sshd(**HARDENED, name="other") as other:
        result = probed(server, known_hosts_file=str(other.known_hosts))
        assert (result["failed"], result["error"]["code"]) == (True, "unknown_host"), result


def test_a_server_that_is_down() -> None:
    with Sshd(**HARDENED) as server:
        result = probed(server, port=1, guesses=3)
        assert result["error"]["code"] == "connection_failed", result


@pytest.mark.parametrize("tools", [(), ("ssh",)])
def test_a_missing_tool_is_named(tools: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ssh nothing can be tried, and without ssh-keygen no guesses. Neither counts as refused."""
    for name in tools:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    with Sshd(**HARDENED) as server:
        with monkeypatch.context() as patched:
            patched.setenv("PATH", str(tmp_path))
            result = probed(server, guesses=3)
        if not tools:
            assert (result["failed"], result["error"]["code"]) == (True, "client_missing"), result
            return
        assert result["not_checked"] == [{"what": "guesses", "why": "ssh-keygen is not installed"}]
        assert "guesses" not in result["tried"]


def test_check_mode_tries_nothing() -> None:
    with Sshd(**HARDENED) as server:
        result = probed(server, check=True, guesses=5)
        assert (result["tried"], result["msg"]) == ([], "not tried in check mode")

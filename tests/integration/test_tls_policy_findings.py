# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding of tls_policy: a server that shows it, and servers that show none of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from support.running.play import Play
from support.running.tls_policy_task import ids, policy_task
from support.scripted.hello_server import HelloServer, server_flight
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import FtpsServer
from support.servers.openssl_server import OldTlsServer, OpensslServer, made_by_openssl
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.tls_authority import EXPIRED, NOT_YET_VALID, Authority, authority
from support.servers.vsftpd import Vsftpd

TLS_POLICY = "secure.ftp_synchronize.tls_policy"
INTERMEDIATE = "ECDHE+AESGCM:ECDHE+CHACHA20"
GROUPS = "X25519MLKEM768:X25519:P-256:P-384"
ANY = ("-cipher", "ALL:@SECLEVEL=0")
NULL = ("-cipher", "NULL:@SECLEVEL=0")
STATIC = ("-cipher", "AES128-GCM-SHA256")
ANONYMOUS = ("anonymous_enable=YES", "ftp_username=daemon")
HELLO_12 = (0x0303, 0xC02F)


class Case(NamedTuple):
    """A finding, and the server that shows it. observed: words of it; options, endpoint: of the task."""

    id: str
    severity: str
    observed: str
    server: Callable[[Path], Any]
    options: dict[str, Any] = {}  # noqa: RUF012
    endpoint: dict[str, Any] = {}  # noqa: RUF012


def openssl(*arguments: str, **certificate: Any) -> Callable[[Path], Any]:
    """Return a function that starts an s_server with a certificate of `openssl req`."""
    return lambda _path: OpensslServer(*arguments, certificate=made_by_openssl(**certificate) if certificate else None)


def old(**settings: Any) -> Callable[[Path], Any]:
    """Return a function that starts a server of old TLS."""
    return lambda _path: OldTlsServer(**settings)


def signed(who: Authority | None = None, *names: str, **options: Any) -> Callable[[Path], Any]:
    """Return a function that starts an s_server with a certificate of an authority."""
    return lambda _path: OpensslServer(certificate=(who or authority()).server(*names, **options))


def hello(**flight: Any) -> Callable[[Path], Any]:
    """Return a function that starts a server that only sends a first flight: no library does this any more."""
    return lambda _path: _with_certificate(HelloServer(*HELLO_12, server_flight(*HELLO_12, **flight)))


def _with_certificate(server: Any) -> Any:
    server.certificate = made_by_openssl()
    return server


def scripted(*behaviours: str) -> Callable[[Path], Any]:
    """Return a function that starts a scripted FTPS server."""
    return lambda path: ScriptedFtps(path, *behaviours)


def vsftpd(*lines: str, **options: Any) -> Callable[[Path], Any]:
    """Return a function that starts a vsftpd with lines of configuration."""
    return lambda _path: Vsftpd(config=lines, **options)


def other_certificate(path: Path) -> Any:
    """Return a server whose data connections show another certificate of the same authority."""
    return ScriptedFtps(path, f"other_certificate={authority().server().combined}")


NO_ACCOUNT = {"username": None, "password": None}
OURS = {"ca_file": str(authority().file)}
DES = {"cipherNames": ["3des"], "maxVersion": [3, 3]}
RC4 = {"cipherNames": ["rc4"], "maxVersion": [3, 3]}

CASES = [
    # versions
    Case("protocol_version", "critical", "SSLv3", old(minVersion=[3, 0], maxVersion=[3, 0])),
    Case("protocol_version", "high", "TLSv1 is", openssl("-tls1", *ANY)),
    Case("protocol_version", "high", "TLSv1.1", openssl("-tls1_1", *ANY)),
    Case("protocol_version", "medium", "TLSv1.2", openssl(), {"profile": "modern"}),
    Case("protocol_version_missing", "low", "TLSv1.3", openssl("-tls1_2")),
    Case("protocol_version_missing", "medium", "TLSv1.3", openssl("-tls1_2"), {"profile": "modern"}),
    Case("tls_missing", "critical", "502", scripted("auth_refused")),
    # suites
    Case("cipher_suite", "critical", "TLS_RSA_WITH_NULL_SHA256", openssl("-tls1_2", *NULL, key="rsa:2048")),
    Case("cipher_suite", "critical", "TLS_DH_anon_", openssl("-tls1_2", "-cipher", "ADH:@SECLEVEL=0")),
    Case("cipher_suite", "high", "RC4_128_SHA", old(**RC4)),
    Case("cipher_suite", "medium", "3DES", old(**DES)),
    Case("cipher_suite", "medium", "no forward secrecy", openssl("-tls1_2", *STATIC, key="rsa:2048")),
    Case("cipher_suite", "low", "CBC", openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")),
    Case("cipher_suite", "low", "TLS_AES_128_CCM_SHA256", openssl("-ciphersuites", "TLS_AES_128_CCM_SHA256")),
    # groups
    Case("group", "info", "secp521r1", openssl("-groups", "P-521")),
    Case("group", "high", "secp192r1", openssl("-tls1_2", "-groups", "P-192", *ANY, key="rsa:2048")),
    Case("dh_prime", "critical", "1024", openssl("-tls1_2", *ANY)),
    Case("post_quantum", "info", "no post-quantum", openssl("-groups", "X25519")),
    Case("post_quantum", "low", "no post-quantum", openssl("-groups", "X25519"), {"profile": "modern"}),
    # the handshake
    Case("compression", "high", "CRIME", hello(compression=1)),
    Case("renegotiation", "high", "TLSv1.2", hello(extensions=b"")),
    Case("extended_master_secret", "low", "TLSv1.2", old(maxVersion=[3, 3], useExtendedMasterSecret=False)),
    Case("client_certificate", "high", "not requested", openssl(), {"require_client_cert": True}),
    Case("client_certificate", "high", "not required", openssl("-verify", "1"), {"require_client_cert": True}),
    # certificates
    Case("chain_untrusted", "high", "", signed(Authority("stranger")), endpoint=OURS),
    Case("chain_outdated", "high", "expired", signed(validity=EXPIRED), endpoint=OURS),
    Case("certificate_expired", "high", "ended", signed(validity=EXPIRED), endpoint=OURS),
    Case("certificate_not_yet_valid", "high", "begins", signed(validity=NOT_YET_VALID), endpoint=OURS),
    Case("certificate_expires_soon", "low", "ends", openssl(days=5, name="127.0.0.1")),
    Case("certificate_lifespan", "info", "500", openssl(days=500)),
    Case("certificate_lifespan", "info", "100", openssl(days=100), {"profile": "modern"}),
    Case("host_name", "high", "other.example", signed(None, "other.example"), endpoint=OURS),
    Case("key_size", "high", "1024", openssl(*ANY, key="rsa:1024")),
    Case("key_size", "info", "2048", openssl(key="rsa:2048")),
    Case("key_size", "high", "192", openssl(*ANY, key="ec:P-192")),
    Case("key_type", "low", "ed25519", openssl(key="ed25519")),
    Case("certificate_signature", "high", "SHA1", openssl(*ANY, digest="sha1")),
    Case("certificate_signature", "critical", "md5", openssl(*ANY, key="rsa:2048", digest="md5")),
    Case("revocation", "info", "no OCSP", signed(), endpoint=OURS),
    Case("certificate_unreadable", "high", "", hello(certificates=(b"\x30\x03\x02\x01\x00",))),
    Case("pin", "high", "sha256//", openssl(), endpoint={"tls_pins": ["sha256//" + "A" * 43 + "="]}),
    # properties that scanners do not check
    Case("cleartext_login", "critical", "331", vsftpd("force_local_logins_ssl=NO")),
    Case("cleartext_anonymous", "medium", "", vsftpd(*ANONYMOUS)),
    Case("command_injection", "high", "AUTH TLS", scripted()),
    Case("data_clear", "high", "without PROT", vsftpd("force_local_data_ssl=NO")),
    Case("data_clear", "high", "after PROT C", vsftpd("force_local_data_ssl=NO")),
    Case("prot_c", "high", "", vsftpd("force_local_data_ssl=NO")),
    Case("prot_c", "low", "", vsftpd()),
    Case("ccc", "high", "", lambda _path: PureFtpd()),
    Case("data_certificate", "high", "another", other_certificate),
    Case("data_session_reuse", "medium", "", vsftpd(reuse=False)),
    Case("data_tls", "medium", "", scripted("refused_data")),
    Case("any_login", "critical", "230", scripted("pass_answered=230%20in%0D%0A"), {"marked_login": True}, NO_ACCOUNT),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.id}-{case.observed or case.severity}" for case in CASES])
def test_a_server_that_shows_it(case: Case, tmp_path: Path) -> None:
    with case.server(tmp_path) as server:
        result = policy_task(server, endpoint=case.endpoint, **case.options)
    assert "failed" not in result, result["msg"]
    found = [(each["severity"], each["observed"]) for each in result["findings"] if each["id"] == case.id]
    assert any(severity == case.severity and case.observed in observed for severity, observed in found), result


def good_vsftpd() -> FtpsServer:
    """Return a vsftpd that follows the profile as far as it can: it answers PROT C with yes, and has one group."""
    certificate = made_by_openssl()
    lines = ("ssl_ciphers=" + INTERMEDIATE,)
    return _trusting_itself(Vsftpd(certificate=certificate, config=lines))


def good_proftpd() -> FtpsServer:
    """Return a ProFTPD that follows the profile; it has no option for the groups of TLS 1.3."""
    certificate = made_by_openssl()
    return _trusting_itself(ProftpdFtps(certificate=certificate, config=("TLSCipherSuite " + INTERMEDIATE,)))


def _trusting_itself(server: FtpsServer) -> FtpsServer:
    server.authority = type("Own", (), {"file": server.certificate.chain})
    return server


GOOD = {
    "vsftpd": (good_vsftpd, {"prot_c", "post_quantum"}),
    "proftpd": (good_proftpd, {"group"}),
    "s_server": (lambda: OpensslServer("-cipher", INTERMEDIATE, "-groups", GROUPS), set()),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_server_shows_none_of_them(name: str) -> None:
    make, known = GOOD[name]
    with make() as server:
        result = policy_task(server, fail_on="medium")
    assert "failed" not in result, result
    assert ids(result) == known
    assert ids(result, "critical", "high", "medium") == set()
    assert result["observed"]["chain_trusted"] is True


def test_every_finding_is_shown_by_one_server_and_by_one_not() -> None:
    source = Path(__file__).parents[2] / "plugins/module_utils/_engine/tls"
    words = "\n".join(path.read_text() for path in source.glob("*checks.py"))
    every = {word.split('"')[1] for word in words.replace("\n", "").replace(" ", "").split("Finding(")[1:]}
    assert every == {case.id for case in CASES}
    assert set.intersection(*(known for _make, known in GOOD.values())) == set()
    assert len(CASES) > len(every) > 25


@pytest.mark.parametrize("arguments", [("-Verify", "1"), ("-Verify", "1", "-tls1_2")], ids=["1.3", "1.2"])
def test_a_demanded_client_certificate_is_seen(arguments: tuple[str, ...]) -> None:
    with OpensslServer(*arguments) as server:
        result = policy_task(server, require_client_cert=True)
    assert result["observed"]["client_certificate"] == "required"
    assert "client_certificate" not in ids(result)


@pytest.mark.parametrize("kind", [Vsftpd, ProftpdFtps])
def test_with_a_client_certificate_data_connections_are_looked_at(kind: type[FtpsServer]) -> None:
    clients = Authority("clients")
    own = clients.client()
    pem = {"client_cert_file": str(own.chain), "client_key_file": str(own.key)}
    with kind(client_authority=clients) as server:
        result = policy_task(server, endpoint=pem, require_client_cert=True)
    assert "client_certificate" not in ids(result)
    assert result["observed"]["client_certificate"] == "required"
    assert result["observed"]["clear_login"] is False
    assert result["observed"]["data"]["resumed"] is True


@pytest.mark.parametrize("forced", [True, False])
def test_a_server_that_refuses_unknown_names_hides_its_logins_in_cleartext(forced: bool) -> None:
    """The list of users has no line for the name of the check, so vsftpd refuses it with and without TLS."""
    users = ("userlist_enable=YES", "userlist_deny=NO", "userlist_file=/etc/passwd")
    with Vsftpd(config=(f"force_local_logins_ssl={'YES' if forced else 'NO'}", *users)) as server:
        result = policy_task(server, endpoint={"username": None, "password": None})
    assert "failed" not in result, result["msg"]
    assert "cleartext_login" not in ids(result)
    assert result["observed"]["clear_login"] is (False if forced else None)
    reasons = {each["what"]: each["why"] for each in result["not_checked"]}
    refused = {} if forced else {"cleartext login": "530 Permission denied."}
    assert {what: why.rpartition(": ")[2] for what, why in reasons.items() if what != "data connections"} == refused


def test_without_the_demanded_client_certificate_logins_in_cleartext_are_not_checked() -> None:
    with Vsftpd(client_authority=Authority("clients")) as server:
        result = policy_task(server, endpoint={"username": None, "password": None})
    assert result["observed"]["clear_login"] is None
    assert "cleartext login" in [each["what"] for each in result["not_checked"]]


def test_implicit_tls() -> None:
    with Vsftpd(implicit=True) as server:
        result = policy_task(server)
    assert [each["version"] for each in result["observed"]["versions"]] == ["TLSv1.2", "TLSv1.3"]
    assert result["observed"]["clear_login"] is None
    assert result["observed"]["data"]["reuse_demanded"] is True


def test_a_password_goes_to_a_proven_server_only() -> None:
    with Vsftpd(certificate=Authority("stranger").server()) as server:
        result = policy_task(server)
        said = server.transcript()
    assert "chain_untrusted" in ids(result, "high")
    assert [each["what"] for each in result["not_checked"]] == ["data connections"]
    assert "not proven" in result["not_checked"][0]["why"]
    assert "PASS" not in said.replace('PASS <password>"', "") or "anonymous" in said
    assert server.password not in said


def test_a_wrong_password_fails_the_task_with_all_findings() -> None:
    with Vsftpd() as server:
        result = policy_task(server, endpoint={"password": "wrong"})
    assert result["error"]["code"] == "authentication_failed"
    assert "cipher_suite" in ids(result)
    assert [each["what"] for each in result["not_checked"]] == ["data connections"]


def test_nobody_there() -> None:
    with Vsftpd() as server:
        pass
    assert policy_task(server)["error"]["code"] == "connection_failed"


def test_two_certificates_are_both_seen(tmp_path: Path) -> None:
    weak = made_by_openssl("rsa:1024")
    second = ("-dcert", str(weak.chain), "-dkey", str(weak.key), *ANY)
    with OpensslServer(*second) as server:
        result = policy_task(server)
    assert sorted(each["key_type"] for each in result["observed"]["certificates"]) == ["rsa", "secp256r1"]
    assert "key_size" in ids(result, "high")


def test_a_server_with_a_limit_is_not_given_up() -> None:
    with Vsftpd(max_per_ip=1) as server:
        result = policy_task(server, pause=0.0)
    assert "failed" not in result, result["msg"]
    assert result["observed"]["data"]["protected"] == ""


def test_as_a_play_runs_it(tmp_path: Path) -> None:
    with Vsftpd(config=("force_local_logins_ssl=NO",)) as server:
        endpoint = {"host": server.host, "port": server.port, "ca_file": str(server.authority.file)}
        account = {"username": server.user, "password": server.password}
        tasks = [
            {TLS_POLICY: {"endpoint": endpoint | account, "pause": 0}},
            {TLS_POLICY: {"endpoint": endpoint, "pause": 0, "fail_on": "none", "profile": "modern-2026"}},
        ]
        played = Play(tmp_path / "play").run(tasks, "-vvv")
    strict, lenient = played.results
    assert strict["failed"], played.output
    assert strict["error"]["code"] == "policy_not_met"
    assert "cleartext_login" in ids(strict, "critical")
    assert strict["counts"]["critical"] == 1
    assert not lenient["failed"], played.output
    assert lenient["profile"] == "modern-2026"
    assert lenient["not_checked"] == [{"what": "data connections", "why": "no account was given"}]
    assert server.password not in played.output
    assert server.password not in json.dumps(played.results)


def test_old_tls_is_old_for_others_too() -> None:
    """This machine's OpenSSL does not support it: the findings there do not come from OpenSSL."""
    with OldTlsServer(minVersion=[3, 0], maxVersion=[3, 0], cipherNames=["rc4"]) as server:
        command = ["openssl", "s_client", "-connect", f"{server.host}:{server.port}", "-cipher", "ALL:@SECLEVEL=0"]
        tried = subprocess.run([*command, "-tls1"], input="", capture_output=True, text=True, timeout=20, check=False)
        result = policy_task(server)
    assert tried.returncode != 0
    (version,) = result["observed"]["versions"]
    assert version["version"] == "SSLv3"
    assert {suite.rpartition("_WITH_")[2] for suite in version["suites"]} == {"RC4_128_SHA"}
    assert [each["what"] for each in result["not_checked"]] == ["chain", "client certificate"]


def test_the_page_says_what_happens(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/tls_policy.md").read_text()
    (task,), told, *_apply = (yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S))
    with Vsftpd(config=("force_local_logins_ssl=NO", "force_local_data_ssl=NO")) as server:
        mine = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "ca_file": str(server.authority.file),
        }
        task[TLS_POLICY]["endpoint"] |= mine
        play = Play(tmp_path / "play")
        variables = {"ansible_python_interpreter": sys.executable, "ftps_password": server.password}
        play.keywords["vars"] = variables
        (result,) = play.run([task]).results
    assert result["error"]["code"] == "policy_not_met"
    assert [each for each in result["findings"] if each["severity"] in ("critical", "high")] == told


def test_the_page_names_every_finding() -> None:
    text = (Path(__file__).parents[2] / "docs/tls_policy.md").read_text()
    table = text.partition("## Checks")[2].partition("\n## ")[0]
    named = {name for row in table.splitlines() if row.startswith("|") for name in re.findall(r"`([a-z_]+)`", row)}
    assert named - {"require_client_cert", "ca_file", "anonymous", "marked_login"} == {case.id for case in CASES}

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tls_policy writes a policy into real servers, on the host where they run, and leaves them alone where it fails."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from support.hosts.policy_hosts import HOSTS, PolicyHost, ProftpdHost, Vsftpd12Host, VsftpdHost
from support.running.processes import descendants
from support.running.tls_policy_task import ids, policy_task
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.openssl_server import made_by_openssl
from support.servers.tls_authority import EXPIRED, authority

TLS_POLICY = "secure.ftp_synchronize.tls_policy"
SEVERE = ("critical", "high", "medium")
_SCOREBOARD_HEAD = 32


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PolicyHost]:
    with HOSTS[request.param](tmp_path) as running:
        yield running


def transfers(host: PolicyHost) -> None:
    """Log in as the host's own account, and list."""
    session = FtpsSession(endpoint_of(host), credentials_of(host), trust_of(host))
    session.login()
    try:
        assert list(session.list_lines(b"LIST")) is not None
    finally:
        session.close()


def wanted_versions(profile: str) -> list[str]:
    """Return the versions that a server of this profile offers."""
    return ["TLSv1.3"] if profile == "modern" else ["TLSv1.2", "TLSv1.3"]


@pytest.mark.parametrize("profile", ["intermediate", "modern"])
def test_what_is_applied_is_there(host: PolicyHost, profile: str) -> None:
    before = policy_task(host, profile=profile)
    told = host.apply(profile=profile, keywords={"check_mode": True, "diff": True})
    assert (told["changed"], policy_task(host, profile=profile)["findings"]) == (True, before["findings"])
    done = host.apply(profile=profile, keywords={"diff": True})
    assert (done["changed"], done["block"], done["diff"]) == (True, told["block"], told["diff"]), done
    assert done["tried"]["data_channel_resumed"] is True
    host.restart()
    again = host.apply(profile=profile, keywords={"diff": True})
    assert (again["changed"], again["diff"]["prepared"], again["tried"]) == (False, "", None)
    after = policy_task(host, profile=profile)
    assert ids(before, *SEVERE) >= {"data_clear", "data_session_reuse"} - ids(before, "low")
    assert ids(after, *SEVERE) == set(), after["findings"]
    assert [each["version"] for each in after["observed"]["versions"]] == wanted_versions(profile)
    assert after["observed"]["data"]["reuse_demanded"] is True
    assert host.left_over() == []


def test_the_service_that_runs_is_not_disturbed(host: PolicyHost) -> None:
    session = FtpsSession(endpoint_of(host), credentials_of(host), trust_of(host))
    session.login()
    processes = descendants(host.pid)
    files = written_by_service(host)
    assert host.apply()["changed"] is True
    assert session.call(b"NOOP").good
    assert descendants(host.pid) == processes
    assert written_by_service(host) == files
    session.close()
    assert host.left_over() == []


def written_by_service(host: PolicyHost) -> dict[str, tuple[int, bytes]]:
    """Return the files of the service and their first bytes, which another instance would rewrite if it were not
    prevented. The rest of ProFTPD's scoreboard shows the present activity of each session."""
    place = Path(f"/proc/{host.pid}/root/run/sync")
    files = [path for path in place.iterdir() if path.is_file()]
    return {path.name: (path.stat().st_ino, path.read_bytes()[:_SCOREBOARD_HEAD]) for path in files}


def test_owner_mode_and_all_else_of_the_file_stay(host: PolicyHost) -> None:
    os.chown(host.config, 0, 20_001)
    host.config.chmod(0o640)
    with open(host.config, "ab") as file:
        file.write("# last words: caf\xe9\n".encode("latin-1"))
    before = host.config.read_bytes()
    assert host.apply()["changed"] is True
    status = host.config.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (0, 20_001, 0o640)
    after = host.config.read_bytes().replace(b"#tls_policy# ", b"")
    assert before in after
    assert sorted(host.config.parent.glob(".*")) == []


def test_another_profile_replaces_the_block(host: PolicyHost) -> None:
    host.apply()
    part = {"base": "intermediate-2026", "versions": ["TLSv1.2"]}
    assert host.apply(profile=part)["profile"] == "custom, from intermediate-2026"
    assert host.config.read_text().count("# BEGIN secure.ftp_synchronize.tls_policy") == 1
    host.restart()
    assert [each["version"] for each in policy_task(host)["observed"]["versions"]] == (
        # This release has no option for it, which the wire shows.
        ["TLSv1.2", "TLSv1.3"] if isinstance(host, Vsftpd12Host) else ["TLSv1.2"]
    )


@pytest.mark.parametrize("kind", HOSTS)
def test_a_client_certificate_is_demanded(kind: str, tmp_path: Path) -> None:
    clients = authority("clients")
    own = clients.client()
    with HOSTS[kind](tmp_path) as host:
        host.place_authority("clients", clients)
        done = host.apply(require_client_cert=True, client_ca_file=host.inside("clients-ca.pem"))
        assert done["changed"] is True, done
        host.restart()
        pem = {"client_cert_file": str(own.chain), "client_key_file": str(own.key)}
        after = policy_task(host, endpoint=pem, require_client_cert=True)
    assert ids(after, *SEVERE) == set()
    assert after["observed"]["client_certificate"] == "required"


@pytest.mark.parametrize("kind", HOSTS)
def test_implicit_tls_stays_implicit(kind: str, tmp_path: Path) -> None:
    with HOSTS[kind](tmp_path, implicit=True) as host:
        assert host.apply()["changed"] is True
        host.restart()
        after = policy_task(host)
    assert ids(after, *SEVERE) == set()
    assert after["observed"]["clear_login"] is None


class Refused(NamedTuple):
    """Impossible policies: the options, the code, and words of the reason."""

    options: dict[str, Any]
    code: str
    reason: str


PRIVATE = "/run/sync/private"


def pair(certificate: str, key: str = "") -> dict[str, str]:
    """Return the options for a certificate and a key that were placed."""
    return {
        "certificate_file": f"{PRIVATE}/{certificate}-cert.pem",
        "private_key_file": f"{PRIVATE}/{key or certificate}-key.pem",
    }


def instead(name: str) -> dict[str, str]:
    """Return the option for another configuration file."""
    return {"config_file": f"{PRIVATE}/{name}.conf"}


REFUSED = {
    "key of another": Refused(pair("server", "other"), "private_key_unusable", "is not the key"),
    "open key": Refused(pair("open"), "private_key_unusable", "others may read"),
    "no key": Refused(pair("server", "empty"), "private_key_unusable", "hold no usable certificate and key"),
    "missing key": Refused(pair("server", "none"), "private_key_unusable", "No such file"),
    "encrypted key": Refused(pair("locked"), "private_key_unusable", "hold no usable certificate and key"),
    "expired certificate": Refused(pair("late"), "candidate_failed", "expired"),
    "unknown part": Refused({"profile": {"cipher": "HIGH"}}, "invalid_request", "'cipher' is unknown"),
    "unknown profile": Refused({"profile": "old"}, "invalid_request", "'old' is unknown"),
    "old version": Refused({"profile": {"versions": ["TLSv1"]}}, "invalid_request", "'TLSv1' is not valid"),
    "no authority": Refused({"require_client_cert": True}, "invalid_request", "needs an authority"),
    "unknown line": Refused(instead("unknown"), "candidate_failed", "robnicate"),
    "damaged block": Refused(instead("damaged"), "invalid_request", "do not match"),
    "link": Refused(instead("link"), "config_unsafe", "symbolic link"),
    "no file": Refused(instead("none"), "not_found", "No such file"),
}


def prepare(host: PolicyHost) -> None:
    """Create the files of the cases on the host."""
    for name in ("other", "open", "empty"):
        host.place(name, made_by_openssl())
    host.place("late", authority().server(validity=EXPIRED))
    host.place("locked", authority().client(passphrase="canary"))
    (host._private / "open-key.pem").chmod(0o644)
    (host._private / "empty-key.pem").write_text("-----BEGIN NOTHING-----\n")
    unknown = "Frobnicate on\n" if isinstance(host, ProftpdHost) else "frobnicate=YES\n"
    text = host.config.read_text()
    for name, more in (("unknown", unknown), ("damaged", "# BEGIN secure.ftp_synchronize.tls_policy\n")):
        (host._private / f"{name}.conf").write_text(text + more)
    os.symlink(host.config.name, host._private / "link.conf")


def break_binary(host: PolicyHost) -> None:
    """Put something that is no program in the place of the server's, for those who start it from now on."""
    stand_in = host._private / "broken"
    stand_in.write_text("not a program\n")
    stand_in.chmod(0o755)
    enter = ["nsenter", "--target", str(host.pid), "--mount", "--"]
    program = host._private / "root/usr/sbin" / host.service
    subprocess.run([*enter, "mount", "--bind", str(stand_in), str(program)], check=True)


def test_what_fails_leaves_the_old_configuration_serving(host: PolicyHost) -> None:
    prepare(host)
    before = {path.name: path.read_bytes() for path in host._private.glob("*.conf")}
    results = host.play([{TLS_POLICY: host.task(**case.options)} for case in REFUSED.values()])
    break_binary(host)
    results.append(host.apply())
    broken = Refused({}, "candidate_failed", "cannot be started: Exec format error")
    for name, case, failed in zip([*REFUSED, "broken program"], [*REFUSED.values(), broken], results, strict=True):
        error = failed.get("error", {})
        assert (error.get("code"), failed["changed"]) == (case.code, False), (name, failed)
        assert case.reason in error["message"], (name, error)
        assert error["cure"], name
        assert "canary" not in str(failed)
    assert {path.name: path.read_bytes() for path in host._private.glob("*.conf")} == before
    transfers(host)
    assert host.left_over() == []


OF_RSA = {"versions": ["TLSv1.2"], "suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}


def test_suites_that_the_key_cannot_use_are_refused(tmp_path: Path) -> None:
    with VsftpdHost(tmp_path) as host:
        before = host.config.read_bytes()
        failed = host.apply(profile=OF_RSA)
        assert failed["error"]["code"] == "candidate_failed"
        assert "the login fails" in failed["error"]["message"]
        assert host.config.read_bytes() == before
        transfers(host)


def test_what_a_release_cannot_do_is_refused_by_what_is_seen(tmp_path: Path) -> None:
    """This vsftpd has no option against TLS 1.2, and with an RSA key its default suite is offered."""
    with Vsftpd12Host(tmp_path, certificate=made_by_openssl("rsa:3072")) as host:
        failed = host.apply(profile="modern")
    assert failed["error"]["code"] == "candidate_failed"
    assert "vsftpd 3.0.3 cannot keep modern-2026: TLSv1.2 is offered (medium" in failed["error"]["message"]


def test_the_names_are_those_of_the_binary(tmp_path: Path) -> None:
    names = {}
    for number, kind in enumerate((VsftpdHost, Vsftpd12Host)):
        place = tmp_path / str(number)
        place.mkdir()
        with kind(place) as host:
            done = host.apply(keywords={"check_mode": True})
        names[done["service_version"]] = {
            each["name"] for each in done["options"] if each["name"].startswith("ssl_tls")
        }
    assert names == {"3.0.5": {"ssl_tlsv1", "ssl_tlsv11", "ssl_tlsv12", "ssl_tlsv13"}, "3.0.3": {"ssl_tlsv1"}}


def test_proftpd_is_told_the_groups_that_its_openssl_knows(tmp_path: Path) -> None:
    with ProftpdHost(tmp_path) as host:
        host.apply()
        host.restart()
        seen = policy_task(host)
    assert "X25519MLKEM768" in {group for each in seen["observed"]["versions"] for group in each["groups"]}
    assert ids(seen) & {"group", "post_quantum"} == set()


def test_the_page_says_what_is_written(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/tls_policy.md").read_text().partition("## Write the policy")[2]
    (task,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.S).group(1))
    shown = re.search(r"```diff\n(.*?)```", text, re.S).group(1)
    options = task[TLS_POLICY]
    config = Path(options["config_file"])
    with VsftpdHost(tmp_path) as host:
        here = {name: host.inside(Path(path).name) for name, path in options.items() if name.endswith("_file")}
        for place, name in ((host.certificate.chain, "ftp_chain.pem"), (host.certificate.key, "ftp.pem")):
            (host._private / name).write_bytes(place.read_bytes())
            (host._private / name).chmod(0o600)
        before = host.config.read_text().partition("# what the operator had")[0]
        host.config.write_text(before + "ssl_enable=YES\nforce_local_data_ssl=NO\n")
        done = host.apply(keywords={"diff": True}, **{**options, **here})
        host.restart()
        after = policy_task(host)
    assert config.name == host.config_name
    told = done["diff"]["prepared"]
    for name, path in here.items():
        told = told.replace(path, options[name])
    assert re.sub(r"^@@.*\n", "", told, flags=re.M) == shown
    assert ids(after, *SEVERE) == set()

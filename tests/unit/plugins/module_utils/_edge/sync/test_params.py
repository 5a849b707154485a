# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters become a request, or a clear refusal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    SshTrust,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DeleteLimit,
    PartialFiles,
    SyncRequest,
)
from support.running.task_params import task_params

PIN = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
OTHER_PIN = "sha256//LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
FTPS = {"protocol": "ftps", "username": "upload", "password": "p"}
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"

CERTIFICATE = "ssh-ed25519-cert-v01@openssh.com AAAA"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"

SIGNER = {"allowed_signers": ["me ssh-ed25519 AAAA"], "principal": "me"}


def request(**options: Any) -> SyncRequest:
    """Return the request of a task."""
    return params.sync_request(task_params(**options), check_mode=False)


def ftps(**options: Any) -> SyncRequest:
    """Return the request of a task over FTPS."""
    return request(**{"protocol": "ftps", "username": "upload", "password": "secret word", **options})


def refusal(**options: Any) -> InvalidRequest:
    """Return the error of a task that is refused."""
    with pytest.raises(InvalidRequest) as caught:
        request(**options)
    assert caught.value.cure
    return caught.value


def test_defaults_are_those_of_the_model() -> None:
    made = request(state_dir="/state")
    for name, default in SyncRequest._field_defaults.items():
        assert getattr(made, name) == default, name
    assert (made.local_root, made.remote_root, made.state_dir) == (b"/srv/data", b"data", b"/state")
    assert (made.endpoint.protocol, made.endpoint.host, made.endpoint.port) == ("sftp", "files.example.com", None)
    assert made.credentials == Credentials()
    assert made.trust == SshTrust()
    assert made.tls == TlsTrust()


def test_every_option_arrives() -> None:
    made = request(
        direction="pull",
        src="out/",
        dest="/srv/in",
        compare="checksum",
        proof="server_hash",
        delete=True,
        max_delete="5%",
        allow_empty_source=True,
        trash=".trash",
        include=["*.csv"],
        exclude=["/cache/", "*.bak"],
        links="copy",
        preserve_mode=False,
        preserve_mtime=False,
        durable=True,
        parallel=4,
        bandwidth_limit="2M",
        state_dir="/state",
        lock=False,
        retries=0,
    )
    assert made == SyncRequest(
        direction="pull",
        local_root=b"/srv/in",
        remote_root=b"out",
        endpoint=made.endpoint,
        credentials=made.credentials,
        trust=made.trust,
        state_dir=b"/state",
        run_id=made.run_id,
        compare="checksum",
        proof="server_hash",
        delete=True,
        max_delete=DeleteLimit(5, True),
        allow_empty_source=True,
        trash=b".trash",
        include=("*.csv",),
        exclude=("/cache/", "*.bak"),
        links="copy",
        preserve_mode=False,
        preserve_mtime=False,
        durable=True,
        parallel=4,
        bandwidth_limit=2 << 20,
        lock=False,
        retries=0,
    )


def test_the_age_of_the_trash() -> None:
    assert request(trash=".t", trash_max_age="4w").trash_max_age == 28
    assert request(trash=".t").trash_max_age is None


def test_files_that_the_next_run_continues() -> None:
    assert request().partial is None
    assert request(partial="keep").partial == PartialFiles(64 << 20, 7 * 86400)
    made = request(partial="keep", partial_min_size="1M", partial_max_age="12h")
    assert made.partial == PartialFiles(1 << 20, 12 * 3600)


def test_every_endpoint_option_arrives() -> None:
    made = request(
        port=2222,
        username="deploy",
        password="secret word",
        private_key=KEY,
        passphrase="open sesame",
        certificate_file="/c",
        ssh_agent=False,
        proxy_jump=["a@one:22", "two"],
        ssh_config_file="none",
        ssh_client="paramiko",
        connect_timeout=5,
        stall_timeout="7.5",
        known_hosts_file="/k",
        host_keys=[" ssh-ed25519 AAAA comment\n", "SHA256:abc"],
    )
    assert made.endpoint == (
        "sftp", "files.example.com", 2222, "deploy", ("a@one:22", "two"), "none", "paramiko", 5.0, 7.5,
    )  # fmt: skip
    assert made.credentials == ("secret word", None, KEY, "open sesame", "/c", False, None, None)
    assert made.trust == (("ssh-ed25519 AAAA comment", "SHA256:abc"), "/k")


def test_a_certificate_as_text_arrives() -> None:
    made = request(private_key=KEY, certificate=f"\n {CERTIFICATE} nightly\n")
    assert made.credentials == Credentials(private_key=KEY, certificate=CERTIFICATE)


@pytest.mark.parametrize(
    ("options", "port"),
    [
        ({}, 21),
        ({"tls_mode": "implicit"}, 990),
        ({"port": 2121}, 2121),
        ({"tls_mode": "implicit", "port": 9990}, 9990),
    ],
)
def test_the_port_of_ftps(options: dict[str, Any], port: int) -> None:
    assert ftps(**options).endpoint.port == port


@pytest.mark.parametrize("option", ["ca_file", "client_cert_file"])
def test_certificate_files_have_a_home(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert getattr(ftps(**{option: "~/pem"}).tls, option) == "/home/me/pem"


def test_every_run_has_an_id_of_its_own() -> None:
    ids = {request().run_id for _round in range(50)}
    assert len(ids) == 50
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in ids)


def test_check_mode_arrives() -> None:
    assert params.sync_request(task_params(), check_mode=True).check_mode is True


def test_file_options_have_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    made = request(private_key_file="~/.ssh/id", known_hosts_file="~/.ssh/known_hosts", state_dir="~/state")
    assert made.credentials.private_key_file == "/home/me/.ssh/id"
    assert made.trust.known_hosts_file == "/home/me/.ssh/known_hosts"
    assert made.state_dir == b"/home/me/state"


def test_a_relative_local_path_starts_in_the_working_directory() -> None:
    assert request(src="build/site").local_root == os.getcwdb() + b"/build/site"
    assert request(direction="pull", src="out", dest="in").local_root == os.getcwdb() + b"/in"


@pytest.mark.parametrize(
    "text",
    [KEY, KEY.rstrip("\n"), KEY.replace("\n", "\r\n"), "\n" + KEY + "\n\n"],
    ids=["whole", "no newline at the end", "line ends of Windows", "blank lines around"],
)
def test_key_text_is_mended(text: str) -> None:
    assert request(private_key=text).credentials.private_key == KEY


def test_secrets_are_not_in_the_request_shown() -> None:
    canaries = {"password": "canary-password", "private_key": KEY, "passphrase": "canary-passphrase"}
    made = request(**canaries)
    other = ftps(password="canary-password", client_cert_file="/c", client_key_passphrase="canary-passphrase")
    shown = f"{made!r} {made} {made.credentials!r} {other!r} {other.credentials}"
    assert "canary" not in shown
    assert "b3BlbnNzaC1rZXktdjEAAAAA" not in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"src": ""}, "src: '' is not a path"),
        ({"dest": ""}, "dest: '' is not a path"),
        ({"dest": "~/x"}, "dest: '~/x' begins with ~"),
        ({"direction": "pull", "src": "~/x"}, "src: '~/x' begins with ~"),
        ({"host": "-oProxyCommand=id"}, "host: '-oProxyCommand=id' is not the name"),
        ({"host": "a\nb"}, r"host: 'a\nb' is not the name"),
        ({"port": 70000}, "port: 70000 is out of range"),
        ({"username": "-l"}, "username: '-l' is not valid"),
        ({"proxy_jump": ["a", "b:c"]}, "proxy_jump: 'b:c' is not a jump host"),
        ({"connect_timeout": 0}, "connect_timeout: 0.0 is not a valid time"),
        ({"stall_timeout": "nan"}, "stall_timeout: nan is not a valid time"),
        ({"retries": -1}, "retries: -1 is out of range"),
        ({"lock_wait": -1}, "lock_wait: -1.0 is not a valid time"),
        ({"lock_wait": 90000}, "lock_wait: 90000.0 is not a valid time"),
        ({"lock_wait": 1, "lock": False}, "lock_wait: needs a lock"),
        ({"retries": 101}, "retries: 101 is out of range"),
        ({"max_delete": "110%"}, "max_delete: '110%' is more"),
        ({"parallel": 17}, "parallel: '17' is not"),
        ({"bandwidth_limit": "10Mb"}, "bandwidth_limit: '10Mb' is not"),
        ({"trash": "../x"}, "trash: '../x' is not"),
        ({"trash_max_age": "30d"}, "trash_max_age: needs a trash"),
        ({"trash": ".t", "trash_max_age": "30d", "lock": False}, "trash_max_age: needs a lock"),
        ({"trash": ".t", "trash_max_age": "30"}, "trash_max_age: '30' is not a number of days"),
        ({"partial": "keep", "lock": False}, "partial: keep needs a lock"),
        ({"partial": "keep", "in_place": True}, "partial: keep needs a lock"),
        ({"partial": "keep", "proof": "none"}, "partial: keep needs a proof"),
        ({"partial": "keep", "encrypt": {"recipients": ["age1x"]}}, "partial: keep does not work with encrypt"),
        ({"partial_min_size": "1000K"}, "partial_min_size: must be at least 1M"),
        ({"partial_max_age": "7"}, "partial_max_age: '7' is not a valid duration"),
        (
            {"host_keys": ["ssh-ed25519 AAAA\nssh-rsa BBBB"]},
            r"host_keys: 'ssh-ed25519 AAAA\nssh-rsa BBBB' is not a single key",
        ),
        ({"host_keys": [" "]}, "host_keys: ' ' is not a single key"),
        ({"known_hosts_file": "/a\nb"}, r"known_hosts_file: '/a\nb' is not a file name"),
        ({"private_key_file": '/a"b'}, "private_key_file: '/a\"b' is not a file name"),
        ({"delete": True, "dest": "/"}, "dest: deleting in the root"),
        ({"delete": True, "dest": "//./"}, "dest: deleting in the root"),
        ({"delete": True, "direction": "pull", "src": "x", "dest": "/srv/.."}, "dest: deleting in the root"),
        ({"passphrase": "p"}, "passphrase: needs a private key"),
        ({"certificate_file": "/c", "ssh_agent": False}, "certificate_file: needs a private key"),
        ({"certificate": CERTIFICATE, "ssh_agent": False}, "certificate: needs a private key"),
        ({"certificate": "/c", "private_key": KEY}, "certificate: is not the line"),
        ({**FTPS, "certificate": CERTIFICATE}, "certificate: has no meaning over FTPS"),
        ({"private_key": "/home/me/.ssh/id"}, "private_key: is not the text"),
        ({"password": ""}, "password: is empty"),
        ({"private_key": KEY, "passphrase": "a\nb"}, "passphrase: is empty or has more than one line"),
        ({**FTPS, "client_key_file": "/k"}, "client_key_file: needs a client certificate"),
        ({**FTPS, "certificate": PEM}, "certificate: needs its key"),
        *(
            ({**FTPS, "certificate": PEM, "private_key": KEY, name: "/c"}, f"{name}: and certificate exclude")
            for name in ("client_cert_file", "client_key_file")
        ),
        ({"certificate": PEM, "private_key": KEY}, "certificate: is not the line of an SSH certificate"),
        ({**FTPS, "client_key_passphrase": "p"}, "client_key_passphrase: needs a client certificate"),
        ({**FTPS, "client_cert_file": "/c", "client_key_passphrase": ""}, "client_key_passphrase: is empty"),
        ({**FTPS, "password": "a\r\nQUIT"}, "password: is empty or has more than one line"),
        ({**FTPS, "username": "a\r\nQUIT"}, r"username: 'a\r\nQUIT' is not valid"),
        ({**FTPS, "ca_file": ""}, "ca_file: '' is not a file name"),
        ({**FTPS, "tls_pins": ["sha256//abc"]}, "tls_pins: 'sha256//abc' is not a pin"),
        ({**FTPS, "tls_ciphers": "aNULL"}, "tls_ciphers: aNULL is refused"),
        ({**FTPS, "dest": "a\nDELE b"}, "dest: 'a\\nDELE b' has a line end"),
        ({**FTPS, "direction": "pull", "src": "a\rb"}, "src: 'a\\rb' has a line end"),
        ({**FTPS, "trash": "a\nb"}, "trash: 'a\\nb' has a line end"),
        ({**FTPS, "host_keys": ["SHA256:abc"]}, "host_keys: has no meaning over FTPS"),
        ({"tls_pins": [PIN]}, "tls_pins: has no meaning over SFTP"),
        ({"verify": SIGNER}, "verify: checks the set that a pull reads"),
        ({"direction": "pull", "verify": SIGNER, "compare": "size_mtime"}, "verify: compares by the signed digests"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_bad_options_are_named(options: dict[str, Any], message: str) -> None:
    error = refusal(**options)
    assert error.code == "invalid_request"
    assert error.message.startswith(message)
    assert error.message.isprintable()


def test_refusals_do_not_show_secrets() -> None:
    for options in (
        {"password": "canary\n"},
        {"private_key": "canary"},
        {"private_key": KEY, "passphrase": "canary\0"},
        {**FTPS, "password": "canary\r\n"},
        {**FTPS, "client_cert_file": "/c", "client_key_passphrase": "canary\n"},
        {**FTPS, "client_key_passphrase": "canary"},
        {**FTPS, "private_key": "canary"},
        {"client_key_passphrase": "canary"},
    ):
        error = refusal(**options)
        assert "canary" not in f"{error.message} {error.cure} {error!r}"


def test_a_root_may_be_filled_without_deleting() -> None:
    assert request(dest="/").remote_root == b"/"
    assert request(src="/", delete=True).local_root == b"/"
    assert request(dest=".", delete=True).remote_root == b"."


def test_max_listed() -> None:
    assert params.max_listed(task_params()) == 100
    assert params.max_listed(task_params(max_listed=0)) == 0
    with pytest.raises(InvalidRequest, match=r"^max_listed: -1 is out of range"):
        params.max_listed(task_params(max_listed=-1))


def test_a_file_of_tls_pins_is_refused_over_sftp(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="tls_pins_file"):
        request(tls_pins_file=str(tmp_path / "pins"))

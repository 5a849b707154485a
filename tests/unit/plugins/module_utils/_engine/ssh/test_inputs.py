# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requirements on the task's values before a client is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.inputs import (
    Hop,
    check_inputs,
    jump_hops,
)


def endpoint(**changes: Any) -> Endpoint:
    return Endpoint(**{"protocol": "sftp", "host": "host.example", "ssh_config_file": "none", **changes})


@pytest.mark.parametrize(
    ("words", "hops"),
    [
        ((), ()),
        (("none",), ()),
        (("hop",), (Hop("hop"),)),
        (("user@hop:2222",), (Hop("hop", 2222, "user"),)),
        (("a,b", "c"), (Hop("a"), Hop("b"), Hop("c"))),
        (("ssh://user@hop:2222",), (Hop("hop", 2222, "user"),)),
        (("[::1]:2222",), (Hop("::1", 2222),)),
        (("user@[fe80::1]",), (Hop("fe80::1", None, "user"),)),
    ],
)
def test_jump_hosts(words: tuple[str, ...], hops: tuple[Hop, ...]) -> None:
    assert jump_hops(endpoint(proxy_jump=words)) == hops


@pytest.mark.parametrize("host", ["host.example", "127.0.0.1", "::1", "fe80::1", "under_score", "h-y"])
def test_hosts_that_are_taken(host: str) -> None:
    check_inputs(endpoint(host=host, username="DOMAIN\\user@realm"), Credentials(), SshTrust())


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {"host": host}
            for host in ("", "-h", "a b", "a\nb", "%h", "*", "a,b", "!a", "a?", "a/b", "hö", "$(id)", "a;b")
        ),
        *({"username": user} for user in ("", "-l", "a b", "%u", "a\0", "a'b", 'a"b', "a`b", "a\\", "a;b", "$HOME")),
        *({"proxy_jump": (hop,)} for hop in ("-J", "a b", "u@h:x", "h:99999", "-u@h", "a@b@c", "[::1", "h:")),
        *({"port": port} for port in (0, -1, 65536)),
        *({"ssh_config_file": file} for file in ("/nonexistent", "/")),
    ],
    ids=repr,
)
def test_words_that_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        check_inputs(endpoint(**changes), Credentials(), SshTrust())
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(password="a\nb"),
        Credentials(passphrase="a\0b"),
        Credentials(private_key="x", private_key_file="/etc/hostname"),
        Credentials(certificate="x", certificate_file="/etc/hostname"),
    ],
)
def test_credentials_that_contradict(credentials: Credentials) -> None:
    with pytest.raises(errors.InvalidRequest):
        check_inputs(endpoint(), credentials, SshTrust())


@pytest.mark.parametrize(
    ("mode", "usable"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o620, False)]
)
def test_the_mode_of_a_key_file(tmp_path: Path, mode: int, *, usable: bool) -> None:
    file = tmp_path / "key"
    file.touch()
    file.chmod(mode)
    if usable:
        check_inputs(endpoint(), Credentials(private_key_file=str(file)), SshTrust())
    else:
        with pytest.raises(errors.PrivateKeyUnusable, match="%04o" % mode):
            check_inputs(endpoint(), Credentials(private_key_file=str(file)), SshTrust())


@pytest.mark.parametrize("option", ["private_key_file", "certificate_file"])
def test_a_missing_key_or_certificate(tmp_path: Path, option: str) -> None:
    with pytest.raises(errors.PrivateKeyUnusable, match=f"^{option}: '{tmp_path}/missing': No such file") as caught:
        check_inputs(endpoint(), Credentials(**{option: str(tmp_path / "missing")}), SshTrust())
    assert option in caught.value.cure
    with pytest.raises(errors.PrivateKeyUnusable, match=f"^{option}: '{Path.cwd()}/keys/missing': No such file"):
        check_inputs(endpoint(), Credentials(**{option: "keys/missing"}), SshTrust())


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_store_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.TrustStoreUnreadable):
        check_inputs(endpoint(), Credentials(), SshTrust(known_hosts_file=str(tmp_path / name)))
    with pytest.raises(errors.TrustStoreUnreadable, match=f"'{Path.cwd()}/missing': No such file"):
        check_inputs(endpoint(), Credentials(), SshTrust(known_hosts_file="missing"))

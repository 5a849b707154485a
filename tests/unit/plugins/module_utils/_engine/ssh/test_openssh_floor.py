# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The minimum that the user's own ssh_config cannot weaken; ssh -G of the real client shows the result of both."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_config import floor_lines

SSH = shutil.which("ssh") or "ssh"
NEW, OLD = (9, 9), (8, 9)


def gssapi_is_known() -> bool:
    asked = subprocess.run(
        [SSH, "-F", "none", "-o", "GSSAPIKeyExchange=yes", "-G", "x"], check=False, capture_output=True
    )
    return asked.returncode == 0


def floor(directory: Path, text: str, version: tuple[int, int] = NEW, host: str = "h") -> dict[str, str]:
    (directory / "config").write_text(text)
    endpoint = Endpoint("sftp", "h", 2222, "mirror", ssh_config_file=str(directory / "config"))
    return dict(line.split(" ", 1) for line in floor_lines(SSH, version, endpoint, host))


def lists(found: dict[str, str]) -> dict[str, list[str]]:
    return {name: value.split(",") for name, value in found.items() if "," in value}


def test_without_a_configuration_only_short_rsa_keys_are_left_out() -> None:
    endpoint = Endpoint("sftp", "h", ssh_config_file="none")
    assert floor_lines("/nonexistent", NEW, endpoint, "h") == ["RequiredRSASize 2048"]
    assert floor_lines("/nonexistent", OLD, endpoint, "h") == []


def test_a_plain_configuration_keeps_its_lists(tmp_path: Path) -> None:
    found = floor(tmp_path, "Host *\n  Compression yes\n")
    assert lists(found) == {}
    assert found["RequiredRSASize"] == "2048"


def test_no_key_exchange_without_a_host_key(tmp_path: Path) -> None:
    known = gssapi_is_known()
    text = "Host *\n  %s\n" % ("GSSAPIKeyExchange yes" if known else "IgnoreUnknown GSSAPI*\n  GSSAPIKeyExchange yes")
    assert floor(tmp_path, text).get("GSSAPIKeyExchange") == ("no" if known else None)


WEAK = {
    "KexAlgorithms": "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1",
    "HostKeyAlgorithms": "ssh-rsa,ssh-rsa-cert-v01@openssh.com",
    "CASignatureAlgorithms": "ssh-rsa",
    "Ciphers": "3des-cbc,aes128-cbc",
    "MACs": "hmac-md5,hmac-md5-96-etm@openssh.com,hmac-sha1-96",
}


@pytest.mark.parametrize("option", WEAK)
def test_weak_algorithms_are_taken_out_and_the_others_stay(tmp_path: Path, option: str) -> None:
    usual = lists(floor(tmp_path, f"Host *\n  {option} +{WEAK[option]}\n"))
    assert set(usual) == {option}
    assert not set(usual[option]) & set(WEAK[option].split(","))
    assert len(usual[option]) > 3


@pytest.mark.parametrize("option", WEAK)
def test_nothing_but_weak_algorithms_is_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{option} leaves only weak") as caught:
        floor(tmp_path, f"Host *\n  {option} {WEAK[option]}\n")
    assert caught.value.cure


@pytest.mark.parametrize(("bits", "line"), [(1024, "2048"), (2047, "2048"), (2048, None), (4096, None)])
def test_a_longer_rsa_key_may_be_asked_for(tmp_path: Path, bits: int, line: str | None) -> None:
    assert floor(tmp_path, f"Host *\n  RequiredRSASize {bits}\n").get("RequiredRSASize") == line


def test_what_is_meant_for_another_host_is_not_taken_for_this(tmp_path: Path) -> None:
    text = "Host h\n  KexAlgorithms +diffie-hellman-group1-sha1\nMatch user mirror\n  Ciphers +3des-cbc\n"
    assert set(lists(floor(tmp_path, text))) == {"KexAlgorithms", "Ciphers"}
    assert lists(floor(tmp_path, text, host="hop")) == {}


def test_a_broken_configuration_is_left_to_ssh(tmp_path: Path) -> None:
    assert floor(tmp_path, "Host *\n  NoSuchOption yes\n") == {"RequiredRSASize": "2048"}

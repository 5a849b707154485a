# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of real FTPS servers in a file: host_key_pin writes them, logins with secure_sync's parameters read them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import support
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.params import sync_request
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from support.running.pin_task import pin_task
from support.running.play import Play
from support.servers.ftps_server import FtpsServer, ftps_task
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.tls_authority import Authority, authority
from support.servers.vsftpd import Vsftpd

PIN = "secure.ftp_synchronize.host_key_pin"
RESERVE = "sha256//" + "A" * 43 + "="
FOREIGN = f"# kept\n[other.example]:21 {RESERVE} a  comment\nnot a pin\n"


def stored(**options: Any) -> list[dict[str, Any]]:
    return host_key_pin_info.run(Task({"protocol": "ftps", "host": None, "port": None, **options}))["pins"]


server = served_by_each(Vsftpd, ProftpdFtps)


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    """Return a file with lines of others."""
    file = tmp_path / "pins"
    file.write_text(FOREIGN)
    return file


def pin(server: FtpsServer, file: Path, **options: object) -> dict[str, object]:
    """Run a task on the pins of a server."""
    given = {"protocol": "ftps", "host": server.host, "port": server.port, "path": str(file), **options}
    mode = "implicit" if server.options.implicit else "explicit"
    return pin_task(**{"ca_file": str(server.authority.file), "tls_mode": mode, **given})


def log_in(server: FtpsServer, file: Path, **options: object) -> str:
    """Give "" if a login as secure_sync does it goes well, else the code of its error."""
    try:
        request = sync_request(ftps_task(server, tls_pins_file=str(file), **options), check_mode=True)
        session = FtpsSession(request.endpoint, request.credentials, request.tls)
        session.login()
        session.close()
    except SyncError as error:
        return error.code
    return ""


def test_the_shown_key_is_pinned_if_it_is_listed(server: FtpsServer, pins: Path) -> None:
    before = len(server.transcript())
    task = {"fingerprints": [server.certificate.pin, RESERVE], "username": "canary"}
    assert pin(server, pins, check=True, **task)["changed"]
    assert pins.read_text() == FOREIGN
    first = pin(server, pins, **task)
    assert first["changed"], first
    assert pins.read_text() == f"{FOREIGN}[{server.host}]:{server.port} {server.certificate.pin}\n"
    assert not pin(server, pins, **task)["changed"]
    said = server.transcript()[before:]
    assert "canary" not in said
    assert "USER" not in said
    assert log_in(server, pins) == ""


def test_curl_reads_the_same_pin(server: FtpsServer, pins: Path) -> None:
    """curl is the judge of the form: it takes the pin of the file, and refuses another."""
    pin(server, pins, fingerprints=[server.certificate.pin])
    line = pins.read_text().splitlines()[-1]
    command = ["curl", "-sS", "--ssl-reqd", "--cacert", str(server.authority.file), "--netrc-file", "/dev/stdin"]
    netrc = f'machine {server.host} login {server.user} password "{server.password}"\n'
    for word, accepted in ((line.split()[1], True), (RESERVE, False)):
        wanted = [*command, "--pinnedpubkey", word, f"ftp://{server.host}:{server.port}/", "--quote", "NOOP", "--head"]
        done = subprocess.run(wanted, input=netrc, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == (0 if accepted else 90), done.stderr


@pytest.mark.parametrize("state", ["present", "exact"])
def test_another_key_is_refused(server: FtpsServer, pins: Path, state: str) -> None:
    pin(server, pins, keys=[RESERVE])
    before = pins.read_text()
    refused = pin(server, pins, fingerprints=[RESERVE], state=state)
    assert refused["error"]["code"] == "tls_pin_mismatch"
    assert server.certificate.pin in refused["msg"]
    assert RESERVE in refused["msg"]
    assert pins.read_text() == before
    assert log_in(server, pins) == "tls_pin_mismatch"


def test_a_certificate_of_a_stranger_is_refused_whatever_its_pin(pins: Path) -> None:
    stranger = Authority("stranger").server()
    with Vsftpd(certificate=stranger) as impostor:
        refused = pin(impostor, pins, fingerprints=[stranger.pin])
        assert refused["error"]["code"] == "certificate_untrusted"
        pin(impostor, pins, keys=[stranger.pin])
        assert log_in(impostor, pins) == "certificate_untrusted"


def test_a_backup_pin_carries_over_a_change_of_keys(pins: Path) -> None:
    old, new = authority().server(), authority().server()
    keys = [f"{old.pin} in use", f"{new.pin} in reserve"]
    with Vsftpd(certificate=old) as server:
        assert len(pin(server, pins, keys=keys, state="exact")["changes"]) == 2
        assert not pin(server, pins, keys=keys, state="exact")["changed"]
        assert log_in(server, pins) == ""
        port = server.port
    with Vsftpd(certificate=new) as server:
        pins.write_text(pins.read_text().replace(f":{port} ", f":{server.port} "))
        assert log_in(server, pins) == ""
        assert [each["action"] for each in pin(server, pins, keys=keys[1:], state="exact")["changes"]] == ["remove"]
        assert pin(server, pins, state="absent")["changed"]
        assert pins.read_text() == FOREIGN


def test_times_count_for_ftps_too(server: FtpsServer, pins: Path) -> None:
    key = server.certificate.pin
    pin(server, pins, keys=[key], valid_from="2099-01-01")
    assert log_in(server, pins) == "pin_expired"
    until, now = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + each)) for each in (1800, 0))
    planned = pin(server, pins, keys=[key], valid_from="none", valid_until=until)
    assert [each["fingerprint"] for each in planned["rotation_report"]["retiring"]] == [key]
    assert log_in(server, pins) == ""
    # No pin is made that is over already. The half hour passes by putting the same line's end half an hour back.
    pins.write_text(pins.read_text().replace(until, now))
    assert log_in(server, pins) == "pin_expired"
    assert pin(server, pins, keys=[key])["error"]["code"] == "pin_expired"


def test_a_file_without_this_server_is_no_licence(server: FtpsServer, pins: Path, tmp_path: Path) -> None:
    assert log_in(server, pins) == "unknown_host"
    assert log_in(server, pins, tls_pins=[server.certificate.pin]) == "unknown_host"
    assert log_in(server, tmp_path / "missing") == "trust_store_unreadable"


def test_implicit_tls(pins: Path) -> None:
    with Vsftpd(implicit=True) as server:
        assert pin(server, pins, fingerprints=[server.certificate.pin])["changed"]
        assert log_in(server, pins) == ""


@pytest.mark.parametrize("hashed", [False, True])
def test_pins_are_listed_as_data(server: FtpsServer, pins: Path, *, hashed: bool) -> None:
    pin(server, pins, keys=[f"{server.certificate.pin} mine"], hash_host=hashed)
    (listed,) = stored(host=server.host, port=server.port, path=str(pins))
    assert (listed["key_type"], listed["fingerprint"], listed["comment"]) == ("spki", server.certificate.pin, "mine")
    assert listed["hashed"] is hashed
    assert log_in(server, pins) == ""
    everything = stored(path=str(pins))
    assert [each["line"] for each in everything] == [2, 4]


def test_the_example_of_the_page(server: FtpsServer, tmp_path: Path) -> None:
    text = (Path(support.__file__).parents[2] / "docs" / "pins.md").read_text()
    blocks = [block for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S) if "ftps" in block]
    (task,) = yaml.safe_load(blocks[0])
    task[PIN] |= {"host": server.host, "port": server.port, "path": str(tmp_path / "pins")}
    play = Play(tmp_path / "play")
    play.keywords["vars"] = {
        "ansible_python_interpreter": sys.executable,
        "tls_pin": server.certificate.pin,
        "reserve_tls_pin": RESERVE,
    }
    played = play.run([task, task])
    assert [result["changed"] for result in played.results] == [True, False], played.output
    assert log_in(server, tmp_path / "pins") == ""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that signs for a host: in check mode it makes nothing, and a second run changes nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.authority_certificate import ActionModule
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEY = ec.generate_private_key(ec.SECP256R1())
REQUEST = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(KEY, hashes.SHA256())
PEM = REQUEST.public_bytes(serialization.Encoding.PEM).decode()


def signed(directory: Path, *, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    given = {"directory": "authority", "passphrase": "of the authority", "names": ["files.example.com"], **arguments}
    loader = DataLoader()
    loader.set_basedir(str(directory))
    task = SimpleNamespace(args=given, async_val=0, check_mode=check_mode, diff=False, action="authority_certificate")
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader), None)
    return action.run(task_vars={})


def test_a_relative_directory_begins_at_the_playbook(tmp_path: Path) -> None:
    made = signed(tmp_path)
    assert (made["changed"], made["certificate"]) == (True, "")
    assert (tmp_path / "authority/ca.pem").read_text() == made["authority"]
    assert not signed(tmp_path)["changed"]


def test_a_good_certificate_stays(tmp_path: Path) -> None:
    first = signed(tmp_path, request=PEM)
    again = signed(tmp_path, request=PEM, certificate=first["certificate"])
    assert (first["changed"], again["changed"]) == (True, False)
    assert again["certificate"] == first["certificate"]


def test_check_mode_makes_and_signs_nothing(tmp_path: Path) -> None:
    assert signed(tmp_path, check_mode=True, request=PEM)["changed"]
    assert list(tmp_path.iterdir()) == []
    first = signed(tmp_path, request=PEM)["certificate"]
    renamed = signed(tmp_path, check_mode=True, request=PEM, certificate=first, names=["other"])
    assert (renamed["changed"], renamed["certificate"]) == (True, first)


def test_an_error_has_its_code(tmp_path: Path) -> None:
    signed(tmp_path)
    wrong = signed(tmp_path, passphrase="another passphrase", option="ftps_server_ca")
    assert wrong["error"]["code"] == "authority_refused"
    assert wrong["msg"].startswith("ftps_server_ca_passphrase: does not open ")

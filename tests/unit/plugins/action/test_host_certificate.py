# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request, signature, installation; or the signature alone. The host is a stand-in, as in
support.running.host_steps; the authority is real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.host_certificate import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_certificate as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.own_certificate import Asked
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.running.host_steps import answered

KEY = ec.generate_private_key(ec.SECP256R1())
REQUEST = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(KEY, hashes.SHA256())
PEM = REQUEST.public_bytes(serialization.Encoding.PEM).decode()
FILES = {"private_key_file": "/key", "certificate_file": "/pem"}
PASSPHRASE = "canary of the authority"
ASKED = edge.result(Asked((Change("/key", "missing", "made"),), PEM, ""), Task({}))
DONE = edge.result(Asked((Change("/pem", "missing", "made"),), "", PEM), Task({}))


def given(monkeypatch: pytest.MonkeyPatch, place: Path, *answers: dict[str, Any], check_mode: bool = False) -> Any:
    authority = {"directory": str(place), "passphrase": PASSPHRASE, "names": ["files.example.com"]}
    return answered(monkeypatch, list(answers), {**FILES, **authority}, ActionModule, check_mode=check_mode)


def test_the_host_gets_its_certificate_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result, asked = given(monkeypatch, tmp_path / "ca", ASKED, DONE)
    assert [change["path"] for change in result["changes"]] == ["/key", "/pem"]
    assert asked[0][1] == {**FILES, "state": "requested"}
    assert asked[1][1].keys() == {*FILES, "state", "certificate"}
    assert PASSPHRASE not in str(asked)
    certificate = x509.load_pem_x509_certificate(asked[1][1]["certificate"].encode())
    assert certificate.public_key() == KEY.public_key()
    kept = edge.result(Asked((), PEM, asked[1][1]["certificate"]), Task({}))
    again, asked = given(monkeypatch, tmp_path / "ca", kept)
    assert (again["changed"], len(asked)) == (False, 1)


def test_check_mode_signs_and_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result, asked = given(monkeypatch, tmp_path / "ca", {**ASKED, "changed": False}, check_mode=True)
    assert (result["changed"], len(asked)) == (True, 1)
    assert list(tmp_path.iterdir()) == []
    given(monkeypatch, tmp_path / "ca", ASKED, DONE)
    result, asked = given(monkeypatch, tmp_path / "ca", {**ASKED, "changed": False}, check_mode=True)
    assert (result["changed"], len(asked)) == (True, 1)


def issued(
    monkeypatch: pytest.MonkeyPatch, place: Path, *, check_mode: bool = False, **arguments: Any
) -> dict[str, Any]:
    """Return the result of a signature without a host; the answers of a host are none."""
    monkeypatch.chdir(place)  # where the playbook is
    given = {"state": "issued", "directory": "ca", "passphrase": PASSPHRASE, "names": ["files.example.com"]}
    result, asked = answered(monkeypatch, [], {**given, **arguments}, ActionModule, check_mode=check_mode)
    assert asked == []
    return result


def test_without_a_request_only_the_authority_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = issued(monkeypatch, tmp_path)
    assert (made["changed"], made["certificate"], made["changes"]) == (True, "", [])
    assert (tmp_path / "ca/ca.pem").read_text() == made["authority"]
    assert not issued(monkeypatch, tmp_path)["changed"]


def test_a_good_certificate_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = issued(monkeypatch, tmp_path, request=PEM)
    again = issued(monkeypatch, tmp_path, request=PEM, certificate=first["certificate"])
    assert (first["changed"], again["changed"]) == (True, False)
    assert again["certificate"] == first["certificate"]


def test_usage_and_domains_are_those_of_the_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = issued(monkeypatch, tmp_path, request=PEM, usage="client", domains=["example.com"])
    certificate, authority = (
        x509.load_pem_x509_certificate(found[name].encode()) for name in ("certificate", "authority")
    )
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    assert [each.value for each in limits if isinstance(each, x509.DNSName)] == ["example.com"]


def test_check_mode_issues_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert issued(monkeypatch, tmp_path, check_mode=True, request=PEM)["changed"]
    assert list(tmp_path.iterdir()) == []
    first = issued(monkeypatch, tmp_path, request=PEM)["certificate"]
    renamed = issued(monkeypatch, tmp_path, check_mode=True, request=PEM, certificate=first, names=["other"])
    assert (renamed["changed"], renamed["certificate"]) == (True, first)


def test_an_error_has_its_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    issued(monkeypatch, tmp_path)
    wrong = issued(monkeypatch, tmp_path, passphrase="another passphrase", option="ftps_server_ca")
    assert wrong["error"]["code"] == "authority_refused"
    assert wrong["msg"].startswith("ftps_server_ca_passphrase: does not open ")


@pytest.mark.parametrize("request_", ["", "junk", PEM[:-60], None, ["x"]])
def test_a_request_that_proves_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request_: Any
) -> None:
    result, asked = given(monkeypatch, tmp_path / "ca", {**ASKED, "request": request_})
    assert (result["error"]["code"], len(asked)) == ("request_refused", 1)


def test_a_failure_of_the_host_ends_the_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert given(monkeypatch, tmp_path / "ca", {"failed": True, "msg": "no"})[0]["msg"] == "no"
    assert given(monkeypatch, tmp_path / "ca", ASKED, {"failed": True, "msg": "no"})[0]["msg"] == "no"


@pytest.mark.parametrize(("state", "certificate"), [("requested", None), ("installed", "pem")])
def test_a_single_step_sends_nothing_of_the_authority(monkeypatch: Any, state: str, certificate: str | None) -> None:
    step = {"state": state, "certificate": certificate}
    arguments = {**FILES, **step, "directory": "/ca", "passphrase": PASSPHRASE}
    assert answered(monkeypatch, [DONE], arguments, ActionModule)[1][0][1] == {**FILES, **step}

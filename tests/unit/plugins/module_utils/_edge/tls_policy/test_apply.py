# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that writes: combinations of options, values that a configuration cannot hold, and the result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy import tls_policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.apply import (
    ApplyReport,
    ApplyRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.modules import tls_policy as module
from support.running.tasks import params_of, refusals_of

FILES = {"certificate_file": "/c.pem", "private_key_file": "/k.pem"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"service": "vsftpd"},
        {"service": "vsftpd", "certificate_file": "/c.pem"},
        {"service": "pure-ftpd", **FILES},
        {"service": "vsftpd", "endpoint": {"host": "h"}, **FILES},
        {"endpoint": {"host": "h"}, "config_file": "/f"},
        {"endpoint": {"host": "h"}, "client_ca_file": "/f"},
        {"endpoint": {"host": "h"}, "settings": {"listen": True}},
    ],
)
def test_exactly_one_job(options: dict[str, Any]) -> None:
    assert refusals_of(tls_policy, options)


def applied(monkeypatch: pytest.MonkeyPatch, before: str = "", **options: Any) -> tuple[ApplyRequest, dict[str, Any]]:
    """Return the engine's request, and the result of its answer in check and diff mode."""
    asked: list[ApplyRequest] = []

    def engine(request: ApplyRequest) -> ApplyReport:
        asked.append(request)
        after = before + "tls\n"
        peer = PeerIdentity("TLSv1.3", cipher="C", data_channel_resumed=True)
        return ApplyReport("vsftpd", "3.0.5", "/etc/x", request.profile, before, after, "tls\n", (("tls", "on"),), peer)

    monkeypatch.setattr(tls_policy, "apply_policy", engine)
    params = params_of(tls_policy, {"service": "vsftpd", **FILES, **options})
    result = tls_policy.run(Task(params, check_mode=True, diff=True))
    return asked[0], result


def test_everything_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, _result = applied(
        monkeypatch, profile={"base": "modern"}, require_client_cert=True, client_ca_file="ca.pem", config_file="/f"
    )
    assert (asked.service, asked.certificate_file, asked.private_key_file) == ("vsftpd", "/c.pem", "/k.pem")
    assert (asked.config_file, asked.client_ca_file) == ("/f", str(Path.cwd() / "ca.pem"))
    assert (asked.require_client_cert, asked.require_session_reuse, asked.check_mode) == (True, True, True)
    assert asked.profile.name == "custom, from modern-2026"


@pytest.mark.parametrize("path", ["/a b", "/a#b", '/a"b', "/a%b", "/a\nb", ""])
def test_a_path_stays_one_word(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="certificate_file"):
        applied(monkeypatch, certificate_file=path)


def test_settings_are_plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"listen": True, "max_clients": 5, "local_umask": "027"}
    assert applied(monkeypatch, settings=settings)[0].further == settings
    for value in (None, 1.5, ["a"], {"a": "b"}):
        with pytest.raises(InvalidRequest, match="settings: listen is neither"):
            applied(monkeypatch, settings={"listen": value})


def test_a_diff_shows_what_changes_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    _asked, result = applied(monkeypatch, before="SQLConnectInfo canary\n# caf\udce9\n")
    assert result["diff"]["prepared"].splitlines()[-1] == "+tls"
    assert "canary" not in json.dumps(result)
    assert result["msg"] == "/etc/x would be written; vsftpd 3.0.5 served with it on loopback"
    assert result["tried"] == {"protocol": "TLSv1.3", "cipher": "C", "data_channel_resumed": True}
    assert result["options"] == [{"name": "tls", "value": "on"}]


def test_the_documentation_names_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    documented = yaml.safe_load(module.RETURN)
    _asked, made = applied(monkeypatch)
    assert set(made) - {"changed"} <= set(documented)
    assert {name for name, part in documented.items() if "O(service)" in part["returned"]} <= set(made)
    assert set(made["tried"]) == set(documented["tried"]["contains"])

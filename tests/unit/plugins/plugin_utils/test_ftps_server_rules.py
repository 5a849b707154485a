# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between options; the authority is real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.authority import Place, open_authority
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import require_ftps_server

GOOD: dict[str, Any] = {
    "accounts": [{"name": "partner"}, {"name": "gone", "state": "absent"}],
    "passive_ports": [40000, 40999],
    "require_client_cert": False,
    "client_ca_file": "",
    "test_account": None,
    "ca_directory": "",
    "ca_passphrase": None,
    "names": ["files.example.com"],
}
PASSPHRASE = "of the authority"
REFUSED = {
    "a name of a-z": {"accounts": [{"name": "../x"}]},
    "without a name: a name of a-z": {"accounts": [{}]},
    "must be one of upload, download, both": {"accounts": [{"name": "x", "access": "all"}]},
    "the first and the last port": {"passive_ports": [50000, 40000]},
    "one port: the first and the last port": {"passive_ports": [40000]},
    "needs ftps_server_client_ca_file": {"require_client_cert": True},
    "must be in ftps_server_accounts": {"test_account": {"username": "gone"}},
    "at least 12 characters": {"ca_directory": "ca", "ca_passphrase": ""},
    "does not open": {"ca_directory": "ca", "ca_passphrase": "wrong, and long enough"},
    "neither a host name nor an address": {
        "ca_directory": "ca",
        "ca_passphrase": PASSPHRASE,
        "names": ["a/b"],
    },
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rules")
    open_authority(Place(str(place / "ca"), PASSPHRASE), "FTPS servers", make=True)
    return place


@pytest.mark.parametrize("text", REFUSED)
def test_it_is_refused(place: Path, text: str) -> None:
    with pytest.raises(SyncError, match=text.rpartition(": ")[2]):
        require_ftps_server({**GOOD, **REFUSED[text]}, lambda path: str(place / path))


@pytest.mark.parametrize("directory", ["", "ca", "new"])
def test_good_options_pass_and_make_nothing(place: Path, directory: str) -> None:
    options = {**GOOD, "ca_directory": directory, "ca_passphrase": PASSPHRASE}
    require_ftps_server(options, lambda path: str(place / path))
    assert [path.name for path in place.iterdir()] == ["ca"]

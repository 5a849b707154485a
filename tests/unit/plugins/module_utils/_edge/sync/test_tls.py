# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS options arrive in the request of a task over FTPS; the pins of a file are added to the pins of the task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnknownHost
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import TlsTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import SyncRequest
from support.running.task_params import task_params

PIN = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
OTHER_PIN = "sha256//LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="


def ftps(**options: Any) -> SyncRequest:
    """Return the request of a task over FTPS."""
    given = {"protocol": "ftps", "username": "upload", "password": "secret word", **options}
    return params.sync_request(task_params(**given), check_mode=False)


def test_every_tls_option_arrives() -> None:
    made = ftps(
        tls_mode="implicit",
        ca_file="/ca",
        client_cert_file="/cert",
        client_key_file="/key",
        client_key_passphrase="open sesame",
        tls_min_version="1.3",
        tls_ciphers="ECDHE+AESGCM",
        tls_pins=[PIN + "\n", OTHER_PIN],
    )
    assert made.tls == TlsTrust(
        mode="implicit",
        ca_file="/ca",
        client_cert_file="/cert",
        client_key_file="/key",
        min_version="1.3",
        ciphers="ECDHE+AESGCM",
        pins=(PIN, OTHER_PIN),
    )
    assert made.credentials == ("secret word", None, None, None, None, True, "open sesame", None)


@pytest.mark.parametrize(("options", "port"), [({}, 21), ({"tls_mode": "implicit"}, 990), ({"port": 2121}, 2121)])
def test_pins_of_the_task_and_of_its_file_count(tmp_path: Path, options: dict[str, object], port: int) -> None:
    file = tmp_path / "pins"
    file.write_text(f"[files.example.com]:{port} {OTHER_PIN} mine\n")
    assert ftps(**options, tls_pins=[PIN], tls_pins_file=str(file)).tls.pins == (PIN, OTHER_PIN)
    assert ftps(**options, tls_pins=[PIN]).tls.pins == (PIN,)


def test_a_file_without_pins_of_the_server_fails(tmp_path: Path) -> None:
    file = tmp_path / "pins"
    file.write_text(f"[other.example.com]:21 {PIN}\n")
    with pytest.raises(UnknownHost):
        ftps(tls_pins_file=str(file))

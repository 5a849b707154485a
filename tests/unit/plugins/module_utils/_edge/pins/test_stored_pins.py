# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of a file are added to the pins of the task."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.params import sync_request
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, UnknownHost
from support.running.task_params import task_params

ONE, TWO = ("sha256//" + letter * 43 + "=" for letter in "AE")
FTPS = {"protocol": "ftps", "username": "deploy", "password": "secret word"}


def pins(**options: object) -> tuple[str, ...]:
    """Return the pins of a task."""
    return sync_request(task_params(**options), check_mode=True).tls.pins


@pytest.mark.parametrize(("options", "port"), [({}, 21), ({"tls_mode": "implicit"}, 990), ({"port": 2121}, 2121)])
def test_both_count(tmp_path: Path, options: dict[str, object], port: int) -> None:
    file = tmp_path / "pins"
    file.write_text(f"[files.example.com]:{port} {TWO} mine\n")
    assert pins(**FTPS, **options, tls_pins=[ONE], tls_pins_file=str(file)) == (ONE, TWO)
    assert pins(**FTPS, **options, tls_pins=[ONE]) == (ONE,)


def test_a_file_without_the_server_is_no_licence(tmp_path: Path) -> None:
    file = tmp_path / "pins"
    file.write_text(f"[other.example.com]:21 {ONE}\n")
    with pytest.raises(UnknownHost):
        pins(**FTPS, tls_pins_file=str(file))


def test_it_means_nothing_over_sftp(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="tls_pins_file"):
        pins(tls_pins_file=str(tmp_path / "pins"))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.settings import (
    CHANGES,
    Settings,
    parse_settings,
)


def test_defaults_and_all_settings() -> None:
    assert parse_settings(b"{}") == Settings()
    given = Settings("/o", "/s", CHANGES, False, ("/v",), ("/x", "/y"), 60, "/m", True, 28)
    assert parse_settings(json.dumps(given._asdict()).encode()) == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"outptu": "/x"}, "unknown name outptu"),
        ({"files": "some"}, "files: some is not all, changes or none"),
        ({"journal": "yes"}, "journal: not of the type bool"),
        ({"vsftpd": "/var/log/vsftpd.log"}, "vsftpd: not of the type tuple"),
        ({"vsftpd": [1]}, "vsftpd: not of the type tuple"),
        ({"idle": True}, "idle: not of the type int"),
        ([], "not an object"),
    ],
)
def test_other_settings_are_refused(given: Any, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        parse_settings(json.dumps(given).encode())


def test_settings_that_are_not_json() -> None:
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        parse_settings(b"{")

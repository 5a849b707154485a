# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `content_check`: values, and combinations that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.content_check import content_check
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import ContentChecks
from support.running.tasks import params_of, refusals_of


def asked(check: dict[str, Any], **options: Any) -> ContentChecks | None:
    params = params_of(secure_sync, {"host": "h", "src": "/s", "dest": "/d", "content_check": check, **options})
    found = secure_sync.request(Task(params)).content_check
    assert found is None or found == content_check(params, b"/s" if params["direction"] == "push" else b"/d")
    return found


def test_the_defaults_fit_clamd_of_debian() -> None:
    assert asked({"clamd": {}}) == ContentChecks(socket=b"/run/clamav/clamd.ctl", max_size=25 << 20)


def test_all_values() -> None:
    check = {
        "clamd": {"socket": "/c", "max_size": "1M", "max_signature_age": "1d"},
        "command": ["/bin/inspect", "-x"],
        "timeout": 7,
        "quarantine": "/q",
    }
    expected = ContentChecks(b"/c", 1 << 20, 86400, ("/bin/inspect", "-x"), 7.0, b"/q")
    assert asked(check, direction="pull", src="s") == expected
    assert asked(check) == expected._replace(quarantine=b"")


def test_one_of_both_is_required() -> None:
    options = {"host": "h", "src": "/s", "dest": "/d", "content_check": {"timeout": 1}}
    assert any("clamd, command" in text for text in refusals_of(secure_sync, options))


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"command": ["inspect"]}, "content_check.command"),
        ({"command": []}, "content_check.command"),
        ({"command": ["/inspect", "a\0b"]}, "content_check.command"),
        ({"clamd": {}}, "content_check.quarantine: is required"),
        ({"clamd": {}, "quarantine": "/d/q"}, "content_check.quarantine: /d/q is in the tree"),
        ({"clamd": {"max_size": "x"}, "quarantine": "/q"}, "content_check.clamd.max_size"),
        ({"clamd": {"max_signature_age": "x"}, "quarantine": "/q"}, "content_check.clamd.max_signature_age"),
        ({"clamd": {}, "quarantine": "/q", "timeout": 0}, "content_check.timeout"),
    ],
)
def test_refused_values(check: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(check, direction="pull", src="s")
    assert words in caught.value.message

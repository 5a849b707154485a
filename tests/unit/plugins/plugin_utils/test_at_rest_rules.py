# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between options, with the options as the role's specification converts them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import require_at_rest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec
from support.running.examples import ROOT

VAULT = {"name": "jails", "store": "/var/lib/vaults/jails", "mount": "/srv/jail"}
KEY = {"custody": "host", "passphrase": "a passphrase of the operator"}
REFUSED = {
    "at least 20": {"at_rest_key": {**KEY, "passphrase": "short"}},
    "needs key.url and key.thumbprint": {"at_rest_key": {**KEY, "custody": "tang", "url": "http://tang"}},
    "not a valid name": {"at_rest_vaults": [{**VAULT, "name": "../x"}]},
    "not a directory below": {"at_rest_vaults": [{**VAULT, "mount": "/srv"}]},
    "contain each other": {"at_rest_vaults": [{**VAULT, "store": "/srv/jail/store"}]},
    "listed twice": {"at_rest_vaults": [VAULT, {**VAULT, "store": "/a/b", "mount": "/c/d"}]},
}


def checked(given: dict[str, Any]) -> None:
    spec = role_spec("at_rest", "main", lambda path: yaml.safe_load((ROOT / path).read_text()))
    require_at_rest(option_values(spec, {"at_rest_vaults": [VAULT], "at_rest_key": KEY, **given}), str)


@pytest.mark.parametrize("text", REFUSED)
def test_it_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=text) as refused:
        checked(REFUSED[text])
    assert refused.value.cure


@pytest.mark.parametrize("custody", ["operator", "tpm2", "host"])
def test_good_options_pass(custody: str) -> None:
    checked({"at_rest_key": {**KEY, "custody": custody}})

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The representation of an endpoint's values."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials

FILES = {"private_key_file", "certificate_file"}
SECRETS = [name for name in Credentials._fields if name not in FILES and name != "ssh_agent"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_never_shows(name: str) -> None:
    holder = Credentials(private_key_file="/k")._replace(**{name: "hunter2"})
    for shown in (repr(holder), str(holder), f"{holder}", repr((holder,))):
        assert "hunter2" not in shown
        assert "/k" in shown


def test_what_is_no_secret_shows() -> None:
    assert repr(Credentials(certificate_file="/c")) == (
        "Credentials(private_key_file=None, certificate_file='/c', ssh_agent=True)"
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""paramiko, there or not."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh import paramiko_config


def test_the_library_is_there() -> None:
    assert paramiko_config.has_paramiko()
    assert paramiko_config.library().Transport


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paramiko_config, "_paramiko", lambda: None)
    assert not paramiko_config.has_paramiko()
    with pytest.raises(errors.ClientMissing) as caught:
        paramiko_config.library()
    assert "OpenSSH" in caught.value.cure

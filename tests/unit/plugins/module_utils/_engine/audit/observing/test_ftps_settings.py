# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import (
    observe as ftps_settings,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)


def test_the_last_line_of_an_option_counts() -> None:
    text = "# max_per_ip=5\nmax_per_ip=10\n\nnonsense\nmax_per_ip=0\nbanner=a=b \n"
    assert ftps_settings.parse_settings(text) == {"max_per_ip": "0", "banner": "a=b"}


def test_blanks_before_an_option_hide_nothing() -> None:
    assert ftps_settings.parse_settings("ssl_enable=YES\n \tssl_enable=NO\n") == {"ssl_enable": "NO"}


def test_a_host_without_vsftpd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ftps_settings, "CONFIGS", ("/nowhere/vsftpd.conf",))
    with pytest.raises(Unobservable, match="vsftpd has no configuration"):
        ftps_settings.ftps_settings()


def test_two_configurations_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "vsftpd.conf", tmp_path / "decoy"]
    files[0].write_text("ssl_enable=NO\n")
    monkeypatch.setattr(ftps_settings, "CONFIGS", tuple(map(str, files)))
    assert ftps_settings.ftps_settings() == {"ssl_enable": "NO"}
    files[1].write_text("ssl_enable=YES\n")
    with pytest.raises(Unobservable, match=r"vsftpd\.conf and .*decoy"):
        ftps_settings.ftps_settings()

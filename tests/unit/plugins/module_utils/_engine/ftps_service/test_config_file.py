# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration file is replaced completely, with its owner and mode, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConfigUnsafe,
    Locked,
    NotFound,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.config_file import (
    read_config,
    replace_config,
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ftpd.conf"
    path.write_bytes(b"listen=YES\n# caf\xe9\n")
    path.chmod(0o640)
    return path


def test_bytes_and_mode_stay(config: Path) -> None:
    read = read_config(str(config))
    replace_config(read, read.text + "more=YES\n")
    assert config.read_bytes() == b"listen=YES\n# caf\xe9\nmore=YES\n"
    assert config.stat().st_mode & 0o777 == 0o640
    assert os.listdir(config.parent) == [config.name]


def test_a_change_meanwhile_is_kept(config: Path) -> None:
    read = read_config(str(config))
    config.write_text("somebody else\n")
    with pytest.raises(Locked):
        replace_config(read, "ours\n")
    assert config.read_text() == "somebody else\n"
    assert os.listdir(config.parent) == [config.name]


def test_links_and_what_is_no_file(config: Path) -> None:
    link, fifo = config.with_name("link"), config.with_name("fifo")
    link.symlink_to(config.name)
    os.mkfifo(fifo)
    for path, words in ((link, "symbolic link"), (fifo, "not a regular file"), (config.parent, "not a regular file")):
        with pytest.raises(ConfigUnsafe, match=words):
            read_config(str(path))
    with pytest.raises(NotFound):
        read_config(str(config.with_name("none")))


def test_what_others_may_write(config: Path) -> None:
    config.chmod(0o660)
    with pytest.raises(ConfigUnsafe, match="others may write"):
        read_config(str(config))
    config.chmod(0o600)
    config.parent.chmod(0o777)
    with pytest.raises(ConfigUnsafe, match="everybody may replace"):
        read_config(str(config))


def test_no_room_leaves_the_old(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_config(str(config))

    def denied(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", denied)
    with pytest.raises(PermissionDenied):
        replace_config(read, "ours\n")
    assert config.read_text(encoding="latin-1").startswith("listen=YES")
    assert os.listdir(config.parent) == [config.name]

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Include in ssh_config, as ssh itself follows it: `ssh -G` shows the meaning of each configuration."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_config import whole_text

HOSTS = ("one", "two", "three")
FILES = [
    {"config": "User a\n"},
    {"config": "Include {}/inner\nUser b\n", "inner": "User a\n"},
    {"config": "include = {}/inner\nUser b\n", "inner": "Host one\n  User a\n"},
    {"config": 'Host one\n  Include "{}/inner"\n  Port 7\nHost *\n  User b\n', "inner": "User a\n"},
    {"config": "Host *\n  Include {}/inner\n  Port 7\n", "inner": "Host one\nUser a\nHost two\nUser b\n"},
    {"config": "Include {0}/b* {0}/a # c\nPort 9\n", "a": "User a\n", "b2": "User b2\n", "b1": "Host two\nUser b1\n"},
    {"config": "Include {}/a\nUser z\n", "a": "Include {}/b\nHost two\nUser a\n", "b": "Host one\nUser b\n"},
    {"config": "Include {}/none/*.conf\nUser z\n"},
]


def written(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (tmp_path / name).write_text(text.format(tmp_path))
    return tmp_path / "config"


def meaning(config: Path, host: str) -> list[str]:
    said = subprocess.run(["ssh", "-G", "-F", config, host], capture_output=True, text=True, check=True).stdout
    return [line for line in said.splitlines() if line.startswith(("user ", "port "))]


@pytest.mark.parametrize("files", FILES, ids=lambda files: files["config"])
def test_the_text_means_what_the_files_mean(tmp_path: Path, files: dict[str, str]) -> None:
    config = written(tmp_path, files)
    (tmp_path / "flat").write_text(whole_text(str(config), str(tmp_path)))
    assert "include" not in (tmp_path / "flat").read_text().lower()
    for host in HOSTS:
        assert meaning(tmp_path / "flat", host) == meaning(config, host)


def test_relative_names(tmp_path: Path) -> None:
    config = written(tmp_path, {"config": "Include inner\n", "inner": "User a\n"})
    assert whole_text(str(config), str(tmp_path)) == "User a\n"
    assert whole_text(str(config), str(tmp_path / "elsewhere")) == ""


@pytest.mark.parametrize(
    "files",
    [
        {"config": "Include {}/config\n"},
        {"config": "Host one\n  Include {}/inner\n", "inner": "Host two\n  User a\n"},
        {"config": "Match host one\n  Include {}/inner\n", "inner": "Match all\n  User a\n"},
        {"config": "Include %d/config\n"},
        {"config": "Include ${{HOME}}/config\n"},
        {"config": 'Include "{}/inner\n'},
        {"config": "Include {}/\n"},
    ],
    ids=lambda files: files["config"],
)
def test_what_cannot_be_followed_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        whole_text(str(written(tmp_path, files)), str(tmp_path))
    assert caught.value.message.startswith("ssh_config: ")
    assert caught.value.cure

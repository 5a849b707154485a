# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import io
import pickle
import zipfile
from pathlib import Path

import pytest
from support.running import cache
from support.running.module_payloads import with_shared_payloads
from support.running.play import Play
from support.running.playbook_process import controller

SECRET = "canary-71c5 of an argument"
TASK = {"ansible.builtin.command": {"argv": ["true", SECRET]}}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache.root() / "payloads"


def test_a_run_takes_the_payload_of_the_run_before(tmp_path: Path, kept: Path) -> None:
    assert Play(tmp_path / "first").run([TASK]).status == 0
    (payload,) = kept.glob("*/ansible.modules.command-*-none")
    payload.write_bytes(b"no payload")
    spoilt = Play(tmp_path / "second").run([TASK])
    assert spoilt.status != 0 or spoilt.results[0]["failed"]


def test_a_payload_has_no_arguments(tmp_path: Path, kept: Path) -> None:
    assert Play(tmp_path / "play").run([TASK]).status == 0
    (payload,) = kept.glob("*/ansible.modules.command-*-none")
    kept_by_ansible = pickle.loads(payload.read_bytes())  # noqa: S301
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(kept_by_ansible.zip_data)))
    contents = [archive.read(name) for name in archive.namelist()]
    assert any(b"argv" in content for content in contents)
    assert not any(SECRET.encode() in content for content in contents)


def test_a_collection_of_a_test_of_its_own_shares_nothing(tmp_path: Path, kept: Path) -> None:
    environment = controller(tmp_path / "home", collections=[str(tmp_path / "collections")])
    assert with_shared_payloads(environment) == environment
    assert not kept.exists()


def test_changed_content_has_other_payloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = controller(tmp_path / "home")
    first, again = (with_shared_payloads(environment)["MODULE_PAYLOADS"] for _time in range(2))
    (tmp_path / "plugins/modules").mkdir(parents=True)
    (tmp_path / "plugins/modules/ping.py").write_text("")
    monkeypatch.setattr("support.running.module_payloads._SOURCES", (str(tmp_path / "plugins/modules"),))
    monkeypatch.setattr("support.running.module_payloads._ROOT", tmp_path)
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(tmp_path / ".cache")
    ours = with_shared_payloads(environment)["MODULE_PAYLOADS"]
    (tmp_path / "plugins/modules/ping.py").write_text("changed")
    assert len({first, again}) == 1
    assert len({first, ours, with_shared_payloads(environment)["MODULE_PAYLOADS"]}) == 3


def test_callbacks_of_the_run_remain(tmp_path: Path) -> None:
    given = {"ANSIBLE_CALLBACK_PLUGINS": "/plugins", "ANSIBLE_CALLBACKS_ENABLED": "killed_at"}
    environment = with_shared_payloads(controller(tmp_path / "home", **given))
    assert environment["ANSIBLE_CALLBACK_PLUGINS"].endswith(":/plugins")
    assert environment["ANSIBLE_CALLBACKS_ENABLED"] == "module_payloads,killed_at"

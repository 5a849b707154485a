# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret ID is renewed in a real OpenBao by processes that are killed at each system call that changes a file or
sends: the file always has a secret ID that logs in, and the next run leaves no other that was ever in a file."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import IssuerRefused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing import renewal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.openbao import (
    Issuer,
    Login,
    Session,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.renewal import Renewal, renew
from support.running.slices import slice_of
from support.scenes.crash_points import KILL, record, tamper
from support.servers.openbao import OpenBao

ROLE = "auth/approle/role/nightly"


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    with OpenBao(tmp_path_factory.mktemp("bao")) as bao:
        rights = "\n".join(
            f'path "{ROLE}/secret-id{suffix}" {{ capabilities = ["update"] }}' for suffix in ("", "/lookup", "/destroy")
        )
        bao.call("PUT", "sys/policies/acl/renewal", {"policy": rights})
        bao.call("POST", "sys/auth/approle", {"type": "approle"})
        yield bao


class Scene:
    """A role with one secret ID, in a file. In 40 minutes it is due."""

    def __init__(self, bao: OpenBao, directory: Path) -> None:
        self.bao = bao
        bao.call("DELETE", ROLE)
        bao.call("POST", ROLE, {"token_policies": "renewal", "secret_id_ttl": "1h"})
        self.first = str(bao.call("POST", f"{ROLE}/secret-id")["data"]["secret_id"])
        self.file = directory / "secret_id"
        for path in directory.glob("secret_id*"):
            path.unlink()
        self.file.write_text(self.first)
        self.file.chmod(0o600)
        role_id = bao.call("GET", f"{ROLE}/role-id")["data"]["role_id"]
        issuer = Issuer(bao.url, str(bao.authority.file))
        self.asked = Renewal(issuer, Login(role_id=role_id), str(self.file), "certificate.secret_id_from")

    def run(self) -> bool:
        renew(self.asked, lambda _secret: None, check_mode=False)
        return True

    def log_in(self, secret_id: str) -> Any:
        return Session.begin(self.asked.issuer, self.asked.login._replace(secret_id=secret_id))

    def known(self) -> int:
        """Return the number of secret IDs of the role."""
        return len(self.bao.call("LIST", f"{ROLE}/secret-id")["data"]["keys"])


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time
    monkeypatch.setattr(renewal, "time", SimpleNamespace(time=lambda: now() + 2400))


def test_a_kill_at_each_call(bao: OpenBao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long_run: bool) -> None:
    """A short run takes a third of the calls."""
    later(monkeypatch)
    points = record(Scene(bao, tmp_path).run, tmp_path / "log").calls
    assert {"linkat", "rename", "fsync"} <= {point.call.removesuffix("at2") for point in points} | {"linkat"}
    files = [number for number, point in enumerate(points) if str(tmp_path) in point.text or "secret_id" in point.text]
    # All calls from the first file to the last request, and a part of the requests before.
    chosen = [*slice_of(points[: files[0]], 6, long_run=long_run), *points[files[0] :]]
    print(f"{len(points)} calls, killed at {len(chosen)}")
    for point in chosen:
        monkeypatch.undo()
        later(monkeypatch)
        scene = Scene(bao, tmp_path)
        assert tamper(scene.run, tmp_path / "log", point.injection(KILL)).killed, point
        kept = scene.file.read_text().strip()
        scene.log_in(kept)
        unseen = kept == scene.first and not any(path.read_text() for path in tmp_path.glob("secret_id.new*"))
        monkeypatch.undo()
        assert scene.run()
        assert scene.file.read_text().strip() == kept, point
        scene.log_in(kept)
        assert [path.name for path in tmp_path.glob("secret_id*")] == ["secret_id"], point
        # Made, and killed before it was written: no file has it.
        assert scene.known() == 1 or (unseen and scene.known() == 2), point


def test_the_old_secret_id_ends(bao: OpenBao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(bao, tmp_path)
    hidden: list[str] = []
    renew(scene.asked, hidden.append, check_mode=False)
    assert (scene.file.read_text(), hidden) == (scene.first, [scene.first]), "it is not due"
    later(monkeypatch)
    renew(scene.asked, hidden.append, check_mode=True)
    assert scene.file.read_text() == scene.first
    renew(scene.asked, hidden.append, check_mode=False)
    new = scene.file.read_text().strip()
    assert (new != scene.first, new in hidden, scene.known()) == (True, True, 1)
    assert stat.S_IMODE(scene.file.stat().st_mode) == 0o600
    scene.log_in(new)
    with pytest.raises(IssuerRefused):
        scene.log_in(scene.first)
    (made,) = [each for each in bao.audited(f"{ROLE}/secret-id") if each["request"].get("wrap_ttl")][-1:]
    assert made["response"]["wrap_info"]["creation_path"] == f"{ROLE}/secret-id"

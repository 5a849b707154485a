# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation on the client, with real keys in a real directory."""

from __future__ import annotations

import os
import pwd
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import client_key
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.store import Place
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from support.running.tasks import refusals_of, run_task

PASSPHRASE = "a passphrase"


class Client:
    """A client with a job for the servers alpha, and beta, which is not managed."""

    def __init__(self, root: Path) -> None:
        self.keys = root / "keys"
        self.keys.mkdir(mode=0o755)
        self.job = self.keys / "nightly"

    def run(self, state: str, **options: Any) -> Result:
        given: dict[str, Any] = {"job": "nightly", "path": "/keys", "state": state}
        if state == "prepared":
            servers = [{"name": "alpha"}, {"name": "beta", "managed": False}]
            given.update(servers=servers, passphrase=PASSPHRASE, owner=pwd.getpwuid(os.getuid()).pw_name)
        return run_task(client_key, **{**given, **options})

    @property
    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.keys)) for path in self.keys.rglob("*"))


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    walker = Walker(owner=os.getuid(), start=str(tmp_path))
    monkeypatch.setattr(client_key, "Place", partial(Place, walker=walker, root=Owner(os.getuid(), os.getgid())))
    return Client(tmp_path)


def test_a_rotation(client: Client) -> None:
    first = client.run("prepared")
    name, public = first["generation"], first["public_key"]
    path = f"/keys/nightly/keys/{name}"
    assert (first["changed"], first["new_because"], first["private_key_file"]) == (True, "there is no key yet", path)
    assert first["public_keys"] == [public]
    assert first["known"] == {first["fingerprint"]: name}
    leg = {"job": "nightly", "private_key_file": path, "public_key": public, "phase": "publish"}
    leg.update(published_keys=[public], revoked_keys=[])
    assert first["legs"] == [
        {**leg, "server": "alpha", "managed": True},
        {**leg, "server": "beta", "managed": False},
    ]
    shown = ["ssh-keygen", "-y", "-P", PASSPHRASE, "-f", str(client.job / "keys" / name)]
    made = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    assert made.split()[1] == public.split()[1]

    assert client.run("promoted", proven=["alpha"])["changed"]
    assert os.path.realpath(client.job / "to/alpha") == str(client.job / "keys" / name)
    behind = [{"server": "beta", "phase": "publish", "reason": "no  login"}]
    assert client.run("settled", cleared=["alpha"], behind=behind)["changed"]
    again = client.run("prepared", servers=[{"name": "beta"}])
    assert (again["changed"], again["new_because"], again["public_key"]) == (False, "", public)
    assert [each["server"] for each in again["legs"]] == ["beta"]
    assert again["strangers"] == ["alpha"]
    assert {name: again["behind"][0][name] for name in behind[0]} == {**behind[0], "reason": "no login"}


def test_a_compromised_key_is_replaced_and_revoked(client: Client) -> None:
    lost = client.run("prepared")
    client.run("promoted", proven=["alpha", "beta"])
    found = client.run("prepared", compromised=[lost["fingerprint"]])
    assert found["public_key"] != lost["public_key"]
    assert set(found["public_keys"]) == {found["public_key"], lost["public_key"]}
    assert [each["revoked_keys"] for each in found["legs"]] == [[lost["public_key"]]] * 2
    assert [each["published_keys"] for each in found["legs"]] == [[found["public_key"]]] * 2


def test_check_mode(client: Client) -> None:
    found = client.run("prepared", check=True)
    assert (found["changed"], found["public_key"], found["fingerprint"]) == (True, None, None)
    assert [each["published_keys"] for each in found["legs"]] == [[], []]
    assert client.files == []
    client.run("prepared")
    before = client.files
    assert client.run("promoted", proven=["alpha"], check=True)["changed"]
    assert client.files == before
    client.run("promoted", proven=["alpha"])
    before = client.files
    assert client.run("settled", cleared=["alpha"], check=True)["changed"]
    assert client.files == before


def test_states_have_their_options(client: Client) -> None:
    assert client.run("promoted", proven=["alpha"])["msg"].startswith("job: nightly has no key")
    assert client.run("promoted", proven=["../x"])["error"]["code"] == "invalid_request"
    assert client.run("settled", job="../x")["error"]["code"] == "invalid_request"
    for options in ({"state": "prepared", "servers": []}, {"state": "promoted"}):
        assert refusals_of(client_key, {"job": "nightly", **options})

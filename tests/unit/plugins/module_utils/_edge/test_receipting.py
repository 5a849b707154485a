# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option receipts, converted; requests that cannot be carried out are refused by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.receipting import VERSION
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Receipting, Signing
from support.running.examples import ROOT
from support.running.tasks import params_of, refusals_of

LEAST = {"host": "files.example.com", "src": "/srv/a", "dest": "b"}
SIGN = {"private_key_file": "/k", "passphrase": "p"}


def asked(receipts: dict[str, Any] | None, **options: Any) -> Receipting | None:
    given = {} if receipts is None else {"receipts": receipts}
    return secure_sync.request(Task(params_of(secure_sync, {**LEAST, **options, **given}))).receipts


def test_no_option_no_receipts() -> None:
    assert asked(None, sign=SIGN) is None


def test_the_key_of_sign_is_the_default() -> None:
    signing = Signing(private_key_file="/k", passphrase="p")
    assert asked({"path": "/var/r"}, sign=SIGN) == Receipting(b"/var/r", signing, "sync", VERSION)
    own = asked({"path": "/var/r", "public_key": "ssh-ed25519 AAAA", "job": "nightly"}, sign=SIGN)
    assert own == Receipting(b"/var/r", Signing(public_key="ssh-ed25519 AAAA"), "nightly", VERSION)


def test_a_pull_may_leave_receipts() -> None:
    pull = asked({"path": "/var/r", "private_key_file": "/k"}, direction="pull", src="a", dest="/srv/b")
    assert pull is not None


def test_the_version_is_the_version_of_the_collection() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == VERSION


@pytest.mark.parametrize(
    ("receipts", "message"),
    [
        ({"path": "/var/r"}, "receipts: has no key that signs"),
        ({"path": "/var/r", "passphrase": "secret"}, "receipts.passphrase: needs a key"),
        ({"path": "/var/r", "certificate_file": "/c"}, "receipts.certificate_file: needs a key"),
        ({"path": "/srv/a/r", **SIGN}, "receipts.path: /srv/a/r is in the tree /srv/a"),
        ({"path": "/srv/b/../a", **SIGN}, "receipts.path: /srv/b/../a is in the tree /srv/a"),
        ({"path": "/var/r", "job": " ", **SIGN}, "receipts.job: is empty, has unprintable characters or more than 200"),
        ({"path": "/var/r", "job": "a\nb", **SIGN}, "receipts.job: is empty, has unprintable characters or more"),
        ({"path": "/var/r", "job": "a" * 201, **SIGN}, "receipts.job: is empty, has unprintable characters or more"),
    ],
)
def test_what_cannot_be_is_refused(receipts: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(receipts)
    assert caught.value.message.startswith(message)
    assert caught.value.cure
    assert "secret" not in caught.value.message


def test_a_path_that_leads_into_the_tree_by_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    with pytest.raises(InvalidRequest, match="is in the tree"):
        asked({"path": str(tmp_path / "link" / "receipts"), **SIGN}, src=str(tmp_path / "tree"))
    assert asked({"path": str(tmp_path / "tree-receipts"), **SIGN}, src=str(tmp_path / "tree")) is not None


def test_without_the_options_no_module_is_loaded() -> None:
    program = (
        "import sys\n"
        "from support.running.tasks import params_of\n"
        f"from {secure_sync.__name__.rpartition('.')[0]} import secure_sync\n"
        f"from {Task.__module__} import Task\n"
        f"secure_sync.request(Task(params_of(secure_sync, {LEAST!r})))\n"
        "print(*(name.rpartition('.')[2] for name in sys.modules if '.ftp_synchronize.' in name))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    loaded = set(done.stdout.split())
    assert "secure_sync" in loaded
    assert not loaded & {"receipting", "signing_key", "signing", "receipts", "receipt_directory", "receipt"}


def test_ansible_refuses_two_keys() -> None:
    two = {"path": "/var/r", "private_key_file": "/k", "public_key": "ssh-ed25519 AAAA"}
    assert "mutually exclusive" in str(refusals_of(secure_sync, {**LEAST, "receipts": two}))

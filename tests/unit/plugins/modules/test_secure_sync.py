# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation is true of the module: options of the examples, keys of the result; and errors without a peer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.results import sync_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import failure
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    ACTIONS,
    REASONS,
    RELOCATIONS,
    Plan,
    Skipped,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import (
    PROOFS,
    Outcome,
    SignedSet,
    SyncReport,
    WrittenReceipt,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import STATS
from ansible_collections.secure.ftp_synchronize.plugins.modules import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.inventory_endpoint import RESULT
from support.running.task_params import task_params

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
NAME = "secure.ftp_synchronize.secure_sync"
RETURN = yaml.safe_load(secure_sync.RETURN)
RETURN.pop(RESULT)  # added by the action


def examples() -> Iterator[dict[str, Any]]:
    """Yield the options of every task of the examples, including module_defaults of its play."""
    for item in yaml.safe_load(secure_sync.EXAMPLES):
        shared = item.get("module_defaults", {}).get("group/secure.ftp_synchronize.endpoint", {})
        for task in item.get("tasks", [item]):
            yield {**shared, **task[NAME]}


def whole_result() -> dict[str, Any]:
    """Return a result in which nothing is missing."""
    action = Write(RelPath(b"a"), "move", "missing", Entry(FILE, 1, 0, 0o644), None, origin=RelPath(b"o"))
    report = SyncReport(
        Plan((action,), skipped=(Skipped(RelPath(b"s"), "fifo"),)),
        (Outcome(action, "read_back"),),
        problems=(PermissionDenied("denied", path=b"b"),),
        peer=PeerIdentity("SSH-2.0"),
        signed_set=SignedSet(b".sets/1", "tree", 1, "0" * 64, "SHA256:x", 0, 1, "signer", "0" * 64),
        receipt=WrittenReceipt(b"/receipts/00000001.json", 1, "0" * 64),
        content_check={"scanner": "ClamAV", "signatures": None, "checked": 1, "refused": 0, "unchecked": 0},
    )
    return sync_result(report, push=True, check_mode=False, max_listed=100, diff=True)


def every_peer() -> dict[str, Any]:
    """Return the keys that a result has for an SSH peer and for a TLS peer, together."""
    over_tls = PeerIdentity(
        "TLSv1.3",
        certificate_subject="CN=a",
        certificate_fingerprint="SHA256:00",
        certificate_pin="sha256//AA",
        certificate_expires="2027-01-31T12:00:00Z",
        data_channel_resumed=True,
    )
    told = [
        sync_result(SyncReport(Plan(), peer=peer), push=True, check_mode=False, max_listed=0, diff=False)["peer"]
        for peer in (PeerIdentity("SSH-2.0"), over_tls)
    ]
    assert set(told[0]) & set(told[1]) == {"protocol", "client", "software", "cipher"}
    return {**told[0], **told[1]}


def test_examples_use_options_that_exist() -> None:
    spec = edge.spec()["argument_spec"]
    required = {name for name, option in spec.items() if option.get("required")}
    seen = list(examples())
    assert len(seen) == 13
    for options in seen:
        assert set(options) <= set(spec)
        assert set(options) >= required
        # Templates are filled in before a module sees them: a template here is a key there.
        filled = {name: KEY if name == "private_key" else value for name, value in options.items()}
        filled.setdefault("host", "partner04")  # the action takes it from the inventory
        assert edge.request(Task(task_params(**filled))).endpoint.host == filled["host"]


def test_every_key_of_a_result_is_documented_and_the_other_way_round() -> None:
    result = whole_result()
    assert set(RETURN) == set(result) - {"changed", "failed"}
    for name, documented in RETURN.items():
        value = every_peer() if name == "peer" else result[name]
        value = value[0] if documented["type"] == "list" and documented["elements"] == "dict" else value
        if "contains" in documented:
            assert set(documented["contains"]) == set(value), name
    assert set(RETURN["totals"]["sample"]) == set(result["totals"])
    assert set(RETURN["error"]["contains"]) == set(failure(PermissionDenied("x"))["error"])
    assert set(RETURN["stats"]["sample"]) <= set(STATS)
    assert set(RETURN["proofs"]["sample"]) <= set(PROOFS)


@pytest.mark.parametrize(("field", "words"), [("action", (*ACTIONS, *RELOCATIONS)), ("reason", REASONS)])
def test_every_word_of_an_action_is_explained(field: str, words: tuple[str, ...]) -> None:
    text = json.dumps(RETURN["changes"]["contains"][field]["description"])
    assert [word for word in words if f"C({word})" not in text] == []


def run(options: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run the module's main and give its result."""
    with patch_module_args(options), pytest.raises(SystemExit):
        secure_sync.main()
    return json.loads(capfd.readouterr().out)


def test_a_source_that_is_missing_is_found_without_a_connection(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = {"host": "host.invalid", "src": str(tmp_path / "none"), "dest": "x", "state_dir": str(tmp_path)}
    result = run(options, capfd)
    assert result["failed"] is True
    assert result["error"]["code"] == "source_missing"
    assert set(result) >= set(RETURN) - {"peer", "diff", "set", "receipt", "content_check"}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"host": "a", "src": "/"}, "dest"),
        ({"host": "a", "src": "/", "dest": "x", "prot": "ftps"}, "prot"),
        ({"host": "a", "src": "/", "dest": "x", "retries": "many"}, "retries"),
        ({"host": "a", "src": "/", "dest": "x", "password": "canary", "compare": "nothing"}, "compare"),
    ],
    ids=["missing", "unknown", "of the wrong type", "of no choice"],
)
def test_what_ansible_refuses_itself_has_all_keys_too(
    options: dict[str, Any], word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """So the `until` of the examples can be evaluated, and does not try again."""
    result = run(options, capfd)
    assert result["failed"] is True
    assert result["error"]["code"] == "invalid_request"
    assert word in result["error"]["message"]
    assert word in result["msg"]
    assert set(result) >= set(RETURN) - {"peer", "diff", "set", "receipt", "content_check"}
    assert "canary" not in json.dumps(result)


def test_a_bad_option_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    result = run({"host": "a", "src": "/", "dest": "x", "max_delete": "all"}, capfd)
    assert result["error"]["code"] == "invalid_request"
    assert result["msg"].startswith("max_delete: 'all' is neither")


def test_an_option_of_the_other_protocol_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    result = run({"host": "a", "src": "/", "dest": "x", "protocol": "ftps", "host_keys": ["SHA256:abc"]}, capfd)
    assert result["error"]["code"] == "invalid_request"
    assert result["msg"].startswith("host_keys: has no meaning over FTPS. ")
    assert "tls_pins" in result["error"]["cure"]
    assert "ca_file" in result["error"]["cure"]


def test_password_is_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    result = run({"host": "a", "src": "/none", "dest": "x", "password": "canary-word", "trash": "/canary-word"}, capfd)
    assert "canary-word" not in json.dumps(result)
    assert result["error"]["code"] == "invalid_request"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `verify`: its files are read before any contact, and values that could weaken it are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import VerifyRequest
from support.running.task_params import task_errors, task_params
from support.servers.ssh_keys import key, revocation_list
from support.trees.signed_tree import PRINCIPAL, TREE, Sender

LINE = Sender(key("release")).line


def demands(*, task: dict[str, Any] | None = None, **verify: Any) -> VerifyRequest:
    given = {"principal": PRINCIPAL, "allowed_signers": [LINE], **verify}
    options = {"direction": "pull", "verify": {name: each for name, each in given.items() if each is not None}}
    made = params.sync_request(task_params(**{**options, **(task or {})}), check_mode=False).verify
    assert made is not None
    return made


def refusal(*, task: dict[str, Any] | None = None, **verify: Any) -> SyncError:
    with pytest.raises(SyncError) as caught:
        demands(task=task, **verify)
    assert caught.value.cure
    return caught.value


def test_defaults_are_those_of_the_model() -> None:
    assert demands() == VerifyRequest(PRINCIPAL, (LINE + "\n",))


def test_every_option_arrives(tmp_path: Path) -> None:
    signers, revoked = tmp_path / "signers", revocation_list(key("old"))
    signers.write_text(f"# release team\n{LINE}\n")
    made = demands(
        allowed_signers=None, allowed_signers_file=str(signers), revoked_keys_file=str(revoked), path="LIST",
        max_age="7d", min_sequence=3, unsigned="error", accept_tree=TREE,
    )  # fmt: skip
    assert made == VerifyRequest(PRINCIPAL, (LINE + "\n",), revoked.read_bytes(), b"LIST", 7 * 86400, 3, "error", TREE)


def test_a_task_without_it_has_none() -> None:
    assert params.sync_request(task_params(direction="pull"), check_mode=False).verify is None


@pytest.mark.parametrize(
    ("verify", "words"),
    [
        ({"principal": "release *"}, "verify.principal"),
        ({"principal": "*"}, "verify.principal"),
        ({"principal": ""}, "verify.principal"),
        ({"allowed_signers": []}, "verify.allowed_signers: names no signer"),
        ({"allowed_signers": ["a b c"]}, "verify.allowed_signers: line 1"),
        ({"path": "a/b"}, "verify.path"),
        ({"path": ".."}, "verify.path"),
        ({"max_age": "soon"}, "verify.max_age"),
        ({"min_sequence": 0}, "verify.min_sequence"),
        ({"accept_tree": "any"}, "verify.accept_tree"),
        ({"revoked_keys_file": "/nowhere"}, "verify.revoked_keys_file"),
    ],
)
def test_a_wrong_value_is_named(verify: dict[str, Any], words: str) -> None:
    assert refusal(**verify).message.startswith(words)


def test_options_that_contradict_it_are_refused() -> None:
    assert "direction is push" in refusal(task={"direction": "push"}).message
    assert "compare is size_mtime" in refusal(task={"compare": "size_mtime"}).message


def test_ansible_demands_signers_and_a_principal() -> None:
    verify = {"principal": PRINCIPAL, "allowed_signers": [LINE], "allowed_signers_file": "/x"}
    assert task_errors(verify=verify)
    assert task_errors(verify={"principal": PRINCIPAL})
    assert task_errors(verify={"allowed_signers": [LINE]})

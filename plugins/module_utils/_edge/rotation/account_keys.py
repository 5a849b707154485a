# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module account_keys: the keys of one holder in the authorized keys of an account."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Sequence, Tuple

from ..._engine.rotation.server_files import KeyFile, change_file, group_of
from ..._engine.rotation.server_keys.key_lines import account_keys, mark_of, public_key
from ..._engine.rotation.server_keys.read_by_sshd import require_authorized_keys
from ..._engine.system.changes import Change
from ..._engine.system.entries import Attributes
from ..._engine.trust.fingerprint import PublicKey
from ..changes import worded_result
from ..contract import Result, Task
from ..names import account_name, plain_path

_MODE = 0o640


class AccountKeys(NamedTuple):
    """The wanted keys of one holder.

    path: of the file.
    account: whose logins the file decides.
    mark: of the holder's lines.
    keys: in the order of the file.
    """

    path: str
    account: str
    mark: str
    keys: Tuple[PublicKey, ...]


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "path": {"type": "str", "required": True},
            "account": {"type": "str", "required": True},
            "holder": {"type": "str", "required": True},
            "keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
        }
    }


def request(task: Task) -> AccountKeys:
    given = task.params
    return AccountKeys(
        plain_path(given["path"]),
        account_name("account", given["account"]),
        mark_of(given["holder"]),
        public_keys(given["keys"]),
    )


def public_keys(given: Sequence[str]) -> Tuple[PublicKey, ...]:
    return tuple(map(public_key, given))


def run(task: Task) -> Result:
    asked = request(task)
    wanted = Attributes(0, group_of(asked.account, check_mode=task.check_mode), _MODE)
    if asked.keys and wanted.group is not None:
        require_authorized_keys(asked.path, asked.account)

    def change(content: bytes) -> bytes:
        text = content.decode("utf-8", "surrogateescape")
        return account_keys(text, asked.mark, asked.keys).encode("utf-8", "surrogateescape")

    return result(change_file(KeyFile(asked.path, wanted), change, check_mode=task.check_mode))


def result(changes: Sequence[Change]) -> Result:
    return worded_result(changes)


def blank() -> Result:
    return {"changed": False, "changes": []}

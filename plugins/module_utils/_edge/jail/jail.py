# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module jail: the accounts of jails; their directories, keys and quotas; or their mounts."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Union

from ..._engine.errors import InvalidRequest
from ..._engine.jail.engine import keep_jails
from ..._engine.jail.key_file import authorized_key
from ..._engine.jail.login_accounts import NO_PASSWORD, AccountsRequest, JailAccount, keep_accounts
from ..._engine.jail.mounts import MountRequest, keep_mounts
from ..._engine.jail.request import (
    ABSENT,
    ACCESSES,
    DOWNLOAD,
    PRESENT,
    REMOVALS,
    STATES,
    Jail,
    JailDirectory,
    JailRequest,
    Quota,
    check_account_name,
)
from ..._engine.model.display import plain
from ..._engine.system.changes import ChangeReport
from ..._engine.system.root_owned_path import parts_of
from ..argspec import Spec
from ..changes import changes_result
from ..contract import Result, Task
from ..quantities import byte_count

ALWAYS, ON_CREATE = "always", "on_create"
_HASH = re.compile(r"[^:\s]+\Z")
Params = Mapping[str, Any]

_PARTS = ("accounts", "jails", "mounts")
Asked = Union[AccountsRequest, JailRequest, MountRequest]


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options(), "required_one_of": [_PARTS], "mutually_exclusive": [_PARTS]}


def request(task: Task) -> Asked:
    if task.params["accounts"] is not None:
        return accounts_request(task.params, check_mode=task.check_mode)
    if task.params["mounts"] is not None:
        return mount_request(task.params, check_mode=task.check_mode)
    return tree_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    report = _kept(request(task))
    for note in report.notes:
        task.warn(plain(note))
    return result(report, task)


def _kept(asked: Asked) -> ChangeReport:
    if isinstance(asked, AccountsRequest):
        return keep_accounts(asked)
    return keep_mounts(asked) if isinstance(asked, MountRequest) else keep_jails(asked)


def result(report: ChangeReport, task: Task) -> Result:
    return {
        **changes_result(report, check_mode=task.check_mode),
        "archives": list(report.archives),
        "notes": [plain(note) for note in report.notes],
        "unlisted": list(report.unlisted),
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "archives": [], "notes": [], "unlisted": []}


def _options() -> Spec:
    return {
        "path": {"type": "str", "default": "/srv/jail"},
        "accounts": {"type": "list", "elements": "dict", "options": _account_options()},
        "shell": {"type": "str", "default": "/usr/sbin/nologin"},
        "mounts": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
        "keys_path": {"type": "str", "default": "/etc/ssh/authorized_keys.d", "no_log": False},
        "archive_path": {"type": "str", "default": "/var/backups/chroot_jail"},
        "jails": {"type": "list", "elements": "dict", "options": _jail_options()},
        "refuse_unlisted": {"type": "bool", "default": False},
    }


def _jail_options() -> Spec:
    return {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": list(STATES), "default": PRESENT},
        "access": {"type": "str", "choices": list(ACCESSES), "default": "both"},
        "directories": {"type": "list", "elements": "dict", "default": [{"name": "data"}], "options": _directory()},
        "authorized_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "certificate_authorities": {"type": "list", "elements": "str", "default": []},
        "principals": {"type": "list", "elements": "str", "default": []},
        "quota": {"type": "str"},
        "quota_files": {"type": "int"},
        "removal": {"type": "str", "choices": list(REMOVALS), "default": "archive"},
        "rotated": {"type": "bool", "default": False},
    }


def _directory() -> Spec:
    return {
        "name": {"type": "str", "required": True},
        "writable": {"type": "bool"},
        "owner": {"type": "str", "default": "root"},
    }


def _account_options() -> Spec:
    return {
        "name": {"type": "str", "required": True},
        "password_hash": {"type": "str", "no_log": True},
        "update_password": {"type": "str", "choices": [ALWAYS, ON_CREATE], "default": ALWAYS, "no_log": False},
    }


def tree_request(params: Params, *, check_mode: bool) -> JailRequest:
    """Return the request. Raises InvalidRequest."""
    base, keys, archives = (_path(params[option]) for option in ("path", "keys_path", "archive_path"))
    jails = tuple(_one(each) for each in params["jails"])
    return JailRequest(base, keys, archives, jails, check_mode, params["refuse_unlisted"])


def accounts_request(params: Params, *, check_mode: bool) -> AccountsRequest:
    """Return the request. Raises InvalidRequest."""
    base = _path(params["path"])
    return AccountsRequest(tuple(_account(each, base) for each in params["accounts"]), params["shell"], check_mode)


def _account(given: Params, base: str) -> JailAccount:
    name = check_account_name(given["name"])
    password = given["password_hash"] or NO_PASSWORD
    if not _HASH.match(password):
        raise InvalidRequest(
            f"password_hash: the value of {name} is not a hash", cure="Make it with mkpasswd or openssl passwd -6."
        )
    return JailAccount(name, f"{base}/{name}", password, given["update_password"] == ON_CREATE)


def mount_request(params: Params, *, check_mode: bool) -> MountRequest:
    """Return the request. Raises InvalidRequest."""
    return MountRequest(_path(params["path"]), tuple(params["mounts"]), params["state"], check_mode)


def _path(text: str) -> str:
    return "/" + "/".join(parts_of(text))


def _one(given: Params) -> Jail:
    return Jail(
        given["name"],
        given["state"],
        tuple(_inner(each, writable=given["access"] != DOWNLOAD) for each in given["directories"]),
        tuple(authorized_key(each) for each in given["authorized_keys"]),
        Quota(_space(given["quota"]), _files(given["quota_files"])),
        given["removal"],
        given["rotated"],
        tuple(authorized_key(each, "certificate_authorities") for each in given["certificate_authorities"]),
        tuple(given["principals"]),
    )


def _inner(given: Params, *, writable: bool) -> JailDirectory:
    """Return the directory. writable: the default of the option."""
    return JailDirectory(given["name"], writable if given["writable"] is None else given["writable"], given["owner"])


def _space(text: Optional[str]) -> Optional[int]:
    if text is None:
        return None
    try:
        value = byte_count(text)
    except ValueError:
        raise InvalidRequest(f"quota: {text!r} is not a size", cure="Write it like 500M or 2G.") from None
    return _positive("quota", value)


def _files(number: Optional[int]) -> Optional[int]:
    return None if number is None else _positive("quota_files", number)


def _positive(option: str, value: int) -> int:
    if value < 1:
        raise InvalidRequest(f"{option}: {value} is not a valid limit", cure="Leave it out for no limit.")
    return value

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between the options of roles, checked on the controller before any change or installation.

Roles also get values here that modules know too, or that follow from their options.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils._edge.at_rest_vault import request
from ..module_utils._edge.contract import Task
from ..module_utils._edge.quantities import duration
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.mfa.pam_text import DIRECTORY, PROGRAM, SERVICE, block_text, program_text, service_text
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.system.sandbox import SANDBOX
from .authority import Place, open_authority
from .issuing import require_names

ACCESSES = ("upload", "download", "both")
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_FIRST_PORT, _LAST_PORT = 1024, 65535
_MOST_DAYS = 36500
_PATHS = "transfer_monitoring_aide_paths"
_ADMINISTRATORS = ("root", "sudo", "wheel", "admin")
"""Groups whose members are never closed out."""
_GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TIME = re.compile(r"[1-9][0-9]{0,4}[smh]")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_AUTHORITY = re.compile(r"(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( [ -~]*)?")
Options = Mapping[str, Any]


def require_ftps_server(options: Options, path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest, or the error of an authority that cannot sign. path_of: a path of the controller."""
    _require_accounts(options["accounts"])
    _require_ports(options["passive_ports"])
    if options["require_client_cert"] and not options["client_ca_file"]:
        raise InvalidRequest(
            "ftps_server_require_client_cert: needs ftps_server_client_ca_file",
            cure="Set ftps_server_client_ca_file to the certificate of the authority of the clients.",
        )
    _require_test_account(options)
    if options["ca_directory"]:
        _require_authority(options, path_of)


def _require_accounts(accounts: Sequence[Options]) -> None:
    for account in accounts:
        name = str(account.get("name", ""))
        if not _NAME.fullmatch(name):
            raise InvalidRequest(
                f"ftps_server_accounts: {plain(repr(name))} is not a name; each needs "
                "a name of a-z, 0-9, _ and -, beginning with a "
                "letter or _",
                cure="Correct the names.",
            )
        access = account.get("access", "both")
        if access not in ACCESSES:
            raise InvalidRequest(
                f"ftps_server_accounts: the access of {name} is {plain(str(access))}, "
                f"and must be one of {', '.join(ACCESSES)}",
                cure="Correct the access of the account.",
            )


def _require_ports(ports: Sequence[int]) -> None:
    if len(ports) != 2 or not _FIRST_PORT <= ports[0] <= ports[1] <= _LAST_PORT:
        raise InvalidRequest(
            f"ftps_server_passive_ports: must be the first and the last port, between {_FIRST_PORT} and {_LAST_PORT}",
            cure="Set two ports, such as [40000, 40999].",
        )


def _require_test_account(options: Options) -> None:
    tester = options["test_account"]
    present = {each.get("name") for each in options["accounts"] if each.get("state") != "absent"}
    if tester and tester["username"] not in present:
        raise InvalidRequest(
            "ftps_server_test_account: must be in ftps_server_accounts",
            cure="Add the account to ftps_server_accounts and chroot_jail_accounts, or set another account.",
        )


def _require_authority(options: Options, path_of: Callable[[str], str]) -> None:
    """Open an existing authority, and check for the library. Nothing is made."""
    directory = path_of(options["ca_directory"])
    open_authority(Place(directory, options["ca_passphrase"] or "", "ftps_server_ca"), "", make=False)
    require_names(options["names"])


def require_at_rest(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest if the module at_rest_vault refuses the options on every host. path_of: not used."""
    request(Task(dict(options)))


def require_chroot_jail(options: Mapping[str, Any], _path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest."""
    days = options["archive_days"]
    if not 0 <= days <= _MOST_DAYS:
        raise InvalidRequest(
            f"chroot_jail_archive_days: must be a number from 0 to {_MOST_DAYS}, and is {days}",
            cure="Set chroot_jail_archive_days to a number of days, or to 0 to keep all archives.",
        )


def require_transfer_monitoring(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest for a path that AIDE would compare with nothing. path_of: not used."""
    if options["aide"] and not options["aide_paths"]:
        raise InvalidRequest(f"{_PATHS}: must not be empty", cure=f"List the files of the configuration in {_PATHS}.")
    for path in options["aide_paths"]:
        _require_path(path)


def _require_path(path: str) -> None:
    if not path.startswith("/") or not path.isprintable():
        raise InvalidRequest(f"{_PATHS}: {path!r} is not an absolute path", cure=f"Correct it in {_PATHS}.")
    normal = "/" + posixpath.normpath(path).lstrip("/")
    if normal == "/":
        raise InvalidRequest(f"{_PATHS}: {path} is the whole host", cure=f"List directories in {_PATHS}.")
    if path != normal:
        raise InvalidRequest(f"{_PATHS}: {path} is another name of {normal}", cure=f"Write {normal} in {_PATHS}.")


def require_key_revocation(options: Mapping[str, Any], _path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest. The entry point drill has no check of the list, and main has no drill."""
    limits = options["limits"]
    if not all(map(_TIME.fullmatch, limits.values())):
        raise InvalidRequest(
            f"key_revocation_limits: {json.dumps(limits)} has a value that is no time",
            cure="Write it as 60s, 5m or 1h.",
        )
    if options.get("drill", {}).get("account") == "root":
        raise InvalidRequest("key_revocation_drill.account: is root", cure="Make an account that only drills use.")
    if "check" in options:
        _require_closable(options["check"])
        _require_signer(options["mode"], options["sign"] or {})


def _require_closable(check: Mapping[str, Any]) -> None:
    group = check["closed_group"] or ""
    if check["on_stale"] == "close_accounts" and (not _GROUP.fullmatch(group) or group in _ADMINISTRATORS):
        raise InvalidRequest(
            f"key_revocation_check.closed_group: {json.dumps(group or 'not set')} cannot be closed",
            cure="Set it to a group without administrators.",
        )


def _require_signer(mode: str, sign: Mapping[str, Any]) -> None:
    """A plan needs neither the key that signs nor the signers."""
    missing = [f"sign.{name}" for name in ("principal", "allowed_signers") if not sign.get(name)] if sign else ["sign"]
    if mode == "run" and missing:
        named = ", ".join(f"key_revocation_{name}" for name in missing)
        raise InvalidRequest(f"{named}: must be set for the mode run", cure="Set the key that signs, and the signers.")


def key_revocation_texts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the greatest age of the list in seconds, and the groups that stay open."""
    if "check" not in options:
        return {}
    age = duration("key_revocation_check.max_age", options["check"]["max_age"], shortest=1)
    return {"max_age": age, "administrators": list(_ADMINISTRATORS)}


def sandbox_texts(*_options: Any) -> dict[str, Any]:
    """Return the lines that the services of a role have in common."""
    return {"sandbox": SANDBOX}


def require_break_glass(options: Mapping[str, Any], _path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest."""
    account, authorities = options["account"], options["authorities"]
    if account == "root" or not _ACCOUNT.fullmatch(account):
        raise InvalidRequest(
            f"break_glass_account: {plain(account[:40])} is root, or not the name of an account",
            cure="Set it to the name of an account that only emergencies use.",
        )
    if options["state"] == "present" and not authorities:
        raise InvalidRequest("break_glass_authorities: is empty", cure="List the public key of the offline authority.")
    wrong = [line for line in authorities if not _AUTHORITY.fullmatch(line)]
    if wrong:
        raise InvalidRequest(
            f"break_glass_authorities: {plain(wrong[0][:40])} is not the line of a .pub file",
            cure="List the public key of the offline authority, as its .pub file has it.",
        )


def mfa_texts(options: Mapping[str, Any]) -> dict[str, str]:
    present = [person for person in options["people"] if person["state"] != "absent"]
    names = [person["name"] for person in present if "totp" in person["methods"]]
    return {
        "directory": DIRECTORY,
        "program": PROGRAM,
        "service": SERVICE,
        "program_text": program_text(),
        "service_text": service_text(),
        "block_text": block_text(names, options["group"]),
    }

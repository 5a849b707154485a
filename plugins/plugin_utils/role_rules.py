# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between the options of roles, checked on the controller before any change or installation.

The role mfa also gets its texts and places here, which mfa_info and the audit know too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils._edge.at_rest_vault import request
from ..module_utils._edge.contract import Task
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.mfa.pam_text import DIRECTORY, PROGRAM, SERVICE, block_text, program_text, service_text
from ..module_utils._engine.model.display import plain
from .authority import Place, open_authority
from .issuing import require_names

ACCESSES = ("upload", "download", "both")
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_FIRST_PORT, _LAST_PORT = 1024, 65535
Options = Mapping[str, Any]


def require_ftps_server(options: Options, path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest, or the error of an authority that cannot sign. path_of: a path of the controller."""
    _require_accounts(options["ftps_server_accounts"])
    _require_ports(options["ftps_server_passive_ports"])
    if options["ftps_server_require_client_cert"] and not options["ftps_server_client_ca_file"]:
        raise InvalidRequest(
            "ftps_server_require_client_cert: needs ftps_server_client_ca_file",
            cure="Set ftps_server_client_ca_file to the certificate of the authority of the clients.",
        )
    _require_test_account(options)
    if options["ftps_server_ca_directory"]:
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
    tester = options["ftps_server_test_account"]
    present = {each.get("name") for each in options["ftps_server_accounts"] if each.get("state") != "absent"}
    if tester and tester["username"] not in present:
        raise InvalidRequest(
            "ftps_server_test_account: must be in ftps_server_accounts",
            cure="Add the account to ftps_server_accounts and chroot_jail_accounts, or set another account.",
        )


def _require_authority(options: Options, path_of: Callable[[str], str]) -> None:
    """Open an existing authority, and check for the library. Nothing is made."""
    directory = path_of(options["ftps_server_ca_directory"])
    open_authority(Place(directory, options["ftps_server_ca_passphrase"] or "", "ftps_server_ca"), "", make=False)
    require_names(options["ftps_server_names"])


_PREFIX = "at_rest_"


def require_at_rest(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest if the module at_rest_vault refuses the options on every host. path_of: not used."""
    request(Task({name.removeprefix(_PREFIX): value for name, value in options.items()}))


_MOST_DAYS = 36500


def require_chroot_jail(options: Mapping[str, Any], _path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest."""
    days = options["chroot_jail_archive_days"]
    if not 0 <= days <= _MOST_DAYS:
        raise InvalidRequest(
            f"chroot_jail_archive_days: must be a number from 0 to {_MOST_DAYS}, and is {days}",
            cure="Set chroot_jail_archive_days to a number of days, or to 0 to keep all archives.",
        )


_PATHS = "transfer_monitoring_aide_paths"


def require_transfer_monitoring(options: Mapping[str, Any], path_of: Callable[[str], str]) -> None:
    """Raise InvalidRequest for a path that AIDE would compare with nothing. path_of: not used."""
    if options["transfer_monitoring_aide"] and not options[_PATHS]:
        raise InvalidRequest(f"{_PATHS}: must not be empty", cure=f"List the files of the configuration in {_PATHS}.")
    for path in options[_PATHS]:
        _require_path(path)


def _require_path(path: str) -> None:
    if not path.startswith("/") or not path.isprintable():
        raise InvalidRequest(f"{_PATHS}: {path!r} is not an absolute path", cure=f"Correct it in {_PATHS}.")
    normal = "/" + posixpath.normpath(path).lstrip("/")
    if normal == "/":
        raise InvalidRequest(f"{_PATHS}: {path} is the whole host", cure=f"List directories in {_PATHS}.")
    if path != normal:
        raise InvalidRequest(f"{_PATHS}: {path} is another name of {normal}", cure=f"Write {normal} in {_PATHS}.")


def mfa_texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Return them for the options of the role."""
    present = [person for person in options["mfa_people"] if person["state"] != "absent"]
    names = [person["name"] for person in present if "totp" in person["methods"]]
    return {
        "directory": DIRECTORY,
        "program": PROGRAM,
        "service": SERVICE,
        "program_text": program_text(),
        "service_text": service_text(),
        "block_text": block_text(names, options["mfa_group"]),
    }

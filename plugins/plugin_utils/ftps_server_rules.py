# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between the options of the role ftps_server, checked on the controller before any change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils._engine.errors import InvalidRequest
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
                "ftps_server_accounts: %s is not a name; each needs a name of a-z, 0-9, _ and -, beginning with a "
                "letter or _" % plain(repr(name)),
                cure="Correct the names.",
            )
        access = account.get("access", "both")
        if access not in ACCESSES:
            raise InvalidRequest(
                "ftps_server_accounts: the access of %s is %s, and must be one of %s"
                % (name, plain(str(access)), ", ".join(ACCESSES)),
                cure="Correct the access of the account.",
            )


def _require_ports(ports: Sequence[int]) -> None:
    if len(ports) != 2 or not _FIRST_PORT <= ports[0] <= ports[1] <= _LAST_PORT:
        raise InvalidRequest(
            "ftps_server_passive_ports: must be the first and the last port, between %d and %d"
            % (_FIRST_PORT, _LAST_PORT),
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

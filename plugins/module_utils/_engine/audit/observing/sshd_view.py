# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of sshd as sshd itself reports them: for each account, and for the daemon."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Sequence

from ...sshd.daemon import Client, Effective
from ...sshd.views import View, views_of_all
from .accounts import Login

KEYWORDS = (
    *("allowagentforwarding", "allowtcpforwarding", "authenticationmethods", "authorizedkeyscommand"),
    *("authorizedkeysfile", "gssapiauthentication", "hostbasedauthentication"),
    *("casignaturealgorithms", "chrootdirectory", "ciphers", "disableforwarding", "forcecommand"),
    *("gatewayports", "hostkeyalgorithms", "kbdinteractiveauthentication", "kexalgorithms", "logingracetime"),
    *("loglevel", "macs", "maxauthtries", "maxsessions", "maxstartups", "passwordauthentication"),
    *("permitemptypasswords", "permitrootlogin", "permittty", "persourcemaxstartups", "persourcepenalties"),
    "persourcepenaltyexemptlist",
    *("pubkeyacceptedalgorithms", "pubkeyauthentication", "requiredrsasize", "revokedkeys", "trustedusercakeys"),
    *("x11forwarding",),
)
"""The keywords that an observation holds."""
_TOKEN = re.compile(r"%(.)")


def for_login(name: str, address: str) -> Effective:
    """Return all settings for a login, on the first port if they depend on the port. Raises SshdMissing and
    ConfigurationInvalid."""
    return for_each_client(name, address)[0].settings


def for_each_client(name: str, address: str) -> List[View]:
    """Return all settings for a login, each with the ports on which they apply and with the client, if it is another
    than of the address. Raises as `for_login`."""
    return views_of_all(Client(name, address))


def settings_of(logins: Sequence[Login], address: str) -> List[Dict[str, Any]]:
    """Return the settings for each account; an entry for each set of ports and each client if they depend on those."""
    return [
        {
            "account": name,
            "exists": entry is not None,
            "shell": "" if entry is None else entry.pw_shell,
            "settings": _kept(view.settings),
            **({"ports": list(view.ports)} if view.ports else {}),
            **({"client": view.client} if view.client else {}),
        }
        for name, entry in logins
        for view in for_each_client(name, address)
    ]


def _kept(settings: Effective) -> Dict[str, List[str]]:
    return {keyword: list(settings[keyword]) for keyword in KEYWORDS if keyword in settings}


def authorized_key_files(login: Login, settings: Effective) -> Iterator[str]:
    """Yield the files in which sshd seeks the keys of an account (sshd_config(5), TOKENS)."""
    name, entry = login
    if entry is None:
        return
    tokens = {"%": "%", "h": entry.pw_dir, "u": name, "U": str(entry.pw_uid)}
    for word in " ".join(settings.get("authorizedkeysfile", ())).split():
        if word != "none":
            path = _TOKEN.sub(lambda match: tokens.get(match[1], match[0]), word)
            yield path if path.startswith("/") else "%s/%s" % (entry.pw_dir, path)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of sshd as sshd itself reports them, for each account and for the daemon, and the keys that they name.

Of public keys of the host and of its accounts, ssh-keygen reports types and lengths. It takes a file whose first line
has the words PRIVATE KEY, also in a comment, for a private key, and lists one key. So the files of accounts are read
here, and each of their lines must be listed. Of the list of revoked keys, its form is reported and, if it is a key
revocation list, version and date.
"""

from __future__ import annotations

import os
import re
import stat
from typing import Any, Dict, Iterator, List, Sequence

from ...errors import KrlDamaged
from ...krl.header import MAGIC, read_header
from ...model.human import counted
from ...model.utc import utc
from ...sshd.daemon import Client, Effective
from ...sshd.views import View, expanded, views_of_all
from ...system.program import Completed, ask_program
from .directories import way
from .observed import Login, Unobservable

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
_LARGEST = 1 << 20
"""Bytes of a file of keys."""
_LINE = re.compile(r"([0-9]+) (SHA256:\S+) .*\(([A-Z0-9-]+)\)\Z")


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
    words = " ".join(settings.get("authorizedkeysfile", ())).split()
    if login[1] is not None:
        yield from expanded([word for word in words if word != "none"], login[1])


def host_keys(address: str) -> List[Dict[str, Any]]:
    return [
        {"path": path, "type": key["type"], "bits": key["bits"]}
        for path in for_login("root", address).get("hostkey", ())
        if _size(path)
        for key in _listed(path)
    ]


def authorized_keys(logins: Sequence[Login], address: str) -> List[Dict[str, Any]]:
    """Return the keys that may log in on any port, with the first account and file of each."""
    found = []
    for login in logins:
        views = for_each_client(login[0], address)
        for path in dict.fromkeys(path for view in views for path in authorized_key_files(login, view.settings)):
            if _size(path):
                found += [{"account": login[0], "path": path, **key} for key in _keys_in(path)]
    return found


def user_authorities(logins: Sequence[Login], address: str) -> List[Dict[str, Any]]:
    """Return the files with the authorities whose certificates let accounts in, and all that leads to each."""
    found = (view.settings for name, _entry in logins for view in for_each_client(name, address))
    paths = dict.fromkeys(path for settings in found for path in settings.get("trustedusercakeys", ()))
    return [{"path": path, **way(path)} for path in paths if path != "none"]


def _size(path: str) -> int:
    """Return the size of a file, 0 if there is none. Raises OSError: a file that cannot be read is no empty file."""
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _listed(path: str) -> Iterator[Dict[str, Any]]:
    """Yield the key of a host key file. Raises Unobservable if ssh-keygen cannot read it."""
    return _shown(path, ask_program("ssh-keygen", "-l", "-f", path))


def _keys_in(path: str) -> List[Dict[str, Any]]:
    """Return the keys of a file of an account. Raises Unobservable if a line is not a key that ssh-keygen reads."""
    text = _text(path)
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return []
    keys = list(_shown(path, ask_program("ssh-keygen", "-l", "-f", "-", stdin=text)))
    if len(keys) != len(lines):
        raise Unobservable(f"ssh-keygen reads {len(keys)} of {counted(len(lines), 'line')} of {path}")
    return keys


def _text(path: str) -> str:
    """Return the content. The account may have put anything there, also a pipe."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unobservable(f"{path} is not a regular file")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise Unobservable(f"{path} has more than {_LARGEST} bytes")
    return content.decode("utf-8", "replace")


def _shown(path: str, completed: Completed) -> Iterator[Dict[str, Any]]:
    if completed.status:
        raise Unobservable(f"ssh-keygen cannot read {path}: {' '.join(completed.err.split())}")
    for line in filter(None, completed.out.split("\n")):
        match = _LINE.match(line.strip())
        if match is None:
            raise Unobservable(f"ssh-keygen lists a key of {path} in an unknown form")
        yield {"bits": int(match[1]), "fingerprint": match[2], "type": match[3]}


def revocation_list(address: str) -> Dict[str, Any]:
    """Return form, version and date; version 0 and no date if there is no key revocation list."""
    path = (for_login("root", address).get("revokedkeys") or ("none",))[0]
    if path == "none":
        return _found("", "none")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return _found(path, "missing")
    if not content.startswith(MAGIC[:6]):
        return _found(path, "text")
    try:
        header = read_header(content, path)
    except KrlDamaged:
        return _found(path, "damaged")
    return _found(path, "krl", header.version, utc(header.date))


def _found(path: str, form: str, version: int = 0, date: str = "") -> Dict[str, Any]:
    place = way(path) if path else {"target": "", "parts": []}
    return {"path": path, "form": form, "version": version, "date": date, **place}

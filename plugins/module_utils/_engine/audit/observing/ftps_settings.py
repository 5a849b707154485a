# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of vsftpd as options and values: of its configuration file, and of each account.

An account may have a file in user_config_dir and be excepted from jails, and has a root.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Sequence

from .directories import way
from .observed import Login, Unobservable

CONFIGS = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
_LIST = ("chroot_list_file", "/etc/vsftpd.chroot_list")
_HOME_IN_JAIL = "/./"


def ftps_settings() -> Dict[str, str]:
    """Return the options. Raises Unobservable without a file, and with two."""
    found = [path for path in CONFIGS if os.path.exists(path)]
    if len(found) != 1:
        raise Unobservable("vsftpd has %s" % (" and ".join(found) if found else "no configuration"))
    with open(found[0], encoding="utf-8", errors="replace") as file:
        return parse(file.read())


def parse(text: str) -> Dict[str, str]:
    """Return option -> value. As for vsftpd, the last line of an option counts, and blanks before it do not."""
    lines = (line for line in text.split("\n") if "=" in line and not line.startswith("#"))
    return {name.lstrip(): value.strip() for name, _equals, value in (line.partition("=") for line in lines)}


def ftps_accounts(logins: Sequence[Login]) -> List[Dict[str, Any]]:
    """Return for each account that exists its home, the settings of its own file, whether the list names it, the root
    of its jail, and every directory that leads there. Raises Unobservable, OSError."""
    given = ftps_settings()
    listed = _text(given.get(*_LIST)).split("\n")
    return [_account(name, entry.pw_dir, given, name in listed) for name, entry in logins if entry is not None]


def _account(name: str, home: str, given: Mapping[str, str], listed: bool) -> Dict[str, Any]:
    directory = given.get("user_config_dir")
    own = parse(_text(os.path.join(directory, name))) if directory else {}
    # With passwd_chroot_enable, the root is the part of the home before /./
    root = os.path.join(home, {**given, **own}.get("local_root") or home.partition(_HOME_IN_JAIL)[0] or "/")
    return {"account": name, "home": home, "settings": own, "listed": listed, "root": root, **way(root)}


def _text(path: str) -> str:
    """Return the text of a file; "" if there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record a server's host key: ssh passes it to a program of the engine (KnownHostsCommand), which writes a file.

A peer can write any line into ssh's messages, also before the key exchange. It cannot write into this file.
"""

from __future__ import annotations

import contextlib
import os
import pwd
from typing import Iterable, List, NamedTuple, Optional

from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import PublicKey, parse_public_key

# ssh asks several things in a connection: only the key that the server shows is of interest, and is asked about again
# at every new key exchange. The key is printed when its fingerprint is pinned: then, and only then, ssh finds it known.
# Not for a certificate: there ssh would take the line for the certificate itself, not for the key in it.
_PROGRAM = """case "$1" in HOSTNAME) ;; *) exit 0 ;; esac
printf '%%s %%s %%s\\n' "$2" "$3" "$5" >>"%(record)s"
case "$3:$4" in
*-cert-*) ;;
%(pinned)s) printf '%%s %%s %%s\\n' "$2" "$3" "$5" ;;
esac
"""
_NONE = "-"


class ShownKey(NamedTuple):
    """A key that a server showed.

    name: under which ssh looks the server up in known_hosts
    key: a certificate if the server uses it
    """

    name: str
    key: PublicKey


def known_hosts_command(guard: ChildProcesses, name: str, fingerprints: Iterable[str] = ()) -> str:
    """Return the configuration line that has ssh call the program, with an empty record `name`.

    fingerprints: keys with these are known. Without any, a host on which ssh cannot start the program does without: a
    server is still proven or not, and only the key that it showed stays unnamed.
    """
    if not fingerprints and not _can_start():
        return "KnownHostsCommand none"
    pinned = "|".join(f"*:{value}" for value in sorted(fingerprints)) or _NONE
    record = guard.write(name + ".shown", "")
    program = guard.write(name + ".witness", _PROGRAM % {"record": record, "pinned": pinned})
    return f"KnownHostsCommand /bin/sh {program} %I %H %t %f %K"


def _can_start() -> bool:
    """Return whether ssh can start a program: it gives it the account's own group, which a sandbox may not have."""
    with contextlib.suppress(KeyError):
        return os.geteuid() == 0 or pwd.getpwuid(os.getuid()).pw_gid in os.getresgid()
    return False


def shown_key(guard: ChildProcesses, name: str) -> Optional[ShownKey]:
    """Return the last key of a record; None if no key was shown, or the program could not run."""
    lines: List[List[str]] = []
    with contextlib.suppress(OSError), open(guard.path(name + ".shown"), encoding="ascii", errors="replace") as file:
        lines = [line.split() for line in file]
    try:
        known_as, key_type, encoded = lines[-1]
        return ShownKey(known_as, parse_public_key(key_type, encoded))
    except (IndexError, ValueError):
        return None

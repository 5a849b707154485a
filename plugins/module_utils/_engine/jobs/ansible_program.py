# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program ansible-playbook of this host, for jobs that it carries out."""

from __future__ import annotations

import re
import shutil

from ..errors import InvalidRequest
from ..system.program import ask_program

_PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""The search path of a unit of systemd."""
_VERSION = re.compile(r"\[core (\d+)\.(\d+)")
_OLDEST = (2, 19)


class AnsibleMissing(InvalidRequest):
    """This host has no ansible-core, or an older version than this collection needs."""

    code = "ansible_missing"


def ansible_playbook() -> str:
    """Return the path of the program. Raises AnsibleMissing."""
    found = shutil.which("ansible-playbook", path=_PLACES)
    if found is None:
        raise _missing(f"ansible-playbook is not in {_PLACES}")
    return found


def require_ansible() -> None:
    """Raise AnsibleMissing without a version that this collection supports."""
    completed = ask_program(ansible_playbook(), "--version")
    version = _VERSION.search(completed.out)
    if version is None:
        raise _missing(f"ansible-playbook has no version: {' '.join(completed.err.split())[-200:] or 'no output'}")
    found = int(version.group(1)), int(version.group(2))
    if found < _OLDEST:
        raise _missing("the version of ansible-core is %d.%d, older than %d.%d" % (*found, *_OLDEST))


def _missing(fact: str) -> AnsibleMissing:
    return AnsibleMissing(
        f"program: {fact}", cure="Install ansible-core on the host, or set program to zipapp, which needs none."
    )

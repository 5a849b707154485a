# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program `ssh` that serves this host itself: the tests' SFTP server behind ssh's messages, without any network.

path = stand_in_ssh(directory, root, ssh_keys.key("unit"))
subprocess.run(..., env={**os.environ, "PATH": path})

It shows the key to the program that records it, as ssh does, and prints the messages of a login. No server is proven:
it serves tests of the processes and modules of a run, not of its security.
"""

from __future__ import annotations

__all__ = ["stand_in_ssh"]

import os
import shlex
import sys
from pathlib import Path

from ..servers.ssh_keys import SshKey

_TESTS = Path(__file__).parents[2]
_PROGRAM = """#!/bin/sh
if [ "$1" = -V ]; then echo OpenSSH_10.0p2 >&2; exit; fi
/bin/sh "${{2%/*}}/target.witness" HOSTNAME localhost {key_type} {fingerprint} {key}
echo "debug1: channel_input_open_confirmation: request accepted on channel 0" >&2
case " $* " in
*" -s "*) ;;
*) for command; do :; done; exec /bin/sh -c "$command" ;;
esac
PYTHONPATH={tests} exec {python} -BsS -m support.scripted.scripted_sftp {files}
"""


def stand_in_ssh(directory: Path, root: Path, key: SshKey, *behaviours: str) -> str:
    """Write the program to `directory`, and return a PATH that has it first; relative names are relative to `root`.
    behaviours: as of `scripted_sftp.scripted`."""
    directory.mkdir(exist_ok=True)
    key_type, encoded = key.public.split()[:2]
    program = directory / "ssh"
    program.write_text(
        _PROGRAM.format(
            key_type=key_type,
            fingerprint=key.fingerprint,
            key=encoded,
            tests=_TESTS,
            python=sys.executable,
            files=shlex.join([str(root), *behaviours]),
        )
    )
    program.chmod(0o700)
    return f"{directory}{os.pathsep}{os.environ['PATH']}"

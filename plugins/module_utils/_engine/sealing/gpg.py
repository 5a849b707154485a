# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program gpg in a home of its own, which ends with this process.

The home is an empty private directory: no key, option or trust of the user counts. gpg never starts an agent. Where a
private key is used, the agent is started here, in a process group that a guard ends on every path, also if this process
is killed; and the home is on a file system in memory.
"""

from __future__ import annotations

import os
import subprocess
from typing import List, Optional, Sequence

from ..errors import OperationFailed
from ..model.display import display_text
from ..system.child_processes import ChildProcesses
from ..system.program import ask_program
from .piped_program import Ended, run_piped
from .programs import find_program
from .provider import Read, Write

_OLDEST = (2, 2)
_STATUS = "[GNUPG:] "
_ALWAYS = ("--batch", "--no-tty", "--no-options", "--no-autostart", "--quiet")
# A passphrase is needed for each file, and many rounds take 0.1 s each time; they only protect this home.
_AGENT = ("--no-detach", "--disable-scdaemon", "--quiet", "--s2k-count", "65536")
_NO_PERSON = ("--pinentry-mode", "loopback", "--passphrase-fd")


class Gpg:
    """gpg with an empty home. in_memory: for private keys"""

    def __init__(self, *, in_memory: bool = False) -> None:
        self._program = _find("gpg")
        self.guard = ChildProcesses(in_memory=in_memory)
        self._home = self.guard.path("home")
        os.mkdir(self._home, 0o700)

    def run(self, words: Sequence[str], read: Read, write: Write, *, passphrase: Optional[str] = None) -> Ended:
        """Run gpg with `words`. Its status lines are the answers.

        passphrase: for the agent, which asks no person
        """

        def command(given: Sequence[int], answers: int) -> List[str]:
            secret = [word for end in given for word in (*_NO_PERSON, str(end))]
            return [self._program, *_ALWAYS, "--homedir", self._home, "--status-fd", str(answers), *secret, *words]

        secrets = [] if passphrase is None else [passphrase.encode("utf-8", "surrogateescape") + b"\n"]
        return run_piped(self.guard, command, read, write, secrets=secrets)

    def start_agent(self) -> None:
        """Start the agent of this home. It is ready when the started process has ended and left it behind."""
        program, settings = _find("gpg-agent"), _find("gpgconf")
        sockets = ask_program(settings, "--homedir", self._home, "--list-dirs", "socketdir").out.strip()
        if os.path.basename(sockets).startswith("d."):  # outside of the home, named after its path
            self.guard.remove_too(sockets)
        agent = self.guard.start(
            [program, "--homedir", self._home, *_AGENT, "--daemon"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Not reaped: its number goes on naming the group of the agent.
        ended = os.waitid(os.P_PID, agent.pid, os.WEXITED | os.WNOWAIT)
        if ended is None or ended.si_status:
            raise OperationFailed("gpg-agent did not start", cure="Check the program gpg-agent on this host.")

    def close(self) -> None:
        self.guard.close()


def statuses(ended: Ended) -> List[str]:
    """Return the keywords of the status lines, in their order."""
    lines = [line[len(_STATUS) :] for line in ended.answers.splitlines() if line.startswith(_STATUS)]
    return [line.split(" ", 1)[0] for line in lines]


def complaint(ended: Ended) -> str:
    """Return the last message of gpg."""
    lines = [line.partition("gpg: ")[2] for line in ended.messages.splitlines() if line.startswith("gpg: ")]
    return display_text(lines[-1]) if lines else "it gave no reason"


def _find(name: str) -> str:
    return find_program(
        name,
        _OLDEST,
        needs="format: openpgp needs the program %s" % name,
        cure="Install GnuPG 2.2 or newer on this host.",
    )

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary: the installed program, tested for its version and options. Manuals are wrong about both."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from typing import IO, Dict, Sequence

from ..errors import CandidateFailed, ServiceMissing
from ..model.display import display
from .daemon import Daemon
from .settings import Option

_PLACES = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
_SENTINEL = "no_such_option_of_any_server"
_VERSION = re.compile(r"version:? ([0-9][\w.]*)", re.I)
_SECONDS = 30.0
_MOST_SHOWN = 400


class Binary:
    """path: of the program; version: as it reports itself."""

    def __init__(self, daemon: Daemon, path: str) -> None:
        self._daemon = daemon
        self._known: Dict[Option, bool] = {}
        self.path = path
        self.version = self._ask_version()

    def takes(self, name: str, value: str) -> bool:
        """Return whether the program accepts the option with this value. Nothing is served. Raises CandidateFailed if
        it does not answer."""
        option = (name, value)
        if option not in self._known:
            self._known[option] = self._try(option)
        return self._known[option]

    def _try(self, option: Option) -> bool:
        with tempfile.NamedTemporaryFile("w", prefix="tls_policy-", suffix=".conf") as trial:
            trial.write(self._daemon.trial(option, _SENTINEL))
            trial.flush()
            output = self._run(self._daemon.trial_command(self.path, trial.name))
        if _SENTINEL in output:
            return True
        if option[0] in output:
            return False
        raise self._broken(f"does not report whether it knows {option[0]}: {last_words(output)}")

    def _ask_version(self) -> str:
        output = self._run((self.path, *self._daemon.version_arguments))
        found = _VERSION.search(output)
        if found is None:
            raise self._broken(f"does not report its version: {last_words(output)}")
        return found.group(1)

    def _run(self, command: Sequence[str]) -> str:
        """Return all output. vsftpd writes to standard input, where inetd would have put the connection."""
        with tempfile.TemporaryFile() as output:
            try:
                # run_command gives no file for input; pylint: disable-next=ansible-bad-function
                subprocess.run(
                    command,
                    stdin=output,
                    stdout=output,
                    stderr=output,
                    env=quiet_environment(),
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise self._broken(f"does not end within {_SECONDS:.0f} s") from None
            except OSError as error:
                raise self._broken(f"cannot be started: {error.strerror}") from None
            return _text(output)

    def _broken(self, what: str) -> CandidateFailed:
        return CandidateFailed(
            f"{display(os.fsencode(self.path))} {what}",
            cure="Reinstall the package; the running service may be of an older package. Nothing was changed.",
        )


def find_binary(daemon: Daemon) -> Binary:
    """Return the program on this host. Raises ServiceMissing, CandidateFailed."""
    path = shutil.which(daemon.program, path=_PLACES)
    if path is None:
        raise ServiceMissing(
            f"{daemon.name} is not installed on this host", cure="Install it, or run the task on the server's host."
        )
    return Binary(daemon, path)


def quiet_environment() -> Dict[str, str]:
    """Return an environment with English messages and without Python's variables."""
    return {"PATH": _PLACES, "LANG": "C"}


def last_words(output: str) -> str:
    """Return the last lines of a program's output, for a message."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return display(" / ".join(lines[-3:])[-_MOST_SHOWN:].encode("utf-8", "replace")) or "no output"


def _text(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode("utf-8", "replace")

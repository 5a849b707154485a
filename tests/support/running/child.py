# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do something in a child process that has given up root, or that may open only a few files."""

from __future__ import annotations

import os
import pickle
import resource
import tempfile
import traceback
import warnings
from typing import Any, Callable, Optional

__all__ = ["NOBODY", "in_child"]

NOBODY = 65534


def in_child(
    act: Callable[[], object], *, unprivileged: bool = False, user: int = NOBODY, more_files: Optional[int] = None
) -> Any:
    """Return the result of `act` in a forked child.

    user: number of the user without privileges
    more_files: number of descriptors that it may open in addition. Without root, the process is already as unprivileged
    as required.
    """
    with tempfile.TemporaryFile() as answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with other threads
            child = os.fork()
        if child == 0:
            os._exit(_child(act, answer.fileno(), user if unprivileged else 0, more_files))
        _pid, status = os.waitpid(child, 0)
        answer.seek(0)
        content = answer.read()
    assert status == 0, content.decode(errors="replace")
    return pickle.loads(content)  # noqa: S301  # written by our own child


def _child(act: Callable[[], object], answer: int, user: int, more_files: Optional[int]) -> int:
    try:
        if user and os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(user, user, user)
        if more_files is not None:
            _limit_files(more_files)
        os.write(answer, pickle.dumps(act()))
        return 0
    except BaseException:
        os.write(answer, traceback.format_exc().encode())
        return 1


def _limit_files(more: int) -> None:
    """The limit is the first number a descriptor may not have; free numbers below those in use count too."""
    spare = [os.dup(0) for _number in range(more + 1)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare[-1], resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for fd in spare:
        os.close(fd)

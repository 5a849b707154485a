# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""End processes of this host and their children safely: by descriptors, as process IDs may be reused."""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import ExitStack, suppress
from typing import Callable, Dict, Iterator, List, Optional

from ..errors import OperationFailed

_PATIENCE = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


def end_tree(pid: int, still: Callable[[], bool], spares: Callable[[int], bool] = lambda _pid: False) -> None:
    """Kill a process and its descendants, and return when they are gone. Raises OperationFailed.

    still: whether the ID still belongs to the intended process. It is called once descriptors hold the processes.
    spares: whether a descendant is left alone, with all its own
    """
    with ExitStack() as stack:
        _kill([*_pinned(pid, still, spares, stack)])


def began(pid: int) -> float:
    """Return the seconds since the boot. Raises OSError if there is none."""
    return int(stat_of(pid)[19]) * 1.0 / _TICKS


def user_of(pid: int) -> Optional[int]:
    """Return the id of the user as whom it runs; None if there is none."""
    with suppress(OSError):
        return os.stat(f"/proc/{pid}").st_uid
    return None


def name_of(pid: int) -> str:
    """Return the name of a process; "" if there is none."""
    with suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as stream:
        return stream.read().strip()
    return ""


def is_of_this_host(pid: int) -> bool:
    """Return whether a process is of this host, not of a container, which has accounts and services of its own."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
    return False


def descendants(pid: int, spares: Callable[[int], bool] = lambda _pid: False) -> List[int]:
    """Children, their children and so on; parents first."""
    of, found = children(), [pid]
    for each in found:
        found.extend(child for child in of.get(each, []) if not spares(child))
    return found[1:]


def children() -> Dict[int, List[int]]:
    found: Dict[int, List[int]] = {}
    for each in _processes():
        with suppress(OSError):
            found.setdefault(int(stat_of(each)[1]), []).append(each)
    return found


def _pinned(pid: int, still: Callable[[], bool], spares: Callable[[int], bool], stack: ExitStack) -> Iterator[int]:
    """Descriptors of the processes. They are looked at again once a descriptor holds them: until then their numbers may
    have gone to others."""
    held: Dict[int, int] = {}
    for each in (pid, *descendants(pid, spares)):
        with suppress(ProcessLookupError):
            held[each] = os.pidfd_open(each)
            stack.callback(os.close, held[each])
    if still():
        those = frozenset((pid, *descendants(pid, spares)))
        yield from (descriptor for each, descriptor in held.items() if each in those)


def _kill(descriptors: List[int]) -> None:
    for descriptor in descriptors:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE
    for descriptor in descriptors:
        if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise OperationFailed("a process of a session does not end", cure="Find out why the process is blocked.")


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def stat_of(pid: int) -> List[str]:
    """Return the fields behind the name: state, parent, ... (proc_pid_stat(5))."""
    with open(f"/proc/{pid}/stat") as stream:
        return stream.read().rpartition(")")[2].split()

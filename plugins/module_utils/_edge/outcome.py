# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of work: its result, or the result of its failure; no exception passes."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .._engine.errors import RunEnded, SyncError
from .interrupt import Interrupted, interruptible
from .sync.results import failure

__all__ = ["outcome"]


class _Internal(SyncError):
    code = "internal"


def outcome(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Do `work`, which a signal interrupts in an orderly way."""
    try:
        with interruptible():
            return work()
    except SyncError as error:
        return failure(error)
    except Interrupted as error:
        return failure(RunEnded.by(error))
    except Exception as error:
        return failure(_unexpected(error))


def _unexpected(error: Exception) -> SyncError:
    return _Internal(
        "internal error: %s: %s" % (type(error).__name__, error),
        cure="This is a defect of the collection: please report it, with the traceback that Ansible shows under "
        "ANSIBLE_DISPLAY_TRACEBACK=always.",
    )

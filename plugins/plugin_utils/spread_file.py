# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a spread on the controller: read whole, written whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ..module_utils._engine.errors import OperationFailed
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.system.durable_files import put
from ..module_utils._engine.system.run_lock import locked_file


@contextmanager
def only_run(path: str, *, check_mode: bool = False) -> Iterator[None]:
    """Hold the lock of a record while it is read and written; not in check mode. Raises Locked, OperationFailed."""
    with ExitStack() as stack:
        try:
            if not check_mode:
                stack.enter_context(locked_file(path, "this record"))
        except OSError as error:
            raise _failed(path, error) from None
        yield


def read_record(path: str) -> str:
    """Return the text of the record; empty if there is none yet. Raises OperationFailed."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None


def write_record(path: str, text: str) -> None:
    """Replace the record by one rename. Raises OperationFailed."""
    try:
        put(os.path.abspath(path), text.encode(), 0o644)
    except OSError as error:
        raise _failed(path, error) from None


def _failed(path: str, error: OSError | ValueError) -> OperationFailed:
    reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
    return OperationFailed(f"path: {plain(path)}: {reason}", cure="Set path to a file that you can write.")

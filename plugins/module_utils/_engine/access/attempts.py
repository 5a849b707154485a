# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of an incident, each done also if others fail: an error waits until the end."""

from __future__ import annotations

from typing import Callable, List, TypeVar

from ..errors import OperationFailed, RunEnded, SyncError

T = TypeVar("T")


class Attempts:
    """The errors of the steps so far."""

    def __init__(self) -> None:
        self._errors: List[SyncError] = []

    @property
    def all_succeeded(self) -> bool:
        """Return whether no step failed."""
        return not self._errors

    def attempt(self, step: Callable[[], T], otherwise: T) -> T:
        """Return the result of a step; `otherwise` if it fails. Raises RunEnded."""
        try:
            return step()
        except RunEnded:
            raise
        except SyncError as error:
            self._errors.append(error)
        except Exception as error:  # an unforeseen error must not keep an account open; pylint: disable=broad-except
            self._errors.append(OperationFailed("%s: %s" % (type(error).__name__, error)))
        return otherwise

    def end(self, head: str) -> None:
        """Raise the first error, with the messages of all, if a step failed. head: the beginning of the message."""
        if self._errors:
            first = self._errors[0]
            words = head + "; ".join(dict.fromkeys(each.message for each in self._errors))
            raise first.at(first.path, message=words)

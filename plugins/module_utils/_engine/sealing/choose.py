# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the provider for a format. The library pyrage comes first: it needs no process for each file."""

from __future__ import annotations

from ..model.sealing import AGE, Identities, Recipients
from .provider import Opener, Sealer
from .refusals import SealingUnavailable

__all__ = ["open_opener", "open_sealer"]


def open_sealer(recipients: Recipients) -> Sealer:
    """Return a sealer. Raises RecipientInvalid, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    from . import age_program, pyrage_provider
    from .recipients import age_recipients

    _require_age(recipients.format)
    keys = age_recipients(recipients.texts)
    if pyrage_provider.has_pyrage():
        return pyrage_provider.PyrageSealer(keys)
    return age_program.AgeSealer(keys)


def open_opener(identities: Identities) -> Opener:
    """Return an opener. Raises InvalidRequest, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    from . import age_program, pyrage_provider
    from .identities import age_identities

    _require_age(identities.format)
    keys = age_identities(identities)
    if pyrage_provider.has_pyrage():
        return pyrage_provider.PyrageOpener(keys)
    return age_program.AgeOpener(keys)


def _require_age(format_name: str) -> None:
    if format_name != AGE:
        raise SealingUnavailable("format: %s is not supported" % format_name, cure="Set format to age.")

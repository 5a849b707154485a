# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the provider for a format. The library pyrage comes first: it needs no process for each file."""

from __future__ import annotations

from ..model.sealing import OPENPGP, Identities, Recipients
from .provider import Opener, Sealer


def open_sealer(recipients: Recipients) -> Sealer:
    """Return a sealer. Raises RecipientInvalid, SealingUnavailable."""
    if recipients.format == OPENPGP:
        from .openpgp import OpenPgpSealer  # pylint: disable=import-outside-toplevel

        return OpenPgpSealer(recipients)
    return _age_sealer(recipients)


def open_opener(identities: Identities) -> Opener:
    """Return an opener. Raises InvalidRequest, SealingUnavailable."""
    if identities.format == OPENPGP:
        from .openpgp import OpenPgpOpener  # pylint: disable=import-outside-toplevel

        return OpenPgpOpener(identities)
    return _age_opener(identities)


def _age_sealer(recipients: Recipients) -> Sealer:
    # pylint: disable=import-outside-toplevel
    from . import age_program, pyrage_provider
    from .recipients import age_recipients

    keys = age_recipients(recipients.texts)
    if pyrage_provider.has_pyrage():
        return pyrage_provider.PyrageSealer(keys)
    return age_program.AgeSealer(keys)


def _age_opener(identities: Identities) -> Opener:
    # pylint: disable=import-outside-toplevel
    from . import age_program, pyrage_provider
    from .identities import age_identities

    keys = age_identities(identities)
    if pyrage_provider.has_pyrage():
        return pyrage_provider.PyrageOpener(keys)
    return age_program.AgeOpener(keys)

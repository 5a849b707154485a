# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the provider for a format. The library pyrage comes first: it needs no process for each file."""

from __future__ import annotations

from ..model.request import OPENPGP, Identities, Recipients
from .provider import Opener, Sealer


def open_sealer(recipients: Recipients) -> Sealer:
    """Return a sealer. Raises RecipientInvalid, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    if recipients.format == OPENPGP:
        from .openpgp import OpenPgpSealer

        return OpenPgpSealer(recipients)
    from . import age
    from .provider import age_recipients

    keys = age_recipients(recipients.texts)
    return age.PyrageSealer(keys) if age.has_pyrage() else age.AgeSealer(keys)


def open_opener(identities: Identities) -> Opener:
    """Return an opener. Raises InvalidRequest, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    if identities.format == OPENPGP:
        from .openpgp import OpenPgpOpener

        return OpenPgpOpener(identities)
    from . import age
    from .identities import age_identities

    keys = age_identities(identities)
    return age.PyrageOpener(keys) if age.has_pyrage() else age.AgeOpener(keys)

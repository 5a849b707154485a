# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons for which the issuer of a certificate gave none."""

from __future__ import annotations

from ..errors import AuthenticationFailed, ConnectionFailed, TrustError


class IssuerUnproven(TrustError):
    """The issuer did not prove who it is; nothing secret was sent."""

    code = "issuer_unproven"


class IssuerRefused(AuthenticationFailed):
    """The issuer refused the login or the request."""

    code = "issuer_refused"


class IssuerUnavailable(ConnectionFailed):
    """The issuer could not be reached, or could not answer."""

    code = "issuer_unavailable"

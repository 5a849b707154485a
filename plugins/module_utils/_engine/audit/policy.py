# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy: the declared limits that observations are judged by."""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple

__all__ = ["Policy"]

_HOUR, _DAY = 3600, 86400


class Policy(NamedTuple):
    """Limits. Ages are in seconds.

    evidence_max_age: of an observation
    key_max_age: of a private key of a host or a job
    certificate_min_left: remaining time of a TLS certificate
    revocation_list_max_age: of the list of revoked keys
    key_types, rsa_bits: of keys that may log in
    exposure_max: of units of jobs, by systemd-analyze security
    """

    evidence_max_age: float = _DAY
    key_max_age: float = 365 * _DAY
    certificate_min_left: float = 14 * _DAY
    revocation_list_max_age: float = _DAY
    key_types: Tuple[str, ...] = ("ED25519", "ED25519-SK", "RSA")
    rsa_bits: int = 4096
    exposure_max: float = 2.0

    def words(self) -> Dict[str, str]:
        """Return the limits as text, by the names of the options."""
        return {
            "evidence_max_age": "%d hours" % (self.evidence_max_age // _HOUR),
            "key_max_age": "%d days" % (self.key_max_age // _DAY),
            "certificate_min_left": "%d days" % (self.certificate_min_left // _DAY),
            "revocation_list_max_age": "%d hours" % (self.revocation_list_max_age // _HOUR),
            "key_types": ", ".join(self.key_types),
            "rsa_bits": "%d" % self.rsa_bits,
            "exposure_max": "%.1f" % self.exposure_max,
        }

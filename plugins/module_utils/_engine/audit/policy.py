# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy: the declared limits that observations are judged by."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Tuple

_HOUR, _DAY = 3600, 86400
AGES: Mapping[str, str] = {
    "evidence_max_age": "1d",
    "key_max_age": "365d",
    "certificate_min_left": "14d",
    "revocation_list_max_age": "24h",
    "password_max_age": "365d",
    "monitoring_max_age": "1h",
    "certificate_max_ttl": "1d",
    "set_max_age": "31d",
    "drill_max_age": "100d",
    "revocation_drill_max_age": "400d",
    "revocation_max_time": "5m",
    "package_lists_max_age": "2d",
    "retention_max": "400d",
    "review_max_age": "400d",
}
"""Limits that are durations, and their defaults as people write them."""


class Policy(NamedTuple):
    """Limits. Ages are in seconds.

    evidence_max_age: of an observation
    key_max_age: of a private key of a host or a job
    certificate_min_left: remaining time of a TLS certificate
    revocation_list_max_age: of the list of revoked keys
    key_types, rsa_bits: of keys that may log in
    exposure_max: of units of jobs, by systemd-analyze security
    ftps_only: servers that have no SFTP
    password_max_age: of an account that logs in over FTPS without a client certificate
    monitoring_max_age: since the last run of the collector of events
    certificate_max_ttl: lifetime of the SSH certificate of a run
    set_max_age: since every file of a signed set was read
    drill_max_age: since the newest passed restore drill
    revocation_drill_max_age: since the newest passed drill of a revocation
    revocation_max_time: in a drill, until every server refuses the key
    package_lists_max_age: since the last update of the package lists
    retention_max: of the oldest events, logs, records of runs, and archives
    review_max_age: since a policy was approved
    """

    evidence_max_age: float = _DAY
    key_max_age: float = 365 * _DAY
    certificate_min_left: float = 14 * _DAY
    revocation_list_max_age: float = _DAY
    key_types: Tuple[str, ...] = ("ED25519", "ED25519-SK", "RSA")
    rsa_bits: int = 4096
    exposure_max: float = 2.0
    ftps_only: Tuple[str, ...] = ()
    password_max_age: float = 365 * _DAY
    monitoring_max_age: float = _HOUR
    certificate_max_ttl: float = _DAY
    set_max_age: float = 31 * _DAY
    drill_max_age: float = 100 * _DAY
    revocation_drill_max_age: float = 400 * _DAY
    revocation_max_time: float = 300
    package_lists_max_age: float = 2 * _DAY
    retention_max: float = 400 * _DAY
    review_max_age: float = 400 * _DAY

    def words(self) -> Dict[str, str]:
        """Return the limits as text, by the names of the options."""
        return {**{name: span(getattr(self, name)) for name in AGES}, **self._others()}

    def _others(self) -> Dict[str, str]:
        return {
            "key_types": ", ".join(self.key_types),
            "rsa_bits": f"{self.rsa_bits}",
            "exposure_max": f"{self.exposure_max:.1f}",
            "ftps_only": ", ".join(self.ftps_only) or "none",
        }


def span(seconds: float) -> str:
    """Return a time for people, in the largest unit of which it has at least two."""
    units = ((_DAY, "days"), (_HOUR, "hours"), (60, "minutes"))
    return next(f"{seconds // unit:.0f} {name}" for unit, name in units if seconds >= 2 * unit or unit == 60)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All controls that have a check. A file here is one control, found by its subject.

    observations of a host + policy + time -> gaps, or the reason for which they cannot decide

- A check names the kind of its hosts and the observations that it needs. It needs all of them, or is optional and
  left out without them: see ../attack_results.py.
- A check yields every gap, not only the first. No gap is a pass of this host.
- A value that decides nothing raises NotMeasured. It is never a pass.
- A control names the part that it does not cover, and a cure.
- To add a control: write its file, add it to CONTROLS, add its row to docs/audit.md, and plant its defect in a test.
"""

from __future__ import annotations

from . import (
    attacks,
    drills,
    encrypted_files,
    explicit_ftps,
    exposed_secrets,
    ftps_logins,
    host_key_pins,
    jails,
    key_ages,
    least_privilege,
    limits,
    modern_ssh,
    modern_tls,
    monitoring,
    pin_changes,
    plain_ftp,
    policies,
    private_keys,
    proofs,
    revocation,
    second_factor,
    secret_sources,
    server_certificates,
    sftp_first,
    short_credentials,
    signed_sets,
    strong_keys,
)

CONTROLS = tuple(
    each.CONTROL
    for each in (
        *(sftp_first, explicit_ftps, plain_ftp, strong_keys, ftps_logins, second_factor),
        *(server_certificates, host_key_pins, pin_changes, proofs, signed_sets),
        *(least_privilege, jails, key_ages, modern_tls, modern_ssh, limits, monitoring),
        *(encrypted_files, private_keys, secret_sources, short_credentials, exposed_secrets),
        *(drills, attacks, revocation, policies),
    )
)

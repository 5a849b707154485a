# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All controls that have a check. A file here is one chapter of the catalogue, found by its subject.

    observations of a host + policy + time -> gaps, or the reason for which they cannot decide

- A check names the kind of its hosts and the observations that it needs. It needs all of them, or is optional and
  left out without them: see ../values.py.
- A check yields every gap, not only the first. No gap is a pass of this host.
- A value that decides nothing raises NotMeasured. It is never a pass.
- A control names the part that it does not cover, and a cure.
- To add a control: write it into the file of its chapter, add it to CONTROLS, add its row to docs/audit.md, and plant
  its defect in a test.
"""

from __future__ import annotations

from .accounts import JAILS, KEY_AGES, LEAST_PRIVILEGE
from .drills_and_attacks import ATTACKS, DRILLS, REVOKED_KEYS
from .hardening import LIMITS, MODERN_SSH, MODERN_TLS
from .login_methods import FTPS_LOGINS, SECOND_FACTOR, STRONG_KEYS
from .monitoring import MONITORING
from .policies import POLICIES
from .protocols import EXPLICIT_FTPS, PLAIN_FTP, SFTP_FIRST
from .proven_servers import HOST_KEY_PINS, PIN_CHANGES, SERVER_CERTIFICATES
from .proven_transfers import PROOFS, SIGNED_SETS
from .secrets import ENCRYPTED_FILES, EXPOSED_SECRETS, PRIVATE_KEYS, SECRET_SOURCES, SHORT_CREDENTIALS

CONTROLS = (
    *(SFTP_FIRST, EXPLICIT_FTPS, PLAIN_FTP, STRONG_KEYS, FTPS_LOGINS, SECOND_FACTOR),
    *(SERVER_CERTIFICATES, HOST_KEY_PINS, PIN_CHANGES, PROOFS, SIGNED_SETS),
    *(LEAST_PRIVILEGE, JAILS, KEY_AGES, MODERN_TLS, MODERN_SSH, LIMITS, MONITORING),
    *(ENCRYPTED_FILES, PRIVATE_KEYS, SECRET_SOURCES, SHORT_CREDENTIALS, EXPOSED_SECRETS),
    *(DRILLS, ATTACKS, REVOKED_KEYS, POLICIES),
)

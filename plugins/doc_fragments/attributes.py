# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes of every module of the collection.

A value of the module comes before these, and a value of an earlier fragment before that of a later one. The special
ones are therefore listed before `attributes`.
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and report the changes that it would make, without making them.
    support: full
  diff_mode:
    description: Reports in diff mode the changes that it made or, in check mode, would make.
    support: full
  idempotent:
    description:
      - A second run with the same options changes nothing and reports no change, unless either side has changed.
    support: full
  safe_file_operations:
    description: Never leaves a half-written file under its final name, and never opens permissions wider than needed.
    support: full
  platform:
    description: Operating systems on which the module runs.
    support: full
    platforms: posix
"""

    ENDPOINT_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/secure.ftp_synchronize.endpoint) in C(module_defaults) to set the endpoint once for a play.
    support: full
    membership:
      - secure.ftp_synchronize.endpoint
"""

    DECISION = r"""
options: {}
attributes:
  diff_mode:
    support: none
  safe_file_operations:
    support: N/A
  platform:
    platforms: all
notes:
  - The module runs on the controller and contacts no host.
"""

    READER = r"""
options: {}
attributes:
  check_mode:
    details: The module never writes.
  diff_mode:
    support: N/A
    details: The module never writes.
"""

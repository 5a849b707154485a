# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of the collection says about itself."""

from __future__ import annotations

__all__ = ["ModuleDocFragment"]


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what would change without changing anything.
  diff_mode:
    description: Says in diff mode what has changed, or in check mode what would change.
  idempotent:
    description:
      - A second run with the same options changes nothing and says so, as long as nothing else changed either end.
  safe_file_operations:
    description: Never leaves a half-written file under its final name, and never opens files wider than they shall be.
  platform:
    description: Operating systems that the module runs on.
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
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  safe_file_operations:
    support: N/A
  platform:
    support: full
    platforms: all
notes:
  - It runs on the controller and contacts no host.
"""

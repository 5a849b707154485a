# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AnsibleModule whose failed result has the same keys for every error, so that a play may use them in `until`."""

from __future__ import annotations

from typing import Any, Mapping

from ansible.module_utils.basic import AnsibleModule

from .._engine.errors import InvalidRequest

__all__ = ["Module"]


class Module(AnsibleModule):
    """blank: the parts of a result that are always there. Ansible ends a module with bad arguments before the module
    itself runs; that failure gets them too, and `error`."""

    def __init__(self, *, blank: Mapping[str, Any], **specification: Any) -> None:
        self._blank = blank
        super().__init__(**specification)

    def fail_json(self, msg: str, **parts: Any) -> None:
        """See AnsibleModule."""
        error = {"code": InvalidRequest.code, "path": None, "message": str(msg), "cure": "Correct the task."}
        super().fail_json(**{**self._blank, "error": error, **parts, "msg": msg})

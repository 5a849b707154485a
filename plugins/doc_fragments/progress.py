# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.progress`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  progress:
    description:
      - Maximum number of seconds between two lines about the progress of the task. The first line appears after 5
        seconds at most; then the pause doubles until it reaches this value. V(0) shows no lines.
      - A line about the progress shows numbers of files and bytes, the rate and the time left, no names of files. Such
        lines appear only if the module runs on the controller without a change of the user (connection V(local), or
        C(delegate_to=localhost)).
      - A task that changed something shows a line with its RV(msg) at its end, on every connection, except in check
        mode together with diff mode. A task that failed shows a line with code, item and cure of RV(error).
      - There are no lines with C(no_log) or C(async).
    type: float
    default: 30
    version_added: 0.2.0
"""

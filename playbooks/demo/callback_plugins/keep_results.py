# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the results of secure_sync in a file, so that the demo says only what was so. Prints nothing."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: keep_results
type: notification
short_description: Keep the results of secure_sync in a file
description:
  - Appends the result of each secure_sync task to the file E(DEMO_RESULTS), as one line of JSON.
author:
  - secure.ftp_synchronize contributors (@secure-ftp-synchronize)
"""

MODULE = "secure.ftp_synchronize.secure_sync"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "keep_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result):
        self._keep(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._keep(result)

    def _keep(self, result):
        if result.task.action == MODULE:
            with open(os.environ["DEMO_RESULTS"], "a") as file:
                file.write(json.dumps(result.result, default=str) + "\n")

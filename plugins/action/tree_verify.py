# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of modules that connect to a server: runs the module of the task, and examines its answer; takes an
endpoint that is not given from the inventory."""

from __future__ import annotations

from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.endpoint_action import EndpointAction


class ActionModule(EndpointAction, AnswerAction):
    """Add the endpoint, then run and examine."""

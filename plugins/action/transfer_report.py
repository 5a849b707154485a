# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of every module that has none of its own: runs the module of the task, and examines its answer."""

from __future__ import annotations

__all__ = ["ActionModule"]

from ..plugin_utils.answer_action import AnswerAction as ActionModule

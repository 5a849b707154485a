# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that Ansible runs for each module of this collection: of its name, or as meta/runtime.yml routes it."""

from __future__ import annotations

import importlib
from pathlib import Path

import yaml
from ansible.plugins.action import ActionBase

COLLECTION = "secure.ftp_synchronize"
_RUNTIME = yaml.safe_load((Path(__file__).parents[3] / "meta/runtime.yml").read_text())
ROUTES = {name: route["action_plugin"] for name, route in _RUNTIME["plugin_routing"]["modules"].items()}
"""The modules without an action of their name, and the action that each has."""


def action_of(module: str) -> type[ActionBase]:
    """Return the class of the action of a module."""
    name = ROUTES.get(module, module).rpartition(".")[2]
    found = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.action.{name}")
    return found.ActionModule

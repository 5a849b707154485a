# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of an ansible.cfg that show or keep secrets (Ansible Configuration Settings, section defaults)."""

from __future__ import annotations

import configparser
import re
from typing import Iterator

from ..model.findings import HIGH, LOW, MEDIUM
from .line_rules import LineFinding

_BLANKS = re.compile(r"[^\S\n]{2,}")
"""configparser tries each of them, for the square of their number."""
_TRUE = frozenset(("true", "yes", "on", "1", "t", "y"))
_SHOWN = (
    ("debug", "debug_on", HIGH, "debug = true shows the arguments of modules"),
    ("display_args_to_stdout", "arguments_shown", MEDIUM, "display_args_to_stdout = true shows the arguments of tasks"),
    ("keep_remote_files", "files_kept", MEDIUM, "keep_remote_files = true leaves the arguments of modules on the host"),
)


def config_findings(text: str) -> Iterator[LineFinding]:
    """Yield the findings of the whole file. A file that is no configuration has none."""
    config = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        config.read_string(_BLANKS.sub(" ", text))
    except configparser.Error:
        return
    if not config.has_section("defaults"):
        return
    defaults = {name: (value or "").strip() for name, value in config.items("defaults")}
    for name, kind_id, severity, kind in _SHOWN:
        if defaults.get(name, "").lower() in _TRUE:
            yield LineFinding(kind_id, severity, kind, None)
    if defaults.get("log_path"):
        yield LineFinding("log_kept", LOW, "log_path keeps the output of all runs", None)
    if defaults.get("no_target_syslog", "").lower() not in _TRUE:
        kind = "no_target_syslog is not set: hosts log the arguments of modules that have no no_log"
        yield LineFinding("log_kept", LOW, kind, None)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the collector, from its JSON file."""

from __future__ import annotations

import json
from typing import Any, Mapping, NamedTuple, Tuple

from ..errors import InvalidRequest

ALL, CHANGES, NONE = "all", "changes", "none"


class Settings(NamedTuple):
    """output: path of events.jsonl
    state: directory of the state
    files: events of files that are written: all, all but downloads, or none
    journal: whether sshd is read
    vsftpd, xferlog: paths of logs
    idle: seconds without a line that end a session over FTP
    metrics: file of the metrics, or empty
    account_labels: whether metrics have series for each account
    history: days of the journal that are read in the first run, as history for the rules
    aide: path of the report of AIDE, or empty
    rules: thresholds of the rules, see rules/limits.py
    mfa_accounts: accounts that must have a second factor; %name is a group, !name an exception
    break_glass_accounts: accounts of which each login is an alert
    trees: paths of the trees that are compared
    manifests: directory of their manifests
    probe: file of the answer of the probe, or empty
    """

    output: str = "/var/log/secure_ftp_synchronize/events.jsonl"
    state: str = "/var/lib/secure_ftp_synchronize/events"
    files: str = ALL
    journal: bool = True
    vsftpd: Tuple[str, ...] = ()
    xferlog: Tuple[str, ...] = ()
    idle: int = 900
    metrics: str = ""
    account_labels: bool = False
    history: int = 28
    aide: str = ""
    rules: Mapping[str, Any] = {}
    mfa_accounts: Tuple[str, ...] = ()
    break_glass_accounts: Tuple[str, ...] = ("breakglass",)
    trees: Tuple[str, ...] = ()
    manifests: str = "/var/lib/secure_ftp_synchronize/trees"
    probe: str = ""


def parse_settings(text: bytes) -> Settings:
    """Return the settings of a file. Raises InvalidRequest."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"settings: not valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise InvalidRequest("settings: not an object")
    defaults = Settings()._asdict()
    for name, value in values.items():
        if name not in defaults:
            raise InvalidRequest(f"settings: unknown name {name}", cure="Remove it.")
        values[name] = _checked(name, value, defaults[name])
    settings = Settings(**values)
    if settings.files not in (ALL, CHANGES, NONE):
        raise InvalidRequest(f"files: {settings.files} is not all, changes or none")
    return settings


def _checked(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool):
        return value
    raise InvalidRequest(f"settings: {name}: not of the type {type(default).__name__}")

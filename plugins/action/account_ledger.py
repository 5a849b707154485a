# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the ledger of an account that is closed or opened, on the controller; no host is contacted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..module_utils._edge.names import account_name
from ..module_utils._edge.rotation.account_keys import public_keys
from ..module_utils._engine.model.display import plain
from ..modules.account_ledger import DOCUMENTATION
from ..plugin_utils.account_ledger import (
    JOBS,
    Ledger,
    LedgerChanged,
    begun,
    format_ledger,
    missed,
    overtaken,
    parse_ledger,
    recorded,
    require_version,
    servers,
)
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.revocation_spread import only_run, read_record, write_record
from ..plugin_utils.step_results import is_set, registered

Variables = Mapping[str, Any]


class ActionModule(ControllerAction):
    """Check the request against the ledger, and record the answers of hosts."""

    documentation = DOCUMENTATION

    def result(self, wanted: dict[str, Any], task_vars: Variables) -> dict[str, Any]:
        """Return the hosts and the version. The ledger is on the disk before the first host is changed."""
        account = account_name("account", wanted["account"])
        path = f"{wanted['directory']}/account-{account}.json"
        with only_run(path, check_mode=self._task.check_mode):
            return self._recorded(wanted, _pairs(wanted, task_vars), account, path)

    def _recorded(
        self, wanted: dict[str, Any], pairs: list[tuple[str, Any]], account: str, path: str
    ) -> dict[str, Any]:
        jobs = wanted["part"] == "jobs"
        text = read_record(path)
        self._require_same(wanted, pairs, parse_ledger(text), path)
        prints = [key.fingerprint for key in public_keys(wanted["keys"])]
        needed = [*wanted["servers"], *([] if jobs else (name for name, _result in pairs))]
        now = time.time()
        ledger = begun(parse_ledger(text), wanted["state"], prints, wanted["retired"], needed, jobs=jobs, now=now)
        everyone = [*needed, *(name + JOBS for name in wanted["clients"])]
        gone = [name + suffix for name in wanted["retired"] for suffix in ("", JOBS)]
        ledger = recorded(ledger, pairs, now, everyone, gone)
        new = format_ledger(ledger)
        if new != text and not self._task.check_mode:
            write_record(path, new)
        return {"changed": new != text, **_told(account, ledger)}

    def _require_same(self, wanted: Mapping[str, Any], pairs: list[tuple[str, Any]], ledger: Ledger, path: str) -> None:
        """Raise LedgerChanged, after the hosts of the run were recorded as missed. The first step has no version."""
        if not wanted["version"] or self._task.check_mode:
            return
        try:
            require_version(ledger, wanted["state"], wanted["version"])
        except LedgerChanged:
            if wanted["results"]:
                write_record(path, format_ledger(overtaken(ledger, pairs, time.time())))
            raise


def _pairs(wanted: Mapping[str, Any], task_vars: Variables) -> list[tuple[str, Any]]:
    """Return the hosts of the run with their answers; of a host whose login failed, that failure.

    For jobs, without hosts that have no jobs, such as a server that failed before.
    """
    if not wanted["results"]:
        return []
    found = registered(wanted["results"], task_vars)
    proofs = registered(wanted["proofs"], task_vars) if wanted["proofs"] else {}
    found.update({host: proof for host, proof in proofs.items() if is_set(proof, "failed")})
    if wanted["part"] == "jobs":
        return [(host + JOBS, each) for host, each in found.items() if not is_set(each, "skipped")]
    return [(host, found.get(host)) for host in task_vars["ansible_play_hosts_all"]]


def _told(account: str, ledger: Ledger) -> dict[str, Any]:
    lacking = missed(ledger)
    found = [{"host": plain(name), **each._asdict(), "reason": plain(each.reason)} for name, each in lacking.items()]
    named = ", ".join(f"{each['host']} ({each['reason']}, since {each['since']})" for each in found)
    words = f"{account} is {ledger.state} on every host"
    if found:
        words = f"{account} is not {ledger.state} on {named}. Run this again until no host is named."
    elif not servers(ledger):
        words = f"{account}: no server is named. Correct the pattern of the servers."
    reached = sorted(set(ledger.hosts) - set(lacking))
    return {"missed": found, "reached": reached, "servers": servers(ledger), "version": ledger.version, "msg": words}

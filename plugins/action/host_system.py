# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Determine the system of a host by a table of the controller, and install missing packages; or keep files of root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils._edge import host_system as edge
from ..module_utils._engine.errors import Refused
from ..module_utils._engine.model.display import plain
from ..plugin_utils.steps_action import StepsAction

_FAMILIES = {
    "Debian": frozenset({"debian", "ubuntu"}),
    "RedHat": frozenset({"rhel", "fedora", "centos"}),
}
_WHAT = ("families", "packages", "directories", "texts")
_LONGEST = 80
_CURE = "Use Debian 12 or 13 or Ubuntu 24.04, or a system of the RHEL family, on which the role is not tested."

NOTHING, UNIT = "/dev/null", "/etc/systemd/system/%s.service"
SERVICE = {"active": bool, "enabled": bool, "since": int}
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class SystemUnsupported(Refused):
    """The roles do not support the system of the host."""

    code = "system_unsupported"


class ActionModule(StepsAction):
    """Read the state of the host, refuse an unsupported system, and install missing packages; or install packages, or
    keep directories and texts.

    added: keys of the result.
    """

    added = frozenset({"family", "missing"})

    def _answer(self, tmp: Any, task_vars: Variables) -> Answer:
        _result, wanted = self.validate_argument_spec(**edge.spec(), required_one_of=[_WHAT])
        if edge.keeps_files(wanted):
            kept = {name: wanted[name] for name in ("directories", "texts") if wanted[name] is not None}
            return self._own_step("host_system", kept, task_vars)
        if wanted["packages"] is not None:
            return self._installed(wanted["packages"], task_vars, recommends=wanted["recommends"])
        found = self._state(wanted, task_vars)
        if found.get("failed"):
            return found
        name = family_of(found.get("system"))
        require_supported(task_vars["inventory_hostname"], name, found.get("system"), wanted["families"])
        family = wanted["families"][name]
        missing = [each for each in family.get("programs", []) if not _there(found, each)]
        installed = self._prepared(missing, task_vars) if missing and wanted["install"] else {}
        if installed.get("failed"):
            return installed
        return {
            "changed": bool(installed.get("changed")),
            "msg": f"missing packages: {', '.join(_packages(missing))}" if missing else "nothing to do",
            **{key: installed[key] for key in ("diff",) if key in installed},
            "family": family,
            "missing": _packages(missing),
            "files": {path: _value(found, "files", path, int) for path in wanted["files"]},
            "contents": {path: _value(found, "contents", path, str) for path in wanted["contents"]},
            "service": {name: _value(found, "service", name, kind) or kind() for name, kind in SERVICE.items()},
        }

    def _state(self, wanted: Answer, task_vars: Variables) -> Answer:
        programs = {each["path"] for values in wanted["families"].values() for each in values.get("programs", [])}
        asked = {name: wanted[name] for name in ("files", "contents", "service") if wanted[name]}
        return self._own_step("host_system", {**asked, "programs": sorted(programs)}, task_vars)

    def _prepared(self, missing: list[Answer], task_vars: Variables) -> Answer:
        """Packages start their services. A masked service does not run with its stock configuration."""
        for unit in [each["masks"] for each in missing if "masks" in each]:
            link = {"src": NOTHING, "dest": UNIT % unit, "state": "link", "mode": "0777"}
            masked = self._step("ansible.builtin.file", link, task_vars)
            if masked.get("failed"):
                return masked
        return self._installed(_packages(missing), task_vars)


def _packages(programs: list[Answer]) -> list[str]:
    return [each["package"] for each in programs]


def _there(found: Answer, program: Mapping[str, str]) -> bool:
    return bool(_value(found, "programs", program["path"], bool))


def _value(found: Answer, part: str, name: str, kind: type) -> Any:
    """Return a value of the host's answer, which may be anything; None unless it is of this kind."""
    values = found.get(part)
    value = values.get(name) if isinstance(values, Mapping) else None
    return value if isinstance(value, kind) and isinstance(value, bool) == (kind is bool) else None


def family_of(system: Any) -> str:
    """Return the family of a system; empty if it belongs to none. system: `id` and `like`, as the host answered."""
    names = {str(system.get("id")), *map(str, system.get("like") or ())} if isinstance(system, Mapping) else set()
    return next((family for family, members in _FAMILIES.items() if names & members), "")


def require_supported(host: str, family: str, system: Any, supported: Iterable[str]) -> None:
    """Raise SystemUnsupported if a role does not support the family."""
    if family not in supported:
        name = str(system.get("id")) if isinstance(system, Mapping) else "unknown"
        raise SystemUnsupported(f"{host}: the system {plain(name[:_LONGEST])} is not supported", cure=_CURE)

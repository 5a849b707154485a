# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a role: their specification, the names that are none of them, their values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._edge import argspec
from ..module_utils._engine.errors import InvalidRequest, SyncError
from ..module_utils._engine.model.display import plain
from .core_private import without_secrets

_COLLECTION = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLAYBOOKS = {"exchange": "vars/exchange.yml", "kit": "awx/vars/options.yml"}
"""Playbooks with options of their own, by the prefix of these; and the file with their specification."""

FORMER = "incident_response_"
"""Prefix of options before that role became three roles. Ignored, such an option would leave a key unrevoked."""
SUCCESSORS = ("account_access", "break_glass", "key_revocation")
_RENAMED = {
    "account": "account_access_account",
    "break_glass_account": "break_glass_account or key_revocation_check.break_glass_account",
    "ftps_list": "account_access_ftps_list",
    "list_directory": "key_revocation_directory or account_access_directory",
    "principal": "key_revocation_sign.principal",
    "allowed_signers": "key_revocation_sign.allowed_signers",
    "krl_max_age": "key_revocation_check.max_age",
    "on_stale": "key_revocation_check.on_stale",
    "closed_group": "key_revocation_check.closed_group",
    "metrics_directory": "key_revocation_check.metrics_directory",
    "revoked_keys_file": "key_revocation_revoked_keys_file or account_access_revoked_keys_file",
    "retired_hosts": "key_revocation_retired_hosts or account_access_retired_hosts",
}
_RENAMED_PREFIXES = {
    "account_": "account_access_",
    "break_glass_": "break_glass_",
    "drill_": "key_revocation_drill.",
    "": "key_revocation_",
}
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class RoleSpec:
    """The content of meta/argument_specs.yml, or the options of a playbook.

    role: the name of the role, or the prefix of the playbook
    options: of one entry point
    names: of all entry points
    """

    role: str
    options: Options
    names: frozenset[str]


def role_spec(role: str, entry_point: str, read: Callable[[str], Any]) -> RoleSpec:
    """Return the specification of an entry point; `read` parses a YAML file of the collection."""
    if role in PLAYBOOKS:
        options = read(os.path.join(_COLLECTION, "playbooks", PLAYBOOKS[role]))[f"{role}__options"]
        return RoleSpec(role, options, frozenset(options))
    entries = read(os.path.join(_COLLECTION, "roles", role, "meta", "argument_specs.yml"))["argument_specs"]
    if entry_point not in entries:
        raise InvalidRequest(
            f"entry_point: {role} has no entry point {plain(entry_point)}",
            cure=f"Set entry_point to {' or '.join(sorted(entries))}.",
        )
    names = frozenset(name for entry in entries.values() for name in entry["options"])
    return RoleSpec(role, entries[entry_point]["options"], names)


def require_known_names(spec: RoleSpec, variables: Mapping[str, Any], results: Iterable[str]) -> None:
    """Raise InvalidRequest if a variable has the role's prefix and is neither an option nor a result of it.

    A playbook's own variables have the prefix and two underscores.
    """
    _require_no_former_names(spec.role, variables)
    known = spec.names.union(results)
    prefix = spec.role + "_"
    options = {name[len(prefix) :]: spec.options.get(name, {}) for name in spec.names if _public(name, prefix)}
    ours = _public if spec.role in PLAYBOOKS else str.startswith
    wrong = sorted(name for name in variables if ours(name, prefix) and name not in known)
    if wrong:
        raise InvalidRequest(
            "; ".join(argspec.unknown(name, spec.role, variables[name], options, prefix) for name in wrong),
            cure=f"Correct the names, or give variables of your own another prefix than {prefix}.",
        )


def _require_no_former_names(role: str, variables: Iterable[str]) -> None:
    former = sorted(name for name in variables if role in SUCCESSORS and name.startswith(FORMER))
    if former:
        raise InvalidRequest(
            "; ".join(f"{plain(name)}: is {present_name(name)} now" for name in former),
            cure="Rename the variables in the inventory and in plays.",
        )


def present_name(former: str) -> str:
    """Return the name that an option of the former role has now."""
    name = former.removeprefix(FORMER)
    prefix = next(each for each in _RENAMED_PREFIXES if name.startswith(each))
    return _RENAMED.get(name) or _RENAMED_PREFIXES[prefix] + plain(name.removeprefix(prefix))


def _public(name: str, prefix: str) -> bool:
    return name.startswith(prefix) and not name.startswith(prefix + "_")


def option_values(spec: RoleSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option by its name without the prefix: converted, with the defaults of the specification.

    An option without a value and without a default is null.
    """
    argspec.require_known_names(spec.role, spec.options, given)
    with about(f"options of {spec.role}"):
        cure = "Correct the values in the inventory or the play."
        values = validated(as_on_the_controller(spec.options), given, cure)
    return {name.removeprefix(f"{spec.role}_"): values.get(name) for name in spec.options}


def validated(options: Options, given: Mapping[str, Any], cure: str, **rules: Any) -> dict[str, Any]:
    """Return the values as a module would get them. Raises InvalidRequest, which never shows a secret."""
    result = ArgumentSpecValidator(dict(options), **rules).validate(dict(given))
    if result.error_messages:
        raise InvalidRequest(plain(without_secrets("; ".join(result.error_messages), result)), cure=cure)
    values: dict[str, Any] = result.validated_parameters
    return values


@contextmanager
def about(subject: str) -> Iterator[None]:
    """Put the subject in front of the message of an error."""
    try:
        yield
    except SyncError as error:
        raise type(error)(f"{plain(subject)}: {error.message}", cure=error.cure) from None


def as_on_the_controller(options: Options) -> dict[str, Any]:
    """Return a copy that leaves paths as they are: they are paths of the host, and `~` is its account's home there."""
    return {name: _left_alone(option) for name, option in options.items()}


def _left_alone(option: Mapping[str, Any]) -> dict[str, Any]:
    copy = {key: value for key, value in option.items() if key not in ("description", "version_added")}
    for key in ("type", "elements"):
        if copy.get(key) == "path":
            copy[key] = "str"
    if "options" in copy:
        copy["options"] = as_on_the_controller(copy["options"])
    return copy

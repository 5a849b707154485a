# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications: a function for each group of options that modules share, explained by the doc fragment of
that name; and the names that a task gives to options: names of no option, and an option and its alias with different
values, of which Ansible would take the alias, also one of module_defaults."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Tuple

from .._engine.errors import InvalidRequest
from .._engine.model.display import plain
from .._engine.model.endpoint import PROTOCOLS, SSH_CLIENTS, TLS_MODES, TLS_VERSIONS
from .._engine.model.request import SEALED_FORMATS, UNSIGNED

OF_ANSIBLE = "_ansible_"
"""Ansible's own parameters. It refuses them in a task."""

Spec = Dict[str, Dict[str, Any]]
Options = Mapping[str, Mapping[str, Any]]

EXCLUSIVE: Tuple[Tuple[str, ...], ...] = (("private_key", "private_key_file"), ("certificate", "certificate_file"))
"""Options of `endpoint` that rule each other out."""

PROGRESS_FILE = "_ansible_progress_file"
"""A parameter of the action plugin, the file for the state of the run. Ansible refuses such a name in a task."""
SECRETS_FROM = "secrets_from"
KEY_RULES: Dict[str, Any] = {
    "mutually_exclusive": [("private_key", "private_key_file", "public_key"), ("passphrase", "public_key")],
}
"""Rules of `signing_key`."""
SIGN_RULES: Dict[str, Any] = {**KEY_RULES, "required_one_of": [("private_key", "private_key_file", "public_key")]}
"""Rules of `signing_key` where a key is required."""
_VERIFY_RULES: Dict[str, Any] = {
    "mutually_exclusive": [("allowed_signers", "allowed_signers_file")],
    "required_one_of": [("allowed_signers", "allowed_signers_file")],
}


def endpoint() -> Spec:
    """Return the options for the peer, its address and the credentials."""
    return {
        "protocol": {"type": "str", "choices": list(PROTOCOLS), "default": "sftp"},
        "host": {"type": "str"},
        "port": {"type": "int", "aliases": ["dest_port"]},
        "username": {"type": "str", "aliases": ["user"]},
        "password": {"type": "str", "no_log": True},
        "private_key_file": {"type": "path", "no_log": False},
        "private_key": {"type": "str", "no_log": True},
        "passphrase": {"type": "str", "no_log": True},
        "certificate_file": {"type": "path"},
        "certificate": {"type": "str", "aliases": ["signed_key"]},
        "ssh_agent": {"type": "bool", "default": True},
        "proxy_jump": {"type": "list", "elements": "str"},
        "ssh_config_file": {"type": "path"},
        "ssh_client": {"type": "str", "choices": list(SSH_CLIENTS), "default": "auto"},
        "connect_timeout": {"type": "float", "default": 30.0, "aliases": ["timeout"]},
        "stall_timeout": {"type": "float", "default": 60.0},
        "retries": {"type": "int", "default": 3},
    }


def ssh_endpoint(own: Spec) -> Dict[str, Any]:
    """Return the specification of a module that logs in to an SSH server. own: its further options"""
    return {"argument_spec": {**endpoint(), **trust(), **own}, "mutually_exclusive": EXCLUSIVE}


def trust() -> Spec:
    """Return the options for the proofs of an SSH server."""
    return {
        "known_hosts_file": {"type": "path"},
        "host_keys": {"type": "list", "elements": "str", "no_log": False},
    }


def tls() -> Spec:
    """TLS with an FTPS server: its mode, the proofs of the server, and the client certificate."""
    return {
        "tls_mode": {"type": "str", "choices": list(TLS_MODES), "default": "explicit"},
        "ca_file": {"type": "path", "aliases": ["ca_path"]},
        "tls_pins": {"type": "list", "elements": "str", "no_log": False},
        "tls_pins_file": {"type": "path"},
        "client_cert_file": {"type": "path", "aliases": ["client_cert"]},
        "client_key_file": {"type": "path", "no_log": False, "aliases": ["client_key"]},
        "client_key_passphrase": {"type": "str", "no_log": True},
        "tls_min_version": {"type": "str", "choices": list(TLS_VERSIONS), "default": "1.2"},
        "tls_ciphers": {"type": "str"},
    }


def progress() -> Spec:
    """Return the options for lines about the progress of a task."""
    return {"progress": {"type": "float", "default": 30.0}}


def signing_key() -> Spec:
    return {
        "private_key_file": {"type": "path", "no_log": False},
        "private_key": {"type": "str", "no_log": True},
        "public_key": {"type": "str", "no_log": False},
        "passphrase": {"type": "str", "no_log": True},
        "certificate_file": {"type": "path"},
    }


def signing() -> Spec:
    """Return the option for signed sets that are published."""
    options = {
        **signing_key(),
        "valid_for": {"type": "str", "default": "14d"},
        "path": {"type": "str", "default": "MANIFEST"},
        "keep": {"type": "int", "default": 5},
        "attributes": {"type": "bool", "default": False},
        "sums": {"type": "bool", "default": False},
        "adopt": {
            "type": "dict",
            "options": {"tree": {"type": "str", "required": True}, "sequence": {"type": "int", "required": True}},
        },
    }
    return {"sign": {"type": "dict", "options": options, **KEY_RULES}}


def sealing() -> Spec:
    """Return the options for files that are encrypted at the server."""
    extension = {"type": "str"}
    return {
        "encrypt": {
            "type": "dict",
            "options": {
                "format": {"type": "str", "choices": list(SEALED_FORMATS), "default": "age"},
                "recipients": {"type": "list", "elements": "str", "required": True},
                "extension": extension,
            },
        },
        "decrypt": {
            "type": "dict",
            "options": {
                "format": {"type": "str", "choices": list(SEALED_FORMATS), "default": "age"},
                "identities": {"type": "list", "elements": "str", "no_log": True},
                "identities_file": {"type": "path"},
                "passphrase": {"type": "str", "no_log": True},
                "extension": extension,
            },
            "mutually_exclusive": [("identities", "identities_file")],
        },
    }


def receipts() -> Spec:
    options = {
        "path": {"type": "path", "required": True},
        **signing_key(),
        "job": {"type": "str", "default": "sync"},
    }
    return {"receipts": {"type": "dict", "options": options, **KEY_RULES}}


def content_check() -> Spec:
    """Return the option for the check of each content."""
    clamd = {
        "socket": {"type": "path", "default": "/run/clamav/clamd.ctl"},
        "max_size": {"type": "str", "default": "25M"},
        "max_signature_age": {"type": "str", "default": "3d"},
    }
    options = {
        "clamd": {"type": "dict", "options": clamd},
        "command": {"type": "list", "elements": "str"},
        "timeout": {"type": "float", "default": 60.0},
        "quarantine": {"type": "path"},
        "quarantine_max_size": {"type": "str", "default": "10G"},
    }
    return {"content_check": {"type": "dict", "options": options, "required_one_of": [("clamd", "command")]}}


def verify() -> Spec:
    """Return the option for signed sets that are read."""
    options = {
        **_signer(),
        "path": {"type": "str", "default": "MANIFEST"},
        "max_age": {"type": "str"},
        "min_sequence": {"type": "int", "default": 1},
        "unsigned": {"type": "str", "choices": list(UNSIGNED), "default": "skip"},
        "accept_tree": {"type": "str"},
    }
    return {"verify": {"type": "dict", "options": options, **_VERIFY_RULES}}


def signer(*, required: bool = False) -> Spec:
    """Return the option for the signer of an archive or of receipts."""
    rules = {**_VERIFY_RULES, **({"required": True} if required else {})}
    return {"verify": {"type": "dict", "options": _signer(), **rules}}


def _signer() -> Spec:
    return {
        "allowed_signers": {"type": "list", "elements": "str", "no_log": False},
        "allowed_signers_file": {"type": "path"},
        "principal": {"type": "str", "required": True},
        "revoked_keys_file": {"type": "path", "no_log": False},
    }


def check_aliases(spec: Options, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for an option that a task gives under two names with different values.

    given: the task's own words. In the parameters of the module, the alias has replaced the option already.
    """
    for names in _contradictions(spec, given):
        raise InvalidRequest(
            "%s: %s is an alias of it, and has another value" % names,
            cure="Set one of the two, in the task or in module_defaults.",
        )


def require_known_names(module: str, spec: Options, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for names, also within suboptions, that are no options of a module."""
    found = [unknown(path, module, value, options) for path, value, options in _unknown(spec, given)]
    if found:
        raise InvalidRequest(
            "; ".join(found), cure=f"Correct the name. ansible-doc secure.ftp_synchronize.{module} lists the options."
        )


def unknown(path: str, owner: str, value: Any, spec: Options, prefix: str = "") -> str:
    """Return the words about a name that is no option.

    spec: the options in its place; without the prefix that they share, by which all of them would be near
    """
    option, by_value = nearest(path.rpartition(".")[2][len(prefix) :], value, spec)
    meant = prefix + option
    hint = f"; {value} is a value of {meant}" if by_value else f"; did you mean {meant}?"
    return plain("%s: %s has no option of this name%s" % (path, owner, hint if option else ""))


def nearest(name: str, value: Any, spec: Options) -> Tuple[str, bool]:
    """Return the option that was probably meant, if any, and whether only the value shows it."""
    from difflib import get_close_matches  # pylint: disable=import-outside-toplevel

    names = {each: option for option, rules in spec.items() for each in (option, *rules.get("aliases", ()))}
    fitting = [option for option, rules in spec.items() if value in rules.get("choices", ())]
    within = [f"{option}.{name}" for option, rules in spec.items() if name in rules.get("options", ())]
    same = get_close_matches(name, names, 1, 0.8) or get_close_matches(name, fitting, 1)
    if same or within:
        return (names[same[0]] if same else within[0]), False
    if len(fitting) == 1:
        return fitting[0], True
    near = get_close_matches(name, names, 1)
    return (names[near[0]] if near else ""), False


def _unknown(spec: Options, given: Mapping[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any, Options]]:
    names = {each: option for option, rules in spec.items() for each in (option, *rules.get("aliases", ()))}
    for name, value in given.items():
        if name not in names:
            if not str(name).startswith(OF_ANSIBLE):
                yield f"{prefix}{name}", value, spec
        elif spec[names[name]].get("options"):
            for inner in _inner(value):
                yield from _unknown(spec[names[name]]["options"], inner, f"{prefix}{name}.")


def _contradictions(spec: Options, given: Mapping[str, Any]) -> List[Tuple[str, str]]:
    """Pairs of an option and its alias, also within suboptions."""
    found = []
    for name, option in spec.items():
        names = [each for each in (name, *option.get("aliases", ())) if each in given]
        found += [(names[0], each) for each in names[1:] if given[each] != given[names[0]]]
        for inner in _inner(given[names[0]]) if names and option.get("options") else ():
            found += _contradictions(option["options"], inner)
    return found


def _inner(value: Any) -> List[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]

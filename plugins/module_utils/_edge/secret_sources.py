# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `secrets_from`: for each secret option, the source from which the run reads it. Loaded for tasks with it,
and for jobs.

It is one dictionary, and not a source within each secret option: of such an option, Ansible hides each word.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from .._engine.errors import InvalidRequest, SyncError
from .._engine.issuing.secret_sources import Field, Source, read_secret
from .argspec import SECRETS_FROM
from .contract import Params, Task
from .jobs.job_options import read_options, secret_names, with_secrets

if TYPE_CHECKING:
    from .._engine.issuing.openbao import Issuer, Login

SEGMENT = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.@+=~:-]+"
MOUNT = re.compile(rf"{SEGMENT}(?:/{SEGMENT})*\Z", re.ASCII)
"""Of OpenBao: the path of a mount, or of anything in it."""
LOGINS = ("token_from", "secret_id_from")
_KINDS: Dict[str, Any] = {"file": {"type": "str"}, "command": {"type": "list", "elements": "str"}}
_WHOLE = ("private_key", "identities")
"""Secrets of several lines."""
_STAND_IN = "-----BEGIN stand-in"
"""In place of a secret that is not read yet, and that could be a key or a password."""


def login_specs() -> Dict[str, Any]:
    """Return the specifications of the sources of a login to OpenBao.

    They have no rules: in the options of a role, all keys have a value, if need be null.
    """
    renewed = {**_KINDS, "renew": {"type": "bool"}}
    return {name: {"type": "dict", "no_log": False, "options": kinds} for name, kinds in zip(LOGINS, (_KINDS, renewed))}


def _source_spec() -> Dict[str, Any]:
    openbao = {
        "url": {"type": "str", "required": True},
        "path": {"type": "str", "required": True},
        "field": {"type": "str", "required": True},
        "ca_file": {"type": "str"},
        "auth_path": {"type": "str", "default": "approle"},
        "role_id": {"type": "str"},
        **login_specs(),
    }
    kinds = {**_KINDS, "openbao": {"type": "dict", "options": openbao, **_one_of(*LOGINS)}}
    return {"type": "dict", "options": kinds, **_one_of(*kinds)}


def _one_of(*names: str) -> Dict[str, Any]:
    return {"required_one_of": [names], "mutually_exclusive": [names]}


def given_sources(spec: Mapping[str, Any], given: Any) -> Dict[str, Any]:
    """Return the values of the option, each of the right form. Raises InvalidRequest, which shows no value."""
    names = secret_names(spec["argument_spec"])
    values = read_options({name: _source_spec() for name in names}, given, SECRETS_FROM)
    return {name: value for name, value in values.items() if name in given}


def sources(spec: Mapping[str, Any], params: Params) -> Dict[str, Source]:
    """Return the sources by the names of their options. Raises InvalidRequest.

    spec: of secure_sync. params: of a task, converted and with defaults
    """
    values = given_sources(spec, params[SECRETS_FROM])
    for name in values:
        _require_alone(spec, params, name)
    return {name: _source(f"{SECRETS_FROM}.{name}", value) for name, value in values.items()}


def sourced(spec: Mapping[str, Any], task: Task, *, read: bool) -> Task:
    """Return the task with the secrets of all sources, else with stand-ins by which all else can be checked.

    Raises InvalidRequest, and the errors of read_secret.
    """
    found = {
        name: read_secret(f"{SECRETS_FROM}.{name}", source, task.hide, lines=name.rpartition(".")[2] in _WHOLE)
        if read
        else _STAND_IN
        for name, source in sources(spec, task.params).items()
    }
    return task._replace(params={**with_secrets(spec["argument_spec"], task.params, found), SECRETS_FROM: None})


def renewal_failure(spec: Mapping[str, Any], task: Task) -> Optional[SyncError]:
    """Renew the logins of the sources that ask for it, and return the first error. Raises InvalidRequest."""
    fields = (source.openbao for source in sources(spec, task.params).values())
    asked = [
        (each.issuer, each.login, each.secret_id_from) for each in fields if each is not None and each.secret_id_from
    ]
    return renewed(asked, task.hide, check_mode=task.check_mode)


def renewed(
    asked: Iterable[Tuple[Issuer, Login, Source]], hide: Callable[[str], None], *, check_mode: bool
) -> Optional[SyncError]:
    """Renew each secret ID whose source asks for it, and return the first error. asked: without the secret IDs"""
    due = [(issuer, login, source.file) for issuer, login, source in asked if source.renew and source.file]
    if not due:
        return None
    from .._engine.issuing.renewal import Renewal, first_failure  # pylint: disable=import-outside-toplevel

    renewals = [Renewal(issuer, login, file, f"{issuer.option}.secret_id_from") for issuer, login, file in due]
    return first_failure(renewals, hide, check_mode=check_mode)


def _require_alone(spec: Mapping[str, Any], params: Params, name: str) -> None:
    """Refuse a secret that has a value too, or a rival, or no option to which it belongs."""
    outer, _dot, inner = name.rpartition(".")
    place, rules = (params[outer], spec["argument_spec"][outer]) if outer else (params, spec)
    shown, prefix = f"{SECRETS_FROM}.{name}", f"{outer}." if outer else ""
    if place is None:
        raise InvalidRequest(f"{shown}: belongs to {outer}, which is not set", cure=f"Set {outer}, or remove {shown}.")
    groups = [(inner,), *(group for group in rules.get("mutually_exclusive", ()) if inner in group)]
    for rival in (each for group in groups for each in group):
        if place[rival] is not None:
            fact = "has a value too" if rival == inner else f"and {prefix}{rival} exclude each other"
            raise InvalidRequest(f"{shown}: {fact}", cure=f"Remove {prefix}{rival}, or {shown}.")


def login_source(option: str, given: Optional[Mapping[str, Any]]) -> Optional[Source]:
    """Return a source without OpenBao; None without a value. Raises InvalidRequest."""
    if given is None:
        return None
    if (given["file"] is None) == (given["command"] is None):
        raise _wrong(option, "needs either file or command", "Set one of them.")
    renew = bool(given.get("renew"))
    if given["file"] is not None:
        return Source(file=_absolute(f"{option}.file", given["file"]), renew=renew)
    if renew:
        raise _wrong(f"{option}.renew", "needs a file", "Set file in place of command.")
    words = given["command"]
    if not words or not words[0] or any("\0" in word for word in words):
        raise _wrong(f"{option}.command", "names no program", "List the program, and each argument as an element.")
    if "/" in words[0]:
        words = [_absolute(f"{option}.command", words[0]), *words[1:]]
    return Source(command=tuple(words))


def _source(option: str, given: Mapping[str, Any]) -> Source:
    kept = given["openbao"]
    if kept is None:
        return login_source(option, given) or Source()
    from .._engine.issuing.openbao import Issuer, Login  # pylint: disable=import-outside-toplevel

    option += ".openbao"
    require_url(f"{option}.url", kept["url"])
    for name in ("path", "auth_path"):
        if not MOUNT.match(kept[name]):
            raise _wrong(f"{option}.{name}", "is not a path of OpenBao", "Write it as secret/data/jobs/nightly.")
    if (kept["role_id"] is None) != (kept["secret_id_from"] is None):
        raise _wrong(option, "has one half of a login", "Set role_id and secret_id_from, or token_from alone.")
    ca_file = None if kept["ca_file"] is None else _absolute(f"{option}.ca_file", kept["ca_file"])
    login = Login(role_id=kept["role_id"], auth_path=kept["auth_path"])
    sources_of_login = (login_source(f"{option}.{name}", kept[name]) for name in LOGINS)
    issuer = Issuer(kept["url"], ca_file, option)
    return Source(openbao=Field(issuer, kept["path"], kept["field"], login, *sources_of_login))


def require_url(option: str, url: str) -> None:
    """Raise InvalidRequest for anything but the URL of a server."""
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool((parts.hostname or "").encode("idna")) and (parts.port or 443) > 0
    except ValueError:
        good = False
    if not good or url.rstrip("/") != "https://" + parts.netloc or "@" in url or not url.isprintable() or " " in url:
        raise _wrong(option, "is not https://HOST or https://HOST:PORT", "Write the URL of the server.")


def _absolute(option: str, path: str) -> str:
    found = os.path.expanduser(path)
    if not os.path.isabs(found) or "\0" in found:
        raise _wrong(option, f"{ascii(path)[:80]} is not an absolute path", "Write the path from / or ~ on.")
    return found


def _wrong(option: str, fact: str, cure: str) -> InvalidRequest:
    return InvalidRequest(f"{option}: {fact}", cure=cure)

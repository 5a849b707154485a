# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a job: the field `certificate` of the job file, and the options that it sets in each run.

file: `certificate_file` is a file that something else renews.
openbao: `certificate` is issued right before the run, with its key or for the key of the job; over FTPS for TLS.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, Dict, List, Mapping, NamedTuple, Optional

from ..._engine.errors import AuthenticationFailed, InvalidRequest, SyncError
from ..._engine.model.endpoint import FTPS
from ..argspec import SECRETS_FROM, Spec
from ..contract import Result
from ..secret_sources import LOGINS, MOUNT, SEGMENT, login_source, login_specs, renewed, require_url
from .job_options import read_options

FILE, OPENBAO = "file", "openbao"
_FIELD = "certificate"
_TOKEN, _ROLE_ID, _SECRET_ID = "token", "role_id", "secret_id"
SECRET_NAMES = tuple(f"{_FIELD}.{each}" for each in (_TOKEN, _SECRET_ID))
"""Names of the credentials, which are no options of secure_sync."""
_OF = {
    FILE: ("file",),
    OPENBAO: ("url", "ca_file", "path", "principals", "ttl", _ROLE_ID, "auth_path", *LOGINS),
}
_REQUIRED = {FILE: ("file",), OPENBAO: ("url", "path")}
_PATH = re.compile(rf"{SEGMENT}(?:/{SEGMENT})*/(issue|sign)/{SEGMENT}\Z", re.ASCII)
_PRINCIPAL = re.compile(r"[!-+\--~]{1,255}\Z", re.ASCII)
_LONGEST_TTL = 365 * 86400
_ENDED = re.compile(r"\bcertificate(?:_file)?: ended at |\(certificate expired\)")
_CURES = {
    FILE: "Check the program that renews certificate.file: it must renew it before its end, also during a run.",
    OPENBAO: "Set certificate.ttl to more than the longest run. The next run continues from this state.",
}


class Certified(NamedTuple):
    """Options and secrets of secure_sync, with a certificate."""

    options: Dict[str, Any]
    secrets: Dict[str, str]


def certificate_spec() -> Spec:
    return {
        "source": {"type": "str", "choices": [FILE, OPENBAO], "required": True},
        "file": {"type": "path"},
        "url": {"type": "str"},
        "ca_file": {"type": "path"},
        "path": {"type": "str"},
        "principals": {"type": "list", "elements": "str"},
        "ttl": {"type": "int"},
        _ROLE_ID: {"type": "str"},
        "auth_path": {"type": "str"},
        **login_specs(),
    }


def secrets_spec() -> Spec:
    """Return the specification of the secrets, which the job file does not hold."""
    return {each: {"type": "str", "no_log": True} for each in (_TOKEN, _SECRET_ID)}


def read_certificate(
    field: Optional[Mapping[str, Any]], options: Mapping[str, Any], secrets: Collection[str]
) -> Optional[Dict[str, Any]]:
    """Return the values of the field, which fit to the options and the names of the secrets; None without the field.

    Raises InvalidRequest.
    """
    if field is None:
        return None
    values = read_options(certificate_spec(), field, _FIELD)
    given = [name for name, value in values.items() if value is not None]
    source = values["source"]
    _require_fields(source, given)
    for name in ("certificate", "certificate_file", "client_cert_file"):
        if name in options:
            raise _wrong(f"options.{name}", "the job has a certificate of its own", "Remove it, or certificate.")
    if source == OPENBAO:
        _require_openbao(values, options, secrets)
    elif set(SECRET_NAMES) & set(secrets):
        raise _wrong(_FIELD, "a file needs no login", "Remove token and secret_id, or set source to openbao.")
    return values


def certified(
    values: Optional[Mapping[str, Any]],
    options: Mapping[str, Any],
    secrets: Mapping[str, str],
    hide: Callable[[str], None],
) -> Certified:
    """Return options and secrets with the certificate, which OpenBao issues here.

    hide: gets a login that is read from a source. See `issued` and `whole_login` for the errors.
    """
    if values is None:
        return Certified(dict(options), dict(secrets))
    kept = {name: text for name, text in secrets.items() if name not in SECRET_NAMES}
    if values["source"] == FILE:
        return Certified({**options, "certificate_file": values["file"]}, kept)
    from ..._engine.issuing.openbao import issued  # pylint: disable=import-outside-toplevel

    new = issued(*_asked(values, options, secrets, hide))
    key = {} if new.private_key is None else {"private_key": new.private_key}
    return Certified({**options, "certificate": new.certificate}, {**kept, **key})


def renewal_failure(
    values: Optional[Mapping[str, Any]], hide: Callable[[str], None], *, check_mode: bool
) -> Optional[SyncError]:
    """Renew the secret ID if its source asks for it, and return the error."""
    source = None if values is None else login_source(f"{_FIELD}.{LOGINS[1]}", values[LOGINS[1]])
    if values is None or source is None:
        return None
    from ..._engine.issuing.openbao import Issuer, Login  # pylint: disable=import-outside-toplevel

    login = Login(role_id=values[_ROLE_ID], auth_path=values["auth_path"] or "approle")
    return renewed([(Issuer(values["url"], values["ca_file"]), login, source)], hide, check_mode=check_mode)


def explained(result: Result, values: Optional[Mapping[str, Any]]) -> Result:
    """Return the result of a run, with the cure that fits the source of a certificate that has ended."""
    error = result.get("error")
    if values is None or not error or error["code"] != AuthenticationFailed.code or not _ENDED.search(error["message"]):
        return result
    cure = _CURES[values["source"]]
    return {**result, "error": {**error, "cure": cure}, "msg": result["msg"].replace(error["cure"], cure)}


def _asked(
    values: Mapping[str, Any], options: Mapping[str, Any], secrets: Mapping[str, str], hide: Callable[[str], None]
) -> Any:
    from ..._engine.issuing.openbao import Issuer, Login, Order  # pylint: disable=import-outside-toplevel
    from ..._engine.issuing.secret_sources import whole_login  # pylint: disable=import-outside-toplevel

    token, secret_id = (secrets.get(each) for each in SECRET_NAMES)
    login = Login(token, values[_ROLE_ID], secret_id, values["auth_path"] or "approle")
    token_from, secret_id_from = (login_source(f"{_FIELD}.{name}", values[name]) for name in LOGINS)
    public_key = _public_key(options, secrets) if _is_sign(values) else None
    return (
        Issuer(values["url"], values["ca_file"]),
        whole_login(_FIELD, login, token_from, secret_id_from, hide),
        Order(values["path"], values["principals"] or (), values["ttl"], public_key, _is_tls(options)),
    )


def _public_key(options: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    """Return the public key of the job's private key. Raises InvalidRequest."""
    from ..._engine.ssh.user_certificate import public_part  # pylint: disable=import-outside-toplevel

    key = public_part(secrets["private_key"])
    if key is None:
        raise _wrong(
            "private_key", "is not in OpenSSH's form, which has the public key", "Convert it: ssh-keygen -p -f FILE"
        )
    return key.text


def _require_fields(source: str, given: List[str]) -> None:
    for name in _REQUIRED[source]:
        if name not in given:
            raise _wrong(f"{_FIELD}.{name}", f"is required for the source {source}", "Set it.")
    for name in given:
        if name != "source" and name not in _OF[source]:
            raise _wrong(f"{_FIELD}.{name}", f"has no effect with the source {source}", "Remove it.")


def _require_openbao(values: Mapping[str, Any], options: Mapping[str, Any], secrets: Collection[str]) -> None:
    require_url("certificate.url", values["url"])
    if not _PATH.match(values["path"]):
        raise _wrong("certificate.path", "is not MOUNT/issue/ROLE or MOUNT/sign/ROLE", "Write it as ssh/issue/upload.")
    if not MOUNT.match(values["auth_path"] or "approle"):
        raise _wrong("certificate.auth_path", "is not the path of a mount", "Write the path of AppRole, as approle.")
    for name in values["principals"] or ():
        if not _PRINCIPAL.match(name):
            raise _wrong("certificate.principals", f"{ascii(name)[:80]} is not a name", "Write names, no commas.")
    if values["ttl"] is not None and not 1 <= values["ttl"] <= _LONGEST_TTL:
        raise _wrong("certificate.ttl", "is out of range", f"Write seconds from 1 to {_LONGEST_TTL}.")
    if _is_tls(options) and (_is_sign(values) or len(values["principals"] or ()) != 1):
        fact = "over FTPS, it issues a key and a certificate for one principal, its common name"
        raise _wrong(_FIELD, fact, "Set path as pki/issue/upload, and principals to one name.")
    _require_login(values, secrets)
    _require_key(values, options, secrets)


def _require_login(values: Mapping[str, Any], secrets: Collection[str]) -> None:
    logins = [*(each in secrets for each in SECRET_NAMES), *(values[each] is not None for each in LOGINS)]
    if sum(logins) != 1 or (logins[1] or logins[3]) != (values[_ROLE_ID] is not None):
        raise _wrong(
            _FIELD,
            "needs one login",
            "Set token, or role_id and secret_id, or their sources token_from and secret_id_from; with sync.pyz, store "
            "a secret as a file.",
        )
    for name in LOGINS:
        login_source(f"{_FIELD}.{name}", values[name])


def _require_key(values: Mapping[str, Any], options: Mapping[str, Any], secrets: Collection[str]) -> None:
    """A path that issues a key needs no other; a path that signs needs the text of the key."""
    if _is_sign(values) and "private_key" not in secrets:
        raise _wrong("certificate.path", "signs a key, and the job has no private_key", "Store the secret private_key.")
    others = "private_key" in secrets or "private_key" in _sourced(options) or "private_key_file" in options
    if not _is_sign(values) and others:
        raise _wrong("certificate.path", "issues a key, and the job has another", "Remove that key, or use /sign/.")


def _sourced(options: Mapping[str, Any]) -> Collection[str]:
    """Return the names of secrets that the run reads itself."""
    sources = options.get(SECRETS_FROM)
    return sources if isinstance(sources, dict) else ()


def _is_tls(options: Mapping[str, Any]) -> bool:
    return options.get("protocol") == FTPS


def _is_sign(values: Mapping[str, Any]) -> bool:
    found = _PATH.match(values["path"])
    return found is not None and found.group(1) == "sign"


def _wrong(name: str, fact: str, cure: str) -> InvalidRequest:
    return InvalidRequest(f"{name}: {fact}", cure=cure)

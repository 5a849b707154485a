# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's parameters to the engine's frozen values: the last look at a dict. The options for a server, which
modules share; and the options of secure_sync with the request that they make."""

from __future__ import annotations

import secrets
from typing import Any, Mapping, Optional, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS, Credentials, Endpoint, SshAccount, SshTrust, TlsTrust
from ..._engine.model.request import (
    AFTER_TRANSFER,
    COMPARES,
    DELTAS,
    DIRECTIONS,
    KEEP,
    LINKS,
    MARKED,
    NONE,
    PARTIALS,
    PROOF_POLICIES,
    PUSH,
    SIZE_MTIME,
    PartialFiles,
    SyncRequest,
)
from .. import argspec, login_words, paths, quantities

Params = Mapping[str, Any]

MOST_RETRIES = 100
LEAST_PARTIAL = 1 << 20


def endpoint(params: Params) -> Endpoint:
    """Return the options of argspec.endpoint that are no secrets. Raises InvalidRequest."""
    given = login_words.port("port", params["port"])
    return Endpoint(
        protocol=params["protocol"],
        host=login_words.server(params["host"]),
        port=given if params["protocol"] != FTPS else given or login_words.ftps_port(params["tls_mode"]),
        username=login_words.account("username", params["username"]),
        proxy_jump=tuple(login_words.jump("proxy_jump", hop) for hop in params["proxy_jump"] or ()),
        ssh_config_file=login_words.one_line("ssh_config_file", params["ssh_config_file"]),
        ssh_client=params["ssh_client"],
        connect_timeout=quantities.seconds("connect_timeout", params["connect_timeout"]),
        stall_timeout=quantities.seconds("stall_timeout", params["stall_timeout"]),
    )


def credentials(params: Params) -> Credentials:
    """Return the options of argspec.endpoint and argspec.tls that log in. An InvalidRequest never shows a secret."""
    has_key = params["private_key"] is not None or params["private_key_file"] is not None
    if params["passphrase"] is not None and not has_key:
        raise InvalidRequest("passphrase: needs a private key", cure="Set private_key or private_key_file too.")
    for option in ("certificate_file", "certificate"):
        if params[option] is not None and not has_key and not params["ssh_agent"]:
            raise InvalidRequest(
                f"{option}: needs a private key",
                cure="Set private_key or private_key_file, or set ssh_agent to true.",
            )
    return Credentials(
        password=login_words.secret("password", params["password"]),
        private_key_file=login_words.one_line("private_key_file", params["private_key_file"]),
        private_key=login_words.key_text("private_key", params["private_key"]),
        passphrase=login_words.secret("passphrase", params["passphrase"]),
        certificate_file=login_words.one_line("certificate_file", params["certificate_file"]),
        certificate=_certificate(params),
        ssh_agent=params["ssh_agent"],
        client_key_passphrase=login_words.secret("client_key_passphrase", params["client_key_passphrase"]),
    )


def _certificate(params: Params) -> Optional[str]:
    text: Optional[str] = params["certificate"]
    if params.get("protocol") != FTPS:
        return login_words.certificate("certificate", text)
    return text if login_words.is_pem(text) else None


def trust(params: Params) -> SshTrust:
    """Return the options of argspec.trust. Raises InvalidRequest."""
    return SshTrust(
        host_keys=tuple(_host_key(key) for key in params["host_keys"] or ()),
        known_hosts_file=login_words.one_line("known_hosts_file", params["known_hosts_file"]),
    )


def ssh_account(params: Params, cure: str) -> SshAccount:
    """Return the account of an SSH server. cure: for a task with the protocol ftps. Raises InvalidRequest."""
    require_sftp(params, cure)
    return SshAccount(endpoint(params), credentials({**params, "client_key_passphrase": None}), trust(params))


def require_sftp(params: Params, cure: str) -> None:
    if params["protocol"] == FTPS:
        raise InvalidRequest("protocol: must be sftp", cure=cure)


def tls(params: Params, peer: Endpoint) -> TlsTrust:
    """Return the options of argspec.tls that are no secrets. Over SFTP they have no values. Raises InvalidRequest,
    UnknownHost, PinExpired, TrustStoreUnreadable."""
    if peer.protocol != FTPS:
        return TlsTrust()
    from ..tls_words import tls_trust  # pylint: disable=import-outside-toplevel

    return tls_trust(params, peer)


def max_listed(params: Params) -> int:
    """Return how many items a list in the result may have. Raises InvalidRequest."""
    return quantities.count("max_listed", params["max_listed"])


def spec() -> argspec.Spec:
    """Return the options of secure_sync that no other module has."""
    return {
        "direction": {"type": "str", "choices": list(DIRECTIONS), "default": "push"},
        "src": {"type": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "create_parents": {"type": "bool", "default": False},
        "compare": {"type": "str", "choices": list(COMPARES), "default": "recorded"},
        "proof": {"type": "str", "choices": list(PROOF_POLICIES), "default": "auto"},
        "delta": {"type": "str", "choices": list(DELTAS), "default": "auto"},
        "delete": {"type": "bool", "default": False},
        "max_delete": {"type": "str", "default": "10%"},
        "allow_empty_source": {"type": "bool", "default": False},
        "trash": {"type": "str"},
        "trash_max_age": {"type": "str"},
        "include": {"type": "list", "elements": "str"},
        "exclude": {"type": "list", "elements": "str"},
        "require_match": {"type": "bool", "default": False},
        "links": {"type": "str", "choices": list(LINKS), "default": "skip"},
        "preserve_mode": {"type": "bool"},
        "preserve_mtime": {"type": "bool", "default": True, "aliases": ["times"]},
        "durable": {"type": "bool", "default": False},
        "parallel": {"type": "str", "default": "auto"},
        "bandwidth_limit": {"type": "str"},
        "partial": {"type": "str", "choices": list(PARTIALS), "default": "run"},
        "partial_min_size": {"type": "str", "default": "64M"},
        "partial_max_age": {"type": "str", "default": "7d"},
        "state_dir": {"type": "path"},
        argspec.SECRETS_FROM: {"type": "dict", "no_log": False},
        "lock": {"type": "bool", "default": True},
        "lock_wait": {"type": "float", "default": 0.0},
        "start_spread": {"type": "float", "default": 0.0},
        "max_listed": {"type": "int", "default": 100},
        "min_age": {"type": "str"},
        "max_age": {"type": "str"},
        "min_size": {"type": "str"},
        "max_size": {"type": "str"},
        "in_place": {"type": "bool", "default": False},
        "deliver_once": {"type": "bool", "default": False},
        "after_transfer": {"type": "str", "choices": list(AFTER_TRANSFER), "default": "keep"},
        "archive_dir": {"type": "str"},
        "marker": {"type": "str"},
        "marker_for": {"type": "str", "choices": list(MARKED), "default": "file"},
    }


def sync_request(params: Params, *, check_mode: bool) -> SyncRequest:
    """Return all options of secure_sync as one request with a fresh run id. Raises InvalidRequest."""
    login_words.require_fitting(params)
    peer = endpoint(params)
    local_root, remote_root = _roots(params)
    trash = None if params["trash"] is None else paths.trash("trash", params["trash"])
    _require_sendable(params, remote_root, trash)
    asked = SyncRequest(
        direction=params["direction"],
        local_root=local_root,
        remote_root=remote_root,
        endpoint=peer,
        credentials=credentials(params),
        trust=trust(params),
        tls=tls(params, peer),
        state_dir=paths.state("state_dir", params["state_dir"] or ""),
        run_id=secrets.token_hex(8),
        compare=params["compare"],
        proof=params["proof"],
        delete=params["delete"],
        max_delete=quantities.delete_limit("max_delete", params["max_delete"]),
        allow_empty_source=params["allow_empty_source"],
        trash=trash,
        include=tuple(params["include"] or ()),
        exclude=tuple(params["exclude"] or ()),
        require_match=params["require_match"],
        links=params["links"],
        preserve_mode=params["preserve_mode"] is not False,
        demands_mode=params["preserve_mode"] is True,
        preserve_mtime=params["preserve_mtime"],
        durable=params["durable"],
        parallel=quantities.connections("parallel", params["parallel"]),
        bandwidth_limit=quantities.bandwidth("bandwidth_limit", params["bandwidth_limit"]),
        lock=params["lock"] and not params["in_place"],
        lock_wait=_lock_wait(params),
        retries=quantities.count("retries", params["retries"], most=MOST_RETRIES),
        check_mode=check_mode,
        partial=_partial(params),
        trash_max_age=_trash_max_age(params),
        delta=params["delta"],
        create_parents=params["create_parents"],
    )
    return _with_features(asked, params)


def _with_features(asked: SyncRequest, params: Params) -> SyncRequest:
    """Return the request with the features that its options set. The readers of a feature are loaded for its tasks
    only."""
    # pylint: disable=import-outside-toplevel
    if params["verify"] is not None:
        from ..verifying import verifying

        _require_digests_of_a_pull(params)
        asked = asked._replace(verify=verifying(params))
    if params["sign"] is not None:
        from .signing import signing

        asked = asked._replace(sign=signing(params))
    if params["receipts"] is not None:
        from ..receipting import receipting

        asked = asked._replace(receipts=receipting(params, asked.local_root))
    if params["encrypt"] is not None or params["decrypt"] is not None:
        from .sealing import identities, recipients

        asked = asked._replace(encrypt=recipients(params), decrypt=identities(params))
    if params["content_check"] is not None:
        from .content_check import content_check

        asked = asked._replace(content_check=content_check(params, asked.local_root))
    if any(params[option] is not None for option in ("min_age", "max_age", "min_size", "max_size")):
        from .drop_box import limits

        asked = asked._replace(limits=limits(params))
    moves = params["after_transfer"] != KEEP or params["archive_dir"] is not None
    marks = params["marker"] is not None or params["marker_for"] != "file"
    if moves or marks or params["in_place"] or params["deliver_once"]:
        from .drop_box import drop_box

        asked = asked._replace(drop_box=drop_box(params))
    return asked


def _partial(params: Params) -> Optional[PartialFiles]:
    """Return the files that the next run continues."""
    least, longest = quantities.size("partial_min_size", params["partial_min_size"]), params["partial_max_age"]
    found = PartialFiles(least, quantities.duration("partial_max_age", longest))
    if least < LEAST_PARTIAL:
        raise InvalidRequest("partial_min_size: must be at least 1M", cure="Set 1M or more.")
    if params["partial"] != KEEP:
        return None
    for needed, fact, cure in (
        (params["lock"] and not params["in_place"], "needs a lock", "Set lock to true and in_place to false"),
        (params["proof"] != NONE, "needs a proof, and proof is none", "Set proof to auto"),
        (params["encrypt"] is None, "does not work with encrypt: each run encrypts a file again", "Remove encrypt"),
    ):
        if not needed:
            raise InvalidRequest(f"partial: keep {fact}", cure=f"{cure}, or set partial to run.")
    return found


def _trash_max_age(params: Params) -> Optional[int]:
    text = params["trash_max_age"]
    if text is None:
        return None
    if params["trash"] is None:
        raise InvalidRequest("trash_max_age: needs a trash", cure="Set trash, or remove trash_max_age.")
    if not params["lock"]:
        raise InvalidRequest("trash_max_age: needs a lock", cure="Set lock to true, or remove trash_max_age.")
    return quantities.days("trash_max_age", text)


def _require_sendable(params: Params, remote_root: bytes, trash: Optional[bytes]) -> None:
    """Refuse paths at the server that FTP cannot transport."""
    if params["protocol"] == FTPS:
        push = params["direction"] == PUSH
        paths.sendable("dest" if push else "src", remote_root)
        paths.sendable("trash", trash if push and trash else b"")


def _require_digests_of_a_pull(params: Params) -> None:
    if params["direction"] == PUSH:
        raise InvalidRequest(
            "verify: checks the set that a pull reads, and direction is push", cure="Remove verify; a push has sign."
        )
    if params["compare"] == SIZE_MTIME:
        raise InvalidRequest(
            "verify: compares by the signed digests, and compare is size_mtime",
            cure="Set compare to recorded or checksum.",
        )


def _roots(params: Params) -> Tuple[bytes, bytes]:
    """Return the local and the remote root. Which option names which depends on the direction."""
    if params["direction"] == PUSH:
        destination = remote_root = paths.remote("dest", params["dest"])
        local_root = paths.local("src", params["src"])
    else:
        destination = local_root = paths.local("dest", params["dest"])
        remote_root = paths.remote("src", params["src"])
    if params["delete"] and paths.is_root(destination):
        raise InvalidRequest(
            "dest: deleting in the root of a file system is refused",
            cure='Set dest to a directory below it; the login directory of a jailed account is ".".',
        )
    return local_root, remote_root


def _lock_wait(params: Params) -> float:
    seconds = quantities.pause("lock_wait", params["lock_wait"])
    if seconds and not params["lock"]:
        raise InvalidRequest("lock_wait: needs a lock", cure="Set lock to true, or leave lock_wait out.")
    return seconds


def _host_key(text: str) -> str:
    key = text.strip()
    if not key or not key.isprintable():
        raise InvalidRequest(
            f"host_keys: {text!r} is not a single key",
            cure="Write each key, SHA256: fingerprint or @cert-authority line as a separate element.",
        )
    return key

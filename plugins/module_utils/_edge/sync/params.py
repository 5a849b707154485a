# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's parameters to the engine's frozen values: the last look at a dict."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.model.endpoint import FTPS, Credentials, Endpoint, SshTrust, TlsTrust
from ..._engine.model.request import (
    KEEP,
    NONE,
    PUSH,
    SIZE_MTIME,
    DropBoxRequest,
    FileLimits,
    PartialFiles,
    Receipting,
    Signing,
    SyncRequest,
    VerifyRequest,
)
from .. import login_words, paths, quantities

if TYPE_CHECKING:
    from ..._engine.model.request import Identities, Recipients

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


def sync_request(params: Params, *, check_mode: bool) -> SyncRequest:
    """Return all options of secure_sync as one request with a fresh run id. Raises InvalidRequest."""
    login_words.require_fitting(params)
    peer = endpoint(params)
    local_root, remote_root = _roots(params)
    trash = None if params["trash"] is None else paths.trash("trash", params["trash"])
    _require_sendable(params, remote_root, trash)
    return SyncRequest(
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
        verify=_verify(params),
        sign=_signing(params),
        receipts=receipts(params, local_root),
        encrypt=_encrypting(params),
        decrypt=_decrypting(params),
        limits=_limits(params),
        drop_box=_drop_box(params),
        trash_max_age=_trash_max_age(params),
        delta=params["delta"],
        create_parents=params["create_parents"],
    )


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


def _limits(params: Params) -> Optional[FileLimits]:
    if all(params[option] is None for option in ("min_age", "max_age", "min_size", "max_size")):
        return None
    from .drop_box import limits  # pylint: disable=import-outside-toplevel

    return limits(params)


def _drop_box(params: Params) -> Optional[DropBoxRequest]:
    """Return the options of a run that moves files instead of keeping trees equal."""
    moves = params["after_transfer"] != KEEP or params["archive_dir"] is not None
    if not (moves or params["in_place"] or params["deliver_once"]):
        return None
    from .drop_box import drop_box  # pylint: disable=import-outside-toplevel

    return drop_box(params)


def _signing(params: Params) -> Optional[Signing]:
    if params["sign"] is None:
        return None
    from .signing import signing  # pylint: disable=import-outside-toplevel

    return signing(params)


def _encrypting(params: Params) -> Optional[Recipients]:
    if params["encrypt"] is None:
        return None
    from .sealing import recipients  # pylint: disable=import-outside-toplevel

    return recipients(params)


def _decrypting(params: Params) -> Optional[Identities]:
    if params["decrypt"] is None:
        return None
    from .sealing import identities  # pylint: disable=import-outside-toplevel

    return identities(params)


def receipts(params: Params, local_root: Optional[bytes]) -> Optional[Receipting]:
    """Return how a run leaves its receipt; None without the option. local_root: of the tree on this host, if any.
    Raises InvalidRequest."""
    if params["receipts"] is None:
        return None
    from ..receipting import receipting  # pylint: disable=import-outside-toplevel

    return receipting(params, local_root)


def _require_sendable(params: Params, remote_root: bytes, trash: Optional[bytes]) -> None:
    """Refuse paths at the server that FTP cannot transport."""
    if params["protocol"] == FTPS:
        push = params["direction"] == PUSH
        paths.sendable("dest" if push else "src", remote_root)
        paths.sendable("trash", trash if push and trash else b"")


def _verify(params: Params) -> Optional[VerifyRequest]:
    if params["verify"] is None:
        return None
    if params["direction"] == PUSH:
        raise InvalidRequest(
            "verify: checks the set that a pull reads, and direction is push", cure="Remove verify; a push has sign."
        )
    if params["compare"] == SIZE_MTIME:
        raise InvalidRequest(
            "verify: compares by the signed digests, and compare is size_mtime",
            cure="Set compare to recorded or checksum.",
        )
    from ..verifying import verifying  # pylint: disable=import-outside-toplevel

    return verifying(params)


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

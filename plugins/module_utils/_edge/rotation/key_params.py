# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of client_key, account_keys and key_revocation, and the engine's requests: the last use of a dict."""

from __future__ import annotations

import pwd
import re
import time
from typing import Any, FrozenSet, List, Mapping, Tuple

from ..._engine.errors import AccountMissing, InvalidRequest
from ..._engine.rotation.client_keys.job import Preparation, Settlement
from ..._engine.rotation.client_keys.plan import ED25519, KEY_TYPES, Policy, ServerState
from ..._engine.rotation.server_keys.key_lines import public_key
from ..._engine.rotation.server_keys.revocation import Revocation
from ..._engine.system.accounts import Owner
from ..._engine.system.root_owned_path import parts_of
from ..._engine.trust.fingerprint import PublicKey, is_fingerprint
from ..argspec import Spec, signer

Params = Mapping[str, Any]

PREPARED, PROMOTED, SETTLED = "prepared", "promoted", "settled"
PRESENT, ABSENT = "present", "absent"
TEXT, KRL = "text", "krl"
KEY_REVOCATION_REQUIRED = (("format", TEXT, ("keys",)), ("format", KRL, ("list", "verify")))
CLIENT_KEY_REQUIRED = (("state", PREPARED, ("servers", "passphrase")), ("state", PROMOTED, ("proven",)))
_JOB = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}\Z")
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}\Z")
_SERVER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,253}\Z")


def client_key() -> Spec:
    """The key of a job, on the client."""
    server = {"name": {"type": "str", "required": True}, "managed": {"type": "bool", "default": True}}
    behind = {
        "server": {"type": "str", "required": True},
        "phase": {"type": "str", "required": True},
        "reason": {"type": "str", "required": True},
    }
    return {
        "state": {"type": "str", "choices": [PREPARED, PROMOTED, SETTLED], "required": True},
        "job": {"type": "str", "required": True},
        "path": {"type": "str", "default": "/etc/secure_ftp_synchronize/keys"},
        "servers": {"type": "list", "elements": "dict", "options": server},
        "owner": {"type": "str", "default": "root"},
        "type": {"type": "str", "choices": list(KEY_TYPES), "default": ED25519},
        "max_age": {"type": "float", "default": 90.0},
        "passphrase": {"type": "str", "no_log": True},
        "compromised": {"type": "list", "elements": "str", "default": []},
        "proven": {"type": "list", "elements": "str"},
        "cleared": {"type": "list", "elements": "str", "default": []},
        "behind": {"type": "list", "elements": "dict", "default": [], "options": behind},
    }


def account_keys() -> Spec:
    """The keys of one holder in an account's file."""
    return {
        "path": {"type": "str", "required": True},
        "account": {"type": "str", "required": True},
        "holder": {"type": "str", "required": True},
        "keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    }


def key_revocation() -> Spec:
    """Keys that sshd refuses."""
    return {
        "path": {"type": "str", "default": "/etc/ssh/revoked_keys"},
        "format": {"type": "str", "choices": [TEXT, KRL], "default": TEXT},
        "keys": {"type": "list", "elements": "str", "no_log": False},
        "list": {"type": "path"},
        **signer(),
        "account": {"type": "str", "default": "root"},
        "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
        "end_sessions": {"type": "bool", "default": True},
    }


def preparation(given: Params) -> Preparation:
    """Return the request. Raises InvalidRequest, AccountMissing."""
    servers = tuple(ServerState(server_name(each["name"]), each["managed"]) for each in given["servers"])
    _check_unique([each.name for each in servers])
    if not given["max_age"] > 0:
        raise InvalidRequest("max_age: %s is not an age" % given["max_age"], cure="Set it to days, more than 0.")
    return Preparation(
        job_name(given["job"]),
        servers,
        Policy(given["type"], given["max_age"]),
        _owner(given["owner"]),
        _passphrase(given["passphrase"]),
        _fingerprints(given["compromised"]),
        time.time(),
    )


def settlement(given: Params) -> Settlement:
    """Return the request. Raises InvalidRequest."""
    cleared = frozenset(server_name(each) for each in given["cleared"])
    behind = {
        server_name(each["server"]): (each["phase"], " ".join(each["reason"].split())) for each in given["behind"]
    }
    for name in cleared & frozenset(behind):
        raise InvalidRequest("behind: %s is also in cleared" % name)
    return Settlement(job_name(given["job"]), cleared, behind, time.time())


def revocation(given: Params, *, check_mode: bool) -> Revocation:
    """Return the request for the format text. Raises InvalidRequest."""
    for option in ("list", "verify"):
        if given[option] is not None:
            raise InvalidRequest("%s: has no meaning with format: text" % option, cure="Set format to krl.")
    return Revocation(
        plain_path(given["path"]),
        public_keys(given["keys"]),
        account_name("account", given["account"]),
        given["state"] == ABSENT,
        given["end_sessions"],
        check_mode,
    )


def plain_path(text: str) -> str:
    """Return an absolute path without anything that turns. Raises InvalidRequest."""
    return "/" + "/".join(parts_of(text))


def public_keys(given: Any) -> Tuple[PublicKey, ...]:
    return tuple(public_key(each) for each in given)


def job_name(text: str) -> str:
    if not _JOB.match(text):
        raise InvalidRequest(
            "job: %r is not valid as the name of a job" % text, cure="Use at most 63 characters of a-z, 0-9, _ and -."
        )
    return text


def account_name(option: str, text: str) -> str:
    """Return the account name. Raises InvalidRequest for a name that would change a path."""
    if not _ACCOUNT.match(text):
        raise InvalidRequest(
            "%s: %r is not valid as the name of an account" % (option, text[:80]),
            cure="Use at most 64 characters: letters, digits and _ . @ + -.",
        )
    return text


def server_name(text: str) -> str:
    if not _SERVER.match(text):
        raise InvalidRequest(
            "servers: %r is not valid as the name of a server" % text, cure="Use only letters, digits, _, . and -."
        )
    return text


def _check_unique(names: List[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest("servers: %s is listed twice" % name, cure="Make two jobs of it.")


def _owner(name: str) -> Owner:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise AccountMissing("account: %s does not exist" % name, cure="Create it, or set another name.") from None
    return Owner(found.pw_uid, found.pw_gid)


def _passphrase(text: str) -> str:
    """Return the passphrase, one line for ssh-keygen. The text never shows."""
    if len(text) < 8 or any(char in text for char in "\0\r\n"):
        raise InvalidRequest(
            "passphrase: is shorter than 8 characters, or has more than one line",
            cure="Generate it with a password manager.",
        )
    return text


def _fingerprints(given: Any) -> FrozenSet[str]:
    for text in given:
        if not is_fingerprint(text):
            raise InvalidRequest(
                "compromised: %r is not a SHA-256 fingerprint" % text[:80],
                cure="Use the form of sshd's log and ssh-keygen -l: SHA256:...",
            )
    return frozenset(given)

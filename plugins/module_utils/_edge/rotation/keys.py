# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of client_key, account_keys or key_revocation: parameters in, the engine's steps, the result out."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence

from ..._engine.rotation.client_keys import job
from ..._engine.rotation.client_keys.plan import Leg
from ..._engine.rotation.client_keys.store import Place
from ..._engine.rotation.server_files import KeyFile, change_file, group_of
from ..._engine.rotation.server_keys.key_lines import account_keys, mark_of
from ..._engine.rotation.server_keys.read_by_sshd import require_authorized_keys
from ..._engine.rotation.server_keys.revocation import revoke
from ..._engine.system.changes import Change
from ..._engine.system.entries import Attributes
from ..words import plain
from . import key_params as params

__all__ = ["account", "blank", "changed", "client", "revocation"]

Params = Mapping[str, Any]
Result = Dict[str, Any]
_ACCOUNT_MODE = 0o640


def client(given: Params, *, check_mode: bool, diff: bool) -> Result:
    """The whole result of client_key. Raises SyncError."""
    place = Place(params.plain_path(given["path"]))
    if given["state"] == params.PREPARED:
        return _prepared(job.prepare(place, params.preparation(given), check_mode=check_mode), given, diff=diff)
    if given["state"] == params.PROMOTED:
        proven = [params.server_name(each) for each in given["proven"]]
        return changed(job.promote(place, params.job_name(given["job"]), proven, check_mode=check_mode), diff=diff)
    return changed(job.settle(place, params.settlement(given), check_mode=check_mode), diff=diff)


def account(given: Params, *, check_mode: bool, diff: bool) -> Result:
    """The whole result of account_keys. Raises SyncError."""
    mark, keys = mark_of(given["holder"]), params.public_keys(given["keys"])
    path, name = params.plain_path(given["path"]), params.account_name("account", given["account"])
    wanted = Attributes(0, group_of(name, check_mode=check_mode), _ACCOUNT_MODE)
    if keys and wanted.group is not None:
        require_authorized_keys(path, name)

    def change(content: bytes) -> bytes:
        text = content.decode("utf-8", "surrogateescape")
        return account_keys(text, mark, keys).encode("utf-8", "surrogateescape")

    file = KeyFile(path, wanted)
    return changed(change_file(file, change, check_mode=check_mode), diff=diff)


def revocation(given: Params, *, check_mode: bool, diff: bool) -> Result:
    """The whole result of key_revocation. Raises SyncError."""
    asked = params.revocation(given, check_mode=check_mode)
    report = revoke(asked)
    result = changed(report.changes, diff=diff)
    return {
        **result,
        "changed": result["changed"] or bool(report.ended),
        "fingerprints": [key.fingerprint for key in asked.keys],
        "sessions_ended": len(report.ended),
        "sessions": [{"user": plain(each.user), "pid": each.pid} for each in report.ended],
    }


def blank() -> Result:
    """The part that each result has whatever happened."""
    return {"changed": False}


def _prepared(found: job.Prepared, given: Params, *, diff: bool) -> Result:
    wanted = found.public_keys.get(found.wanted)
    fingerprints = {generation: text for text, generation in found.known.items()}
    return {
        **changed(found.changes, diff=diff),
        "generation": found.wanted.name,
        "new_because": found.why,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "fingerprint": fingerprints.get(found.wanted),
        "public_keys": sorted({*found.public_keys.values(), *found.revoked.values()}),
        "known": {text: generation.name for text, generation in sorted(found.known.items())},
        "legs": [_leg(each, found, given["job"]) for each in found.legs],
        "behind": [{"server": name, **entry._asdict()} for name, entry in found.behind.items()],
        "strangers": list(found.strangers),
    }


def _leg(leg: Leg, found: job.Prepared, name: str) -> Result:
    """What the tasks of one server need. A key that check mode did not make is missing."""
    keys = [found.public_keys[each] for each in leg.published if each in found.public_keys]
    wanted = found.public_keys.get(found.wanted)
    return {
        "job": name,
        "server": leg.server.name,
        "managed": leg.server.managed,
        "phase": leg.phase,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "published_keys": keys if wanted is not None else [],
        "revoked_keys": [found.revoked[each] for each in leg.server.to_revoke],
    }


def changed(changes: Sequence[Change], *, diff: bool) -> Result:
    """The part that is about changes: whether, which, in words and, if it is asked for, as a diff."""
    result: Result = {
        "changed": bool(changes),
        "changes": [{name: plain(value.strip()) for name, value in each._asdict().items()} for each in changes],
        "msg": "nothing to do" if not changes else "; ".join(_words(each) for each in changes),
    }
    if diff:
        result["diff"] = [_diff(each) for each in changes]
    return result


def _words(change: Change) -> str:
    """One line; the content of a file is for the diff."""
    if "\n" in change.after:
        return plain("%s: written" % change.path)
    return plain("%s: %s -> %s" % (change.path, change.before, change.after))


def _diff(change: Change) -> Dict[str, str]:
    before, after = (text if text.endswith("\n") else text + "\n" for text in (change.before, change.after))
    header = plain(change.path)
    return {"before": before, "after": after, "before_header": header, "after_header": header}

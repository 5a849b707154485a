# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's answer is data about that client: no server, path, account or revocation comes from it."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import client_key
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.job import Prepared
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.plan import (
    Generation,
    ServerState,
    leg_of,
    parse_generation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import parse_public_key
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.answer_guard import AnswerRefused
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_answers import (
    Policy,
    compromised_keys_of,
    judged,
    keys_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_jobs import Job, Target

JOB = Job("nightly", "partner", (Target("files1", True, "192.0.2.1", 22), Target("theirs", False, "192.0.2.9", 2222)))
POLICY = Policy("batch1", "ed25519", "/etc/keys/", "/etc/ssh/authorized/", "/etc/ssh/revoked")
GENERATION = "ed25519-20261125T003000Z"


def key(number: int) -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + number.to_bytes(32, "big")
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def fingerprint(text: str) -> str:
    return parse_public_key(*text.split()[:2]).fingerprint


def rsa(bits: int) -> str:
    fields = (b"ssh-rsa", b"\1\0\1", b"\0" + (1 + (1 << bits - 1)).to_bytes(bits // 8, "big"))
    blob = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"ssh-rsa {base64.b64encode(blob).decode()}"


NEW, OLD, LOST, ROOTS = (key(number) for number in range(4))


def made() -> dict[str, Any]:
    """Return the answer of client_key: a new key for two servers, which have the old key."""
    new, old = parse_generation(GENERATION) or Generation(0, ""), Generation(1, "ed25519")
    legs = tuple(leg_of(ServerState(name, current=old), new, frozenset()) for name in ("files1", "theirs"))
    keys, known = {old: OLD, new: f"{NEW} a comment"}, {fingerprint(OLD): old, fingerprint(NEW): new}
    return client_key.result(Prepared(new, "", legs, keys, "/k", known, {}, {}, (), ()), Task({"job": "nightly"}))


def leg(server: str, **changed: Any) -> dict[str, Any]:
    return {**made()["legs"][0], "server": server, **changed}


def answer(*legs: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**made(), "legs": list(legs) or made()["legs"], **changed}


def test_an_honest_answer() -> None:
    managed, partner = judged(JOB, answer(), POLICY)
    assert managed == {
        "job": "nightly",
        "username": "partner",
        "holder": "batch1/nightly",
        "authorized_keys_file": "/etc/ssh/authorized/partner",
        "revoked_keys_file": "/etc/ssh/revoked",
        "private_key_file": f"/etc/keys/nightly/keys/{GENERATION}",
        "public_key": NEW,
        "published_keys": [OLD, NEW],
        "revoked_keys": [],
        "left_to_revoke": [],
        "server": "files1",
        "managed": True,
        "address": "192.0.2.1",
        "port": 22,
        "phase": "publish",
    }
    assert (partner["managed"], partner["address"], partner["port"]) == (False, "192.0.2.9", 2222)


def test_check_mode_made_no_key() -> None:
    unmade = [leg(name, published_keys=[]) for name in ("files1", "theirs")]
    assert [each["public_key"] for each in judged(JOB, answer(*unmade, public_key=None), POLICY)] == [None, None]


def test_a_job_without_servers() -> None:
    assert judged(Job("nightly", "partner", ()), {**answer(), "legs": []}, POLICY) == []


def test_what_the_controller_lists_cannot_be_overridden() -> None:
    lies = {
        "managed": True,
        "address": "198.51.100.66",
        "port": 1,
        "username": "root",
        "holder": "other/nightly",
        "authorized_keys_file": "/root/.ssh/authorized_keys",
        "revoked_keys_file": "/root/.ssh/authorized_keys",
        "job": "../../root",
        "private_key_file": "/etc/shadow",
        "public_key": ROOTS,
    }
    assert judged(JOB, answer(leg("files1", **lies), leg("theirs", **lies)), POLICY) == judged(JOB, answer(), POLICY)


def test_comments_and_options_are_dropped() -> None:
    bare = judged(JOB, answer(), POLICY)
    commented = [leg(name, published_keys=[f"{OLD} root@admin", f" {NEW}  x "]) for name in ("files1", "theirs")]
    assert judged(JOB, answer(*commented), POLICY) == bare


BOTH = ("files1", "theirs")
HOSTILE = {
    # the client's answer, and the reason to refuse it
    "nothing": (None, "is not a dictionary"),
    "a list": ([], "is not a dictionary"),
    "no legs": ({"generation": GENERATION}, "legs is not a list"),
    "legs of text": (answer("files1"), "is not a dictionary"),
    "a leg without a server": (answer({"phase": "publish"}), "server is not a string"),
    "the controller as a server": (
        answer(leg("files1"), leg("theirs"), leg("localhost")),
        "names the server localhost",
    ),
    "a host of another job": (answer(leg("files1"), leg("files2")), "names the server files2"),
    "a server too few": (answer(leg("files1")), "lacks the server theirs"),
    "no server at all": ({**answer(), "legs": []}, "lacks the server files1"),
    "no phase": (answer(*(leg(name, phase="root") for name in BOTH)), "is not a phase"),
    "a phase that is not a string": (answer(*(leg(name, phase=["publish"]) for name in BOTH)), "phase is not a string"),
    "a path for a generation": (answer(generation="../../../etc/shadow"), "is not the name of a key"),
    "a generation of another type": (answer(generation="rsa-20261125T003000Z"), "of the type ed25519"),
    "no key": (answer(public_key="root"), "public_key"),
    "a key of another type": (answer(public_key=rsa(4096)), "public_key is of the type ssh-rsa"),
    "options before the key": (answer(public_key=f"command=x {NEW}"), "public_key"),
    "two keys": (answer(public_key=f"{NEW}\n{ROOTS}"), "public_key"),
    "a certificate authority": (answer(public_key=f"cert-authority {NEW}"), "public_key"),
    "a weak key beside it": (answer(*(leg(name, published_keys=[rsa(1024), NEW]) for name in BOTH)), "1024 bits"),
    "keys of many": (answer(*(leg(name, published_keys=[OLD, LOST, NEW]) for name in BOTH)), "at most one other"),
    "not the new key": (answer(*(leg(name, published_keys=[OLD]) for name in BOTH)), "at most one other"),
    "keys that are no list": (answer(*(leg(name, published_keys=NEW) for name in BOTH)), "keys is not a list"),
    "a key that is no text": (answer(public_keys=[{"a": 1}]), "a key is not a string"),
    "text in place of revoked keys": (answer(*(leg(name, revoked_keys=["x"]) for name in BOTH)), "revoked_keys"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_answer_is_refused(case: str) -> None:
    given, why = HOSTILE[case]
    with pytest.raises(AnswerRefused, match=why):
        judged(JOB, given, POLICY)


def test_a_key_is_revoked_only_if_the_controller_names_it() -> None:
    """The client asks that root's key be refused, in vain; it is reported where a key of its own waits."""
    asking = answer(*(leg(name, revoked_keys=[ROOTS, LOST]) for name in BOTH), public_keys=[NEW, LOST, ROOTS])
    scheduled = judged(JOB, asking, POLICY)
    assert [each["revoked_keys"] for each in scheduled] == [[], []]
    assert [len(each["left_to_revoke"]) for each in scheduled] == [2, 0], "a partner revokes what it trusts"
    named = judged(JOB, asking, replace(POLICY, compromised=frozenset([fingerprint(LOST)])))
    assert [each["revoked_keys"] for each in named] == [[LOST], [LOST]]
    assert named[0]["left_to_revoke"] == [fingerprint(ROOTS)]


def test_a_client_cannot_keep_a_named_key_good() -> None:
    """It claims that everything is done and requests nothing."""
    done = [leg(name, phase="done", published_keys=[NEW]) for name in BOTH]
    policy = replace(POLICY, compromised=frozenset([fingerprint(LOST)]))
    assert judged(JOB, answer(*done, public_keys=[NEW, LOST]), policy)[0]["revoked_keys"] == [LOST]


def test_compromised_keys_of_an_answer() -> None:
    policy = replace(POLICY, compromised=frozenset([fingerprint(LOST), fingerprint(ROOTS)]))
    assert compromised_keys_of(JOB, answer(public_keys=[NEW, f"{LOST} a comment"]), policy) == [LOST]
    assert compromised_keys_of(JOB, answer(public_keys=[NEW, LOST]), POLICY) == []


def test_a_fingerprint_is_known_by_its_key_only() -> None:
    assert keys_of(JOB, answer(known={fingerprint(LOST): GENERATION})) == [fingerprint(NEW), fingerprint(OLD)]

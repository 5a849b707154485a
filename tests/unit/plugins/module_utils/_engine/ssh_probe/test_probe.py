# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    HostKeyChanged,
    PrivateKeyUnusable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.answer import Answer, SentKey
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.guessing import Guessed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.probe import (
    EXPIRED,
    KEY_ALONE,
    REVOKED,
    Intruder,
    ProbeRequest,
    Report,
    probe,
)

SERVER = SshAccount(Endpoint("sftp", "files.example.com"), Credentials(ssh_agent=False), SshTrust())
PLAIN, CERTIFICATE = SentKey("SHA256:x"), SentKey("SHA256:x", is_certificate=True)
GOOD = Answer(
    False,
    False,
    ("publickey",),
    {"Ciphers": ("aes256-ctr",), "KexAlgorithms": ("kex-strict-s-v00@openssh.com",)},
    (PLAIN, CERTIFICATE),
)
HALF_WAY = GOOD._replace(half_way=True)


def probed(
    answers: Sequence[Any],
    *,
    intruders: int = 0,
    kind: str = KEY_ALONE,
    unusable: bool = False,
    guessed: Any = None,
    **options: Any,
) -> Report:
    """Return the report about a server that gives these answers, one for each login."""
    left = list(answers)

    def log_in(_account: SshAccount, _options: Sequence[str]) -> Answer:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def guess(*_arguments: Any) -> Guessed:
        if isinstance(guessed, Exception):
            raise guessed
        return guessed

    def key_of(_credentials: Credentials, *, ended: bool) -> SentKey:
        if unusable:
            raise PrivateKeyUnusable("no key")
        return CERTIFICATE if ended else PLAIN

    intruder = Intruder(kind, SERVER._replace(endpoint=SERVER.endpoint._replace(username="alice")))
    asked = ProbeRequest(SERVER, ("root",), (intruder,) * intruders, guesses=5 if guessed else 0, mark="probe-1")
    report = probe(asked._replace(**options), lambda _seconds: None, log_in, guess, key_of)
    assert left == []
    return report


def test_a_good_server() -> None:
    report = probed([GOOD, HALF_WAY], intruders=1, guessed=Guessed(4, True))
    assert (report.findings, report.not_checked, report.guesses) == ((), (), 4)
    assert report.tried == ("algorithms", "login without a key as root", "the key alone of alice", "guesses")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (GOOD._replace(methods=("publickey", "password")), "login_without_key"),
        (GOOD._replace(lets_in=True), "login_without_key"),
        (GOOD._replace(offered={"MACs": ("hmac-sha1",)}), "weak_algorithm"),
    ],
)
def test_a_weak_server(answer: Answer, code: str) -> None:
    assert [each.id for each in probed([answer]).findings] == [code]


@pytest.mark.parametrize("kind", [REVOKED, EXPIRED])
@pytest.mark.parametrize("answer", [HALF_WAY, GOOD._replace(lets_in=True)])
def test_a_key_to_refuse_must_not_be_a_first_factor(kind: str, answer: Answer) -> None:
    assert [each.id for each in probed([GOOD, answer], intruders=1, kind=kind).findings] == [kind]


def test_answers_that_decide_nothing_are_not_checked() -> None:
    report = probed([GOOD._replace(methods=(), offered={}), GOOD], intruders=1)
    assert report.findings == ()
    assert [what for what, _why in report.not_checked] == [
        *("algorithms", "login without a key as root", "the key alone of alice")
    ]


def test_a_login_that_fails_otherwise_is_not_checked() -> None:
    report = probed([GOOD, ConnectionFailed("it is down")], intruders=1)
    assert report.not_checked == (("the key alone of alice", "it is down"),)


@pytest.mark.parametrize(
    ("error", "codes"),
    [
        (ConnectionFailed("it is down"), ["weak_algorithm"]),
        (HostKeyChanged("another key"), ["server_changed", "weak_algorithm"]),
    ],
)
@pytest.mark.parametrize("intruders", [0, 1])
def test_a_later_error_hides_no_finding(error: Exception, codes: list[str], intruders: int) -> None:
    weak = GOOD._replace(offered={"MACs": ("hmac-sha1",)})
    report = probed([weak, error], intruders=intruders, accounts=("root", "partner")[: 2 - intruders])
    assert [each.id for each in report.findings] == codes
    assert [why for _what, why in report.not_checked] == [str(error)]


def test_the_first_error_is_raised() -> None:
    with pytest.raises(ConnectionFailed):
        probed([ConnectionFailed("it is down")])


@pytest.mark.parametrize(
    ("kind", "sent", "checked"),
    [(REVOKED, (PLAIN,), True), (EXPIRED, (PLAIN,), False), (EXPIRED, (CERTIFICATE,), True), (REVOKED, (), False)],
)
def test_a_key_that_was_not_sent_is_not_checked(kind: str, sent: tuple[SentKey, ...], checked: bool) -> None:
    report = probed([GOOD, GOOD._replace(sent=sent)], intruders=1, kind=kind)
    assert (report.findings, len(report.not_checked)) == ((), 0 if checked else 1)
    assert ("alice" in report.tried[-1]) is checked


@pytest.mark.parametrize(
    ("taken", "codes"),
    [((PLAIN,), []), ((CERTIFICATE,), [EXPIRED]), ((CERTIFICATE, PLAIN), [EXPIRED]), ((), [EXPIRED])],
)
def test_an_accepted_plain_key_says_nothing_about_its_certificate(taken: tuple[SentKey, ...], codes: list[str]) -> None:
    report = probed([GOOD, GOOD._replace(lets_in=True, taken=taken)], intruders=1, kind=EXPIRED)
    assert [each.id for each in report.findings] == codes
    assert (report.not_checked, report.tried[-1]) == ((), "the expired certificate of alice")


def test_a_key_that_ssh_cannot_use_is_not_tried() -> None:
    report = probed([GOOD], intruders=1, kind=REVOKED, unusable=True)
    assert report.not_checked == (("the revoked key of alice", "no key"),)


def test_guesses() -> None:
    assert [each.id for each in probed([GOOD], guessed=Guessed(5, False)).findings] == ["no_penalty"]
    failed = probed([GOOD], guessed=ConnectionFailed("no direct connection"))
    assert failed.not_checked == (("guesses", "no direct connection"),)
    behind = SERVER._replace(endpoint=SERVER.endpoint._replace(proxy_jump=("jump",)))
    assert probed([GOOD], guessed=Guessed(5, False), server=behind).not_checked[0][0] == "guesses"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any file, any sequence of requests: unrelated lines stay, and a second run changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    HostKeyRevoked,
    PinConflict,
    PinExpired,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import (
    ABSENT,
    EXACT,
    PIN_STATES,
    PRESENT,
    Pin,
    WantedPins,
    lines_about,
    rotation_report,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.plan import (
    plan_pins,
    split_lines,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    CERT_AUTHORITY,
    REVOKED,
    Validity,
    matching,
    parse_known_hosts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = 1_000_000
NAME, OTHERS = "[a.example]:2222", ("b.example", "c.example")


def public(number: int) -> PublicKey:
    """Return one of a few keys."""
    kind = b"ssh-ed25519"
    return PublicKey("ssh-ed25519", len(kind).to_bytes(4, "big") + kind + b"\0\0\0\x20" + bytes([number]) * 32)


KEYS = [public(number) for number in range(4)]
ONE, TWO, THREE, FOUR = KEYS


def hashed(name: str) -> str:
    """Return a hashed name with a fixed salt."""
    digest = hmac.new(b"salt" * 5, name.encode(), hashlib.sha1).digest()
    return "|1|%s|%s" % (base64.b64encode(b"salt" * 5).decode(), base64.b64encode(digest).decode())


def line(hosts: str, key: PublicKey, *, marker: str = "", comment: str = "") -> bytes:
    """Return a line without its end."""
    return " ".join(filter(None, [marker, hosts, key.text, comment])).encode()


HOSTS = st.sampled_from(
    [
        NAME,
        NAME.upper().replace("EXAMPLE", "Example"),
        f"b.example,{NAME}",
        f"{NAME},c.example",
        f"{NAME},{NAME}",
        f"{NAME},!c.example",
        hashed(NAME),
        hashed("b.example"),
        "b.example",
        "b.example,c.example",
        "a.example",
        "*.org",
    ]
)
COMMENTS = st.sampled_from(
    ["", "two  words", "x secure_sync:valid_until=2099-01-01T00:00:00Z", "secure_sync:valid_from=2099-01-01"]
)
MARKERS = st.sampled_from(["", "", "", CERT_AUTHORITY, REVOKED])
PIN_LINES = st.builds(
    lambda hosts, key, marker, comment: line(hosts, key, marker=marker, comment=comment),
    HOSTS,
    st.sampled_from(KEYS),
    MARKERS,
    COMMENTS,
)
LINES = (
    PIN_LINES
    | st.sampled_from([b"", b"# comment", b"\t", b"garbage"])
    | st.binary(max_size=12).map(lambda data: data.replace(b"\n", b""))
)
FILES = st.builds(
    lambda lines, ends, last: b"".join(each + end for each, end in zip(lines, ends, strict=False)) + last,
    st.lists(LINES, max_size=8),
    st.lists(st.sampled_from([b"\n", b"\n", b"\r\n"]), min_size=8, max_size=8),
    LINES,
)
LIMITS = st.sampled_from([Validity(), Validity(), Validity(valid_until=5_000_000), Validity(valid_from=4_000_000)])
PINS = st.builds(
    Pin, MARKERS, st.sampled_from(KEYS), st.sampled_from([None, None, "mine"]), LIMITS, st.just(frozenset())
)
WISHES = st.builds(
    lambda state, pins, hash_host: WantedPins(
        NAME, state, tuple({pin.identity: pin for pin in pins}.values()), frozenset(), hash_host
    ),
    st.sampled_from(PIN_STATES),
    st.lists(PINS, max_size=3),
    st.sampled_from([None, True, False]),
)


def text(content: bytes) -> str:
    """Return a file as parse_known_hosts takes it."""
    return content.decode("utf-8", "surrogateescape")


def known(content: bytes, host: str, port: int) -> list[tuple[str, bytes]]:
    """Return the pins that ssh sees for a server, in order, each once."""
    found = matching(parse_known_hosts(text(content)), host, port)
    return list(dict.fromkeys((entry.marker, entry.key.blob) for entry in found))


def not_own(content: bytes) -> list[bytes]:
    """Return the lines that do not name the server."""
    lines = split_lines(content)
    own = {each.place for each in lines_about(lines, NAME) if each.own}
    return [each.rstrip(b"\n") for index, each in enumerate(lines) if index not in own]


def is_within(some: list[bytes], more: list[bytes]) -> bool:
    """Return whether `some` are in `more` in this order."""
    rest = iter(more)
    return all(each in rest for each in some)


@settings(max_examples=300)
@given(FILES, st.lists(WISHES, min_size=1, max_size=4))
def test_any_file_any_sequence(content: bytes, wishes: list[WantedPins]) -> None:
    for wish in wishes:
        try:
            plan = plan_pins(content, wish, NOW)
        except SyncError:
            continue
        assert is_within(not_own(content), not_own(plan.content)), "lines about others stay, in order"
        for other in OTHERS:
            assert sorted(known(plan.content, other, 22)) == sorted(known(content, other, 22))
        again = plan_pins(plan.content, wish, NOW)
        assert (again.content, again.changes) == (plan.content, ()), "a second run changes nothing"
        assert bool(plan.changes) == (plan.content != content)
        assert_done(plan.content, wish)
        content = plan.content


def assert_done(content: bytes, wish: WantedPins) -> None:
    """Check the effect of the request with ssh itself."""
    own = {each.identity for each in lines_about(split_lines(content), NAME) if each.own}
    wanted = {pin.identity for pin in wish.pins}
    if wish.state == ABSENT:
        assert not own & wanted
        assert wanted or all(marker == REVOKED for marker, _blob in own)
    else:
        assert wanted <= own
        assert wish.state == PRESENT or {each for each in own if each[0] != REVOKED} <= wanted


@given(st.binary())
def test_lines_are_the_file(content: bytes) -> None:
    assert b"".join(split_lines(content)) == content


@given(st.binary(), st.sampled_from(PIN_STATES))
def test_any_bytes_are_a_file(content: bytes, state: str) -> None:
    plan = plan_pins(content, WantedPins(NAME, state, () if state == ABSENT else (Pin("", ONE),)), NOW)
    assert plan.content.startswith(content)


def wish(*pins: Pin, state: str = PRESENT, **options: object) -> WantedPins:
    """Return a request for the server."""
    return WantedPins(NAME, state, pins, **options)


def test_a_new_line_is_that_of_ssh() -> None:
    plan = plan_pins(b"# no end", wish(Pin("", ONE, "mine", Validity(valid_until=1_500_000_000))), NOW)
    assert plan.content == b"# no end\n%s mine secure_sync:valid_until=2017-07-14T02:40:00Z\n" % line(NAME, ONE)


@dataclass(frozen=True)
class Case:
    """One line before and the lines after; the request is for the key `ONE`."""

    before: bytes
    pin: Pin
    after: bytes
    hash_host: bool | None = None


UNTIL = "secure_sync:valid_until=1970-02-01T00:00:00Z"
CASES = {
    "comment stays": Case(line(NAME, ONE, comment="old"), Pin("", ONE), line(NAME, ONE, comment="old")),
    "comment changes": Case(line(NAME, ONE, comment="old"), Pin("", ONE, "new"), line(NAME, ONE, comment="new")),
    "limits stay": Case(
        line(NAME, ONE, comment=f"old {UNTIL}"), Pin("", ONE, "new"), line(NAME, ONE, comment=f"new {UNTIL}")
    ),
    "limit added": Case(
        line(NAME, ONE, comment="old"),
        Pin("", ONE, None, Validity(valid_until=2_678_400)),
        line(NAME, ONE, comment=f"old {UNTIL}"),
    ),
    "limit taken away": Case(
        line(NAME, ONE, comment=f"old {UNTIL}"),
        Pin("", ONE, None, Validity(), frozenset({"valid_until"})),
        line(NAME, ONE, comment="old"),
    ),
    "shared line is split": Case(
        line(f"b.example,{NAME}", ONE, comment="old"),
        Pin("", ONE, "new"),
        line("b.example", ONE, comment="old") + b"\n" + line(NAME, ONE, comment="new"),
    ),
    "plain again": Case(line(hashed(NAME), ONE, comment="old"), Pin("", ONE), line(NAME, ONE, comment="old"), False),
    "hashed stays": Case(line(hashed(NAME), ONE), Pin("", ONE), line(hashed(NAME), ONE), True),
    "carriage return stays": Case(line(NAME, ONE) + b"\r", Pin("", ONE), line(NAME, ONE) + b"\r"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_line_is_edited(case: Case) -> None:
    plan = plan_pins(case.before + b"\n", wish(case.pin, hash_host=case.hash_host), NOW)
    assert plan.content == case.after + b"\n"


def test_a_revoked_key_is_not_pinned() -> None:
    for hosts in (NAME, "*", "[*.example]:2222"):
        with pytest.raises(HostKeyRevoked, match="@revoked"):
            plan_pins(line(hosts, ONE, marker=REVOKED), wish(Pin("", ONE)), NOW)


@pytest.mark.parametrize("state", [EXACT, ABSENT, PRESENT])
def test_a_damaged_key_is_no_pin_and_goes_with_the_others(state: str) -> None:
    damaged = b"%s %s\n" % (NAME.encode(), ONE.text[:-8].encode())
    pins = () if state == ABSENT else (Pin("", ONE),)
    plan = plan_pins(damaged, wish(*pins, state=state), NOW)
    assert [line.entry.key for line in plan.about] == [pin.key for pin in pins]
    assert (damaged in plan.content) == (state == PRESENT)


def test_a_wanted_key_under_the_name_of_a_signature_is_written_again() -> None:
    content = b"%s rsa-sha2-512 %s\n" % (NAME.encode(), ONE.text.split()[1].encode())
    assert plan_pins(content, wish(Pin("", ONE)), NOW).content == line(NAME, ONE) + b"\n"


def test_an_expired_pin_that_would_stay_is_an_error() -> None:
    content = line(NAME, ONE, comment="secure_sync:valid_until=1970-01-02")
    with pytest.raises(PinExpired, match="1970-01-02"):
        plan_pins(content, wish(Pin("", TWO)), NOW)
    assert len(plan_pins(content, wish(Pin("", TWO), state=EXACT), NOW).changes) == 2
    assert plan_pins(content, wish(state=ABSENT), NOW).content == b""


def test_times_that_cannot_be_read_are_not_widened() -> None:
    content = line(f"{NAME},b.example", ONE, comment="secure_sync:valid_until=soon")
    with pytest.raises(PinExpired, match="cannot be read"):
        plan_pins(content, wish(Pin("", ONE, "new"), hash_host=True), NOW)


def test_exact_refuses_a_pattern_that_pins_the_server_too() -> None:
    content = line("[*.example]:2222", TWO)
    with pytest.raises(PinConflict, match="line 1"):
        plan_pins(content, wish(Pin("", ONE), state=EXACT), NOW)
    assert "line 1" in plan_pins(content, wish(state=ABSENT), NOW).notes[0]


def test_the_report_names_each_phase() -> None:
    content = b"\n".join(
        [
            line(NAME, ONE),
            line(NAME, TWO, comment="secure_sync:valid_from=2099-01-01"),
            line(NAME, THREE, comment="secure_sync:valid_until=2099-01-01"),
            line(NAME, FOUR, comment="secure_sync:valid_until=1970-01-01"),
            line(NAME, FOUR, marker=REVOKED),
        ]
    )
    report = rotation_report(lines_about(split_lines(content), NAME), NOW)
    assert {phase: [entry.key for entry in entries] for phase, entries in report.items()} == {
        "active": [ONE],
        "next": [TWO],
        "retiring": [THREE],
        "expired": [FOUR],
    }

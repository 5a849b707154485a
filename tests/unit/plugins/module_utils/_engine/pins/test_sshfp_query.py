# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of a resolver, judged. The real query to a real resolver: tests/integration/test_host_key_dns.py."""

from __future__ import annotations

import sys

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ClientMissing, InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins import sshfp
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.sshfp import (
    LocalResolvers,
    SshfpRecord,
    ask_sshfp,
)

HOST = "files.test"
RIGHT = ("files.test.", "SSHFP", "4 2 " + "ab" * 32)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return a resolver's answer, in place of a resolver that would need root rights and port 53."""
    answer: dict[str, object] = {"flags": dns.flags.AD, "rcode": dns.rcode.NOERROR, "records": [RIGHT], "raises": None}

    def udp(question: dns.message.Message, _address: str, **_options: object) -> tuple[dns.message.Message, bool]:
        assert question.flags & dns.flags.AD
        assert question.question[0].name.to_text() == "files.test."
        if answer["raises"]:
            raise answer["raises"]
        response = dns.message.make_response(question)
        response.set_rcode(answer["rcode"])
        response.flags |= answer["flags"]
        response.answer += [dns.rrset.from_text(name, 60, "IN", kind, data) for name, kind, data in answer["records"]]
        return response, False

    monkeypatch.setattr("dns.query.udp_with_fallback", udp)
    monkeypatch.setattr(sshfp, "local_resolvers", lambda: LocalResolvers(("127.0.0.1",), True))
    return answer


@pytest.mark.parametrize("host", [HOST, HOST + "."])
def test_a_validated_answer_is_taken(resolver: dict[str, object], host: str) -> None:
    assert ask_sshfp(host).records == (SshfpRecord(4, 2, bytes.fromhex("ab" * 32)),)
    assert resolver


@pytest.mark.parametrize(
    "answer",
    [
        {"flags": 0},
        {"rcode": dns.rcode.SERVFAIL},
        {"rcode": dns.rcode.NXDOMAIN},
        {"records": []},
        {"records": [("other.test.", *RIGHT[1:])]},
        {"records": [("files.test.", "CNAME", "other.test."), ("other.test.", *RIGHT[1:])]},
        {"records": [("files.test.", "TXT", "4")]},
        {"raises": dns.exception.Timeout()},
        {"raises": ConnectionRefusedError(111, "Connection refused")},
    ],
)
def test_anything_else_proves_nothing(resolver: dict[str, object], answer: dict[str, object]) -> None:
    resolver.update(answer)
    found = ask_sshfp(HOST)
    assert found.records == ()
    assert "DNSSEC" in found.reason


def test_a_resolver_that_nobody_vouches_for_is_not_asked(
    resolver: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sshfp, "local_resolvers", lambda: LocalResolvers(("127.0.0.1",), False))
    resolver["raises"] = AssertionError("asked")
    assert "trust-ad" in ask_sshfp(HOST).reason


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_is_no_name(host: str) -> None:
    with pytest.raises(InvalidRequest, match="address"):
        ask_sshfp(host)


def test_without_dnspython_the_task_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dns.exception", None)
    with pytest.raises(ClientMissing, match="dnspython") as caught:
        ask_sshfp(HOST)
    assert "python3-dnspython" in caught.value.cure

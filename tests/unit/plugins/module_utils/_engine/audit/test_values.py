# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import (
    Gap,
    Named,
    NotMeasured,
    Subject,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import (
    attacked,
    logins,
    moment,
    octal,
    partners,
    require_chain,
    require_whole,
    words,
)


def test_values() -> None:
    assert moment("1970-01-02T00:00:00Z") == 86400
    assert octal("0640") == 0o640


def test_texts_without_a_value() -> None:
    with pytest.raises(NotMeasured, match="the time yesterday cannot be read"):
        moment("yesterday")
    with pytest.raises(NotMeasured, match="the mode 9 cannot be read"):
        octal("9")


def subject(*accounts: str, **values: Any) -> Subject:
    return Subject("files1", Named(accounts), values, Policy(), 0.0)


def entry(account: str, **more: Any) -> dict[str, Any]:
    return {"account": account, "exists": True, **more}


def until_unmeasured(entries: Iterator[dict[str, Any]]) -> tuple[list[str], str]:
    """Return the names of the entries, and why there is no further entry."""
    names: list[str] = []
    try:
        names.extend(each["shown"] for each in entries)
    except NotMeasured as reason:
        return names, str(reason)
    return names, ""


def test_a_login_that_was_not_observed_is_reported_after_the_others() -> None:
    seen = [entry("root", ports=[22, 2222], client="192.0.2.1"), entry("partner", ports=[22]), entry("gone")]
    seen[2]["exists"] = False
    found = until_unmeasured(logins(subject("partner", "gone", sshd_settings=seen)))
    assert found == (["root on ports 22, 2222 from 192.0.2.1", "partner on port 22"], "")
    found = until_unmeasured(logins(subject("partner", "late", sshd_settings=seen[1:])))
    assert found == (["partner on port 22"], "sshd_settings: not observed: late, root")


def test_a_partner_that_was_not_observed_is_reported_after_the_others() -> None:
    seen = [entry("one"), entry("other"), {"account": "two", "exists": False}, {"account": "three"}]
    assert until_unmeasured(partners(subject("one", "three", jails=seen), "jails")) == (["one", "three"], "")
    gone = until_unmeasured(partners(subject("one", "two", jails=seen), "jails"))
    assert gone == (["one"], "jails: the account two does not exist")
    missing = until_unmeasured(partners(subject("four", "one", jails=seen), "jails"))
    assert missing == (["one"], "jails: the account four is missing")
    assert until_unmeasured(partners(subject(jails=seen), "jails")) == (
        [],
        "accounts: no account of a partner is named",
    )


def test_a_list_of_names_without_a_name_decides_nothing() -> None:
    assert words({"ciphers": ["a,,b"]}, "ciphers") == ["a", "b"]
    for settings, reason in (({"ciphers": [","]}, "ciphers is empty"), ({}, "sshd has no ciphers")):
        with pytest.raises(NotMeasured, match=reason):
            words(settings, "ciphers")


SCAN = {"checked": {"files": 1}, "not_checked": []}
CHAIN = {"not_checked": [{"what": "data", "why": "no password"}]}


@pytest.mark.parametrize(
    ("require", "good", "bad", "reason"),
    [
        (require_whole, SCAN, {**SCAN, "checked": {"files": 0}}, "no file was read"),
        (require_whole, SCAN, {**SCAN, "not_checked": ["a", "b"]}, "not checked: a; b"),
        (require_chain, CHAIN, {"not_checked": [{"what": "chain", "why": "no TLS"}]}, "chain was not checked: no TLS"),
    ],
)
def test_an_observation_that_is_not_whole_is_no_measurement(
    require: Callable[[Any], None], good: Any, bad: Any, reason: str
) -> None:
    require(good)
    with pytest.raises(NotMeasured, match=reason):
        require(bad)


def test_an_attack_that_succeeded_is_a_gap_if_it_is_severe() -> None:
    rows = [("open", "high"), ("open", "low"), ("other", "high")]
    findings = [{"id": each, "severity": severity, "observed": "o", "wanted": "w"} for each, severity in rows]
    check = attacked("sftp_server", "attacks", "open")
    assert (check.needs, check.optional) == (("attacks",), True)
    found: Iterable[Any] = check.judge(subject(attacks=[{"findings": findings}]))
    assert list(found) == [Gap("jail_probe: open: o", "w", "high")]

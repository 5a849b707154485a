# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's reported settings against the wanted settings, and the check that it admits the administrator."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import wanted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client

CLIENT = Client("daemon", "198.51.100.1")
ROOT = Client("root", "198.51.100.1")


def found(monkeypatch: pytest.MonkeyPatch, **lines: tuple[str, ...]) -> None:
    monkeypatch.setattr(wanted, "effective", lambda client, config: {"permitrootlogin": ("no",), **lines})


@pytest.mark.parametrize(
    ("keyword", "value", "lines"),
    [
        ("UseDNS", "no", ("no",)),
        ("PermitRootLogin", "prohibit-password", ("without-password",)),
        ("PerSourcePenalties", "authfail:5 max:600", ("crash:90 authfail:5 max:600 min:15",)),
        ("PerSourcePenalties", "authfail:5 max:600", ("max:600 authfail:5",)),
        ("HostKey", "/a\n/b", ("/a", "/b", "/c")),
        ("LogLevel", "verbose", ("VERBOSE",)),
    ],
)
def test_what_means_the_same(monkeypatch: pytest.MonkeyPatch, keyword: str, value: str, lines: tuple[str, ...]) -> None:
    found(monkeypatch, **{keyword.lower(): lines})
    assert wanted.differences([wanted.Expectation(CLIENT, {keyword: value})], "config") == []


@pytest.mark.parametrize("lines", [(), ("authfail:5",), ("authfail:5 max:60",)])
def test_each_word_of_a_list_counts(monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]) -> None:
    found(monkeypatch, persourcepenalties=lines)
    expectation = wanted.Expectation(CLIENT, {"PerSourcePenalties": "authfail:5 max:600"})
    (difference,) = wanted.differences([expectation], "config")
    assert difference.found == ("; ".join(lines) or "nothing")


@pytest.mark.parametrize(
    ("value", "lines"), [("no", ("yes",)), ("no", ()), ("/a\n/b", ("/a",)), ("Yes /A", ("yes /a",))]
)
def test_a_difference_names_both(monkeypatch: pytest.MonkeyPatch, value: str, lines: tuple[str, ...]) -> None:
    found(monkeypatch, usedns=lines)
    (difference,) = wanted.differences([wanted.Expectation(CLIENT, {"UseDNS": value})], "config")
    assert difference == (CLIENT.user, "usedns", value, "; ".join(lines) or "nothing")


@pytest.mark.parametrize(
    ("client", "lines", "why"),
    [
        (CLIENT, {}, ""),
        (ROOT, {}, "PermitRootLogin no"),
        (ROOT, {"permitrootlogin": ("without-password",)}, ""),
        (CLIENT, {"allowusers": ("nobody",)}, "AllowUsers nobody"),
        (CLIENT, {"allowusers": ("nobody", CLIENT.user + "@198.*")}, ""),
        (CLIENT, {"denyusers": ("*",)}, "DenyUsers *"),
        (CLIENT, {"allowgroups": ("there_is_none",)}, "AllowGroups there_is_none"),
        (CLIENT._replace(user="no-such-account"), {"allowgroups": ("ssh",)}, "AllowGroups ssh"),
    ],
)
def test_whether_the_owner_is_refused(
    monkeypatch: pytest.MonkeyPatch, client: Client, lines: dict[str, tuple[str, ...]], why: str
) -> None:
    found(monkeypatch, **lines)
    assert wanted.owner_refused(client, "config") == why

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import KINDS, TITLES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.controls.every import CONTROLS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES
from support.scenes.audit_site import NOW, AuditSite, good_site


def test_each_control_of_the_catalogue_is_there_once() -> None:
    assert [each.number for each in CONTROLS] == list(TITLES)


@pytest.mark.parametrize("control", CONTROLS, ids=[each.number for each in CONTROLS])
def test_a_control_names_what_exists(control: object) -> None:
    found = next(each for each in CONTROLS if each is control)
    assert found.checks
    assert found.severity in SEVERITIES
    required = {check.kind for check in found.checks if not check.optional}
    for check in found.checks:
        assert check.kind in KINDS
        assert check.kind in required  # else a host that nothing else measures would pass
        assert set(check.needs) <= set(FORMS)
        assert check.needs


@pytest.mark.parametrize("number", list(TITLES))
def test_an_exemption_covers_each_control(number: str) -> None:
    """The last observation that each control needs is missing; a person accepts that."""
    site = good_site()
    control = next(each for each in CONTROLS if each.number == number)
    required = [each for each in control.checks if not each.optional]
    site.change(required[-1].needs[-1], value=None, reason="unreachable")
    assert site.row(number).state == "not_measured"
    site.exemptions.append(Exemption(number, "A. Person", "a reason", "2025-12-02", NOW + 1))
    assert site.row(number).state == "exempt"


@pytest.mark.parametrize("number", list(TITLES))
def test_old_evidence_fails_each_control(number: str) -> None:
    site = good_site()
    control = next(each for each in CONTROLS if each.number == number)
    site.change(control.checks[0].needs[0], time="2025-11-29T00:00:00Z")
    assert site.row(number).state == "fail"


def put(what: str, *path: str | int, **fields: Any) -> Callable[[AuditSite], object]:
    """Return the change of fields of an observation, at a place in its value."""

    def change(site: AuditSite) -> None:
        place = site.values()[what]
        for name in path:
            place = place[name]
        place.update(fields)

    return change


def setting(account: str, **keywords: str) -> Callable[[AuditSite], object]:
    """Return the change of settings of sshd for an account."""
    return lambda site: site.settings(account).update({keyword: [value] for keyword, value in keywords.items()})


def value(what: str, new: Any) -> Callable[[AuditSite], object]:
    """Return the change of a whole value."""
    return lambda site: site.change(what, value=new)


def without(what: str, *path: str | int) -> Callable[[AuditSite], object]:
    """Return the removal of an entry."""

    def change(site: AuditSite) -> None:
        place = site.values()[what]
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]

    return change


def finding(what: str, *path: str | int, **fields: Any) -> Callable[[AuditSite], object]:
    """Return the addition of a finding of a module."""

    def change(site: AuditSite) -> None:
        place = site.values()[what]
        for name in path:
            place = place[name]
        place["findings"] = [
            *place["findings"],
            {"id": "x", "severity": "high", "observed": "x", "wanted": "y", "source": "z", **fields},
        ]

    return change


FUTURE = "2026-06-01T00:00:00Z"
EVERY_JOB = ("1.1", "1.2", "3.1", "3.2", "3.3", "4.1", "5.1", "8.2")
EVERY_LOGIN = ("2.1", "6.2", "6.3", "6.4", "9.2", "10.1")
NO_ROOT = without("sshd_settings", 0)
NO_PARTNER = without("sshd_settings", 2)
OTHER_PROTOCOL = put("jobs", 1, protocol="ftp")
NO_JOBS = value("jobs", [])
MUTATIONS: dict[str, list[tuple[Callable[[AuditSite], object], tuple[str, ...]]]] = {
    "1.1": [
        (put("jobs", 1, server="files.example.com"), ()),
        (put("job_runs", 0, protocol=""), ()),
        (put("job_runs", 0, ended=""), ("1.2", "3.1", "3.2", "4.1")),
        (OTHER_PROTOCOL, EVERY_JOB),
        (NO_JOBS, EVERY_JOB),
    ],
    "1.2": [
        (put("ftps_settings", implicit_ssl="1"), ()),
        (put("ftps_settings", implicit_ssl="maybe"), ()),
        (put("jobs", 1, tls_mode=""), ()),
        (put("job_runs", 1, protocol=""), ()),
        (without("ftps_settings", "ssl_enable"), ("1.3",)),
    ],
    "1.3": [
        (finding("tls", id="ccc", severity="medium"), ("9.2",)),
        (put("tls", cleartext_login="unknown"), ()),
        (put("tls", cleartext_login=""), ("3.1", "5.3", "6.1", "9.2")),
        (put("ftps_settings", force_local_data_ssl="NO"), ()),
        (put("ftps_accounts", 0, settings={"force_local_data_ssl": "NO"}), ()),
        (put("ftps_accounts", 0, settings={"force_local_data_ssl": ""}), ()),
    ],
    "2.1": [
        (setting("root", permitemptypasswords="yes"), ()),
        (setting("owner", passwordauthentication="yes"), ()),
        (setting("owner", passwordauthentication="yes", authenticationmethods=""), ()),
        (without("sshd_settings", 1, "settings", "pubkeyauthentication"), ()),
        (put("authorized_keys", 0, type=""), ()),
        (put("authorized_keys", 0, type="RSA", bits=0), ()),
        (setting("owner", authorizedkeyscommand="/usr/bin/keys"), ()),
        (NO_ROOT, EVERY_LOGIN),
        (NO_PARTNER, (*EVERY_LOGIN, "5.1")),
        (put("sshd_settings", 0, exists=False), EVERY_LOGIN),
        (put("user_authorities", 0, "parts", 3, uid=1000), ()),
        (put("user_authorities", 0, "parts", 2, mode="0777"), ()),
        (without("user_authorities", 0, "parts", 2), ()),
    ],
    "2.2": [
        (put("passwords", 0, kind=""), ()),
        (put("passwords", 0, changed=""), ()),
        (put("passwords", 0, changed=FUTURE), ()),
        (value("passwords", []), ()),
        (put("ftps_settings", ssl_request_cert="YES", require_cert="YES", validate_cert="?"), ()),
    ],
    "2.3": [
        (put("second_factors", 1, factors=[]), ()),
        (put("second_factors", 1, factors=[""]), ()),
        (put("second_factors", 1, pending_until=FUTURE), ()),
        (put("second_factors", 1, pending_until="soon"), ()),
        (without("second_factors", 1), ()),
        (lambda site: setattr(site, "named", site.named._replace(people=())), ()),
    ],
    "3.1": [
        (finding("tls", id="pin", severity="low"), ()),
        (put("tls", not_checked=[{"what": "chain", "why": "no answer"}]), ("6.1", "9.2")),
        (put("tls", certificates=[]), ("5.3",)),
        (put("job_runs", 1, identity=""), ()),
    ],
    "3.2": [
        (put("jobs", 0, "pins", 0, exists=False), ("3.3",)),
        (put("job_runs", 0, identity="a name"), ()),
        (put("pins", 0, "pins", 0, state="expired"), ()),
        (put("pins", 0, "pins", 0, state="revoked", kind="revoked"), ()),
        (put("pins", 0, "pins", 0, state=""), ()),
        (put("pins", 0, pins=[]), ()),
        (value("pins", []), ()),
    ],
    "3.3": [
        (put("jobs", 0, "pins", 0, "parts", 2, uid=1000), ()),
        (put("jobs", 0, "signers", 0, "parts", 3, uid=1000), ()),
        (without("jobs", 0, "signers", 0, "parts", 3), ()),
        (put("jobs", 1, "pins", 0, "parts", 3, mode="0666"), ()),
        (put("jobs", 1, "pins", 0, "parts", 0, mode=""), ()),
        (put("jobs", 0, "pins", 0, parts=[]), ()),
        (put("jobs", 1, pins=[]), ()),
        (without("jobs", 0, "pins", 0, "parts", 3), ()),
        (without("jobs", 0, "pins", 0, "parts", 1), ()),
    ],
    "4.1": [
        (put("jobs", 0, proof="none"), ()),
        (put("jobs", 0, proof=""), EVERY_JOB),
        (put("job_runs", 0, unproven=1), ()),
        (put("job_runs", 1, broken_line=3), ()),
        (put("job_runs", 0, ended=FUTURE), ()),
        (put("job_runs", 0, ended="2025-11-01T00:00:00Z"), ()),
    ],
    "4.2": [
        (finding("sets", 0, severity="medium"), ()),
        (put("sets", 0, sequence=0), ()),
        (put("sets", 0, since=""), ()),
        (put("sets", 0, since=FUTURE), ()),
        (value("sets", []), ()),
        (put("receipts", 0, newest=""), ()),
        (value("receipts", []), ("9.1", "10.1")),
    ],
    "5.1": [
        (setting("partner", forcecommand="internal-sftp2"), ()),
        (setting("partner", forcecommand=""), ()),
        (setting("partner", permittty="yes"), ()),
        (without("sshd_settings", 2, "settings", "disableforwarding"), ()),
        (put("sshd_settings", 2, exists=False), ()),
        (put("job_units", 0, exposure=2.1), ()),
        (without("job_units", 1), ()),
        (value("job_units", []), ()),
    ],
    "5.2": [
        (put("jails", 1, path="none", parts=[]), ()),
        (put("jails", 1, "parts", 0, uid=1), ()),
        (put("jails", 1, "parts", 1, mode="?"), ()),
        (without("jails", 1, "parts", 0), ()),
        (without("jails", 1, "parts", 3), ()),
        (without("jails", 1), ()),
        (put("ftps_settings", chroot_local_user="NO"), ()),
        (put("ftps_settings", chroot_local_user=""), ()),
        (without("ftps_settings", "chroot_local_user"), ()),
        (put("ftps_accounts", 0, root="/", target="/"), ()),
        (put("ftps_accounts", 0, settings={"allow_writeable_chroot": "YES"}), ()),
        (without("ftps_accounts", 0, "parts", 0), ()),
        (value("ftps_accounts", []), ()),
    ],
    "5.3": [
        (put("key_files", 0, changed="2024-01-01T00:00:00Z"), ()),
        (put("key_files", 0, changed=FUTURE), ()),
        (put("key_files", 1, changed=""), ()),
        (put("tls", "certificates", 0, not_after="2025-12-03T00:00:00Z"), ()),
        (put("tls", "certificates", 0, not_after=""), ()),
        (without("key_files", 0), ("7.2",)),
        (put("key_files", 3, kind=""), ("7.2",)),
    ],
    "6.1": [
        (finding("tls", id="tls_1_1", severity="high"), ("9.2",)),
        (finding("tls", severity="worst"), ("1.3", "3.1", "5.3", "9.2")),
    ],
    "6.2": [
        (setting("root", ciphers="aes128-cbc"), ()),
        (setting("root", macs=","), ()),
        (without("sshd_settings", 1, "settings", "requiredrsasize"), ()),
        (put("host_keys", 1, bits=2048), ()),
        (put("host_keys", 0, type=""), ()),
        (value("host_keys", []), ()),
    ],
    "6.3": [
        (setting("owner", persourcepenalties="no"), ()),
        (lambda site: penalty(site, "authfail:5", "authfail:0"), ()),
        (lambda site: penalty(site, "noauth:1", "noauth:0"), ()),
        (lambda site: penalty(site, "max:600", "max:0"), ()),
        (lambda site: penalty(site, "min:15 ", ""), ()),
        (without("sshd_settings", 0, "settings", "maxstartups"), ()),
        (setting("root", logingracetime="0"), ()),
        (put("ftps_settings", max_per_ip=""), ()),
        (put("ftps_settings", max_login_fails="many"), ()),
        (without("ftps_settings", "max_clients"), ()),
    ],
    "6.4": [
        (put("monitoring", installed=False), ()),
        (put("monitoring", timer=False), ()),
        (put("monitoring", failed=True), ()),
        (put("monitoring", last_run=FUTURE), ()),
        (put("monitoring", last_run=""), ()),
        (put("monitoring", sshd=False), ()),
        (put("monitoring", files=""), ()),
        (put("monitoring", ftp_logs=[]), ()),
        (setting("owner", loglevel="INFO"), ()),
        (without("ftps_settings", "xferlog_enable"), ()),
        (put("ftps_settings", syslog_enable="YES"), ()),
        (put("marks", 0, events=[]), ()),
        (put("marks", 0, forged=[{"action": "login", "account": "x", "address": "192.0.2.66"}]), ()),
        (value("marks", []), ()),
    ],
    "7.1": [
        (put("vaults", 0, open=False), ()),
        (put("vaults", 0, mount=""), ()),
        (put("vaults", 0, mount="/"), ()),
        (put("vaults", 0, unencrypted=["/srv/jail/partner"]), ()),
        (value("vaults", []), ()),
        (put("directories", 0, target=""), ()),
        (value("directories", []), ()),
        (lambda site: setattr(site, "named", site.named._replace(encrypted=())), ()),
    ],
    "7.2": [
        (put("key_files", 0, uid=1000), ()),
        (put("key_files", 1, mode="0640"), ()),
        (put("key_files", 1, mode=""), ()),
        (put("key_files", 1, "parts", 1, uid=1000), ()),
        (put("key_files", 3, "parts", 2, mode="0777"), ()),
        (put("key_files", 3, parts=[]), ()),
        (without("key_files", 0, "parts", 2), ()),
    ],
    "8.1": [
        (put("job_secrets", in_job_files=["nightly: options.password"]), ()),
        (put("job_secrets", in_cleartext=["/etc/credstore/x"]), ()),
        (finding("secret_scan", id="known_value", file="a", line=1, kind="x"), ("8.3",)),
        (finding("secret_scan", id="known_value", severity="", file="a", line=1, kind="x"), ("8.3",)),
        (put("secret_scan", not_checked=["a file"]), ("8.3",)),
    ],
    "8.2": [
        (put("jobs", 0, certificate="none"), ()),
        (put("jobs", 0, certificate=""), EVERY_JOB),
        (put("jobs", 0, certificate_seconds=0), ()),
        (put("jobs", 0, certificate_seconds=10**9), ()),
        (without("jobs", 0), ()),
    ],
    "8.3": [
        (finding("secret_scan", id="shown", file="a", line=1, kind="x"), ()),
        (put("secret_scan", checked={"files": 0}), ("8.1",)),
        (put("secret_scan", checked={"files": -1}), ("8.1",)),
    ],
    "9.1": [
        (put("receipts", 0, drill=""), ()),
        (put("receipts", 0, drill="none"), ()),
        (put("receipts", 0, failed="2025-11-30T00:00:00Z"), ()),
        (put("receipts", 0, drill=FUTURE), ()),
        (put("receipts", 0, drill="2025-01-01T00:00:00Z"), ()),
        (put("receipts", 0, of="revocation"), ("10.1",)),
        (put("receipts", 0, of=""), ("4.2", "10.1")),
        (without("receipts", 0), ()),
    ],
    "9.2": [
        (finding("attacks", 0), ()),
        (finding("attacks", 0, severity=""), ()),
        (put("attacks", 0, not_checked=[{"what": "links", "why": "no time"}]), ()),
        (put("attacks", 0, account="other"), ()),
        (value("attacks", []), ()),
        (finding("ssh_attacks"), ()),
        (put("ssh_attacks", tried=["login without a key as partner", "guesses"]), ()),
        (put("ssh_attacks", tried=["algorithms", "guesses"]), ()),
        (put("ssh_attacks", not_checked=[{"what": "guesses", "why": "no time"}]), ()),
        (put("packages", pending=[{"package": "openssl", "installed": "1", "fixed": "2", "security": True}]), ()),
        (put("packages", lists="2025-11-01T00:00:00Z"), ()),
        (put("packages", lists=FUTURE), ()),
    ],
    "10.1": [
        (put("revocation_list", form="text"), ()),
        (put("revocation_list", "parts", 3, uid=1000), ()),
        (put("revocation_list", "parts", 2, mode="0775"), ()),
        (without("revocation_list", "parts", 3), ()),
        (put("revocation_list", form="none", path=""), ()),
        (put("revocation_list", form=""), ()),
        (put("revocation_list", date=FUTURE), ()),
        (put("revocation_list", date=""), ()),
        (setting("owner", revokedkeys="none"), ()),
        (put("receipts", 1, revoked_in=-1), ()),
        (put("receipts", 1, revoked_in=10**7), ()),
        (put("receipts", 1, failed="2025-11-01T00:00:00Z"), ()),
        (put("receipts", 1, drill=FUTURE), ()),
        (without("receipts", 1), ()),
    ],
    "10.2": [
        (without("policies", 4), ()),
        (put("policies", 0, text=" "), ()),
        (put("policies", 1, approved_by=""), ()),
        (put("policies", 0, approved=FUTURE), ()),
        (put("policies", 0, approved=""), ()),
        (put("retention", 0, written="2024-01-01T00:00:00Z"), ()),
        (put("retention", 0, written=FUTURE), ()),
        (value("retention", []), ()),
        (put("job_runs", 0, oldest="2024-01-01T00:00:00Z"), ()),
        (put("job_runs", 0, oldest=""), ()),
        (value("job_runs", []), ("1.1", "1.2", "3.1", "3.2", "4.1")),
    ],
}
"""Row -> changes of the observations of a good site, each with the other rows that it takes the pass from."""


def penalty(site: AuditSite, given: str, new: str) -> None:
    """Change the penalties of sshd."""
    for account in ("root", "owner", "partner"):
        (text,) = site.settings(account)["persourcepenalties"]
        assert given in text
        site.settings(account)["persourcepenalties"] = [text.replace(given, new)]


def not_passed(site: AuditSite) -> set[str]:
    return {row.control for row in site.rows() if row.state != "pass"}


def test_each_row_has_mutations() -> None:
    assert list(MUTATIONS) == list(TITLES)
    assert all(MUTATIONS.values())
    assert not_passed(good_site()) == set()


@pytest.mark.parametrize(
    ("number", "mutation"), [(number, each) for number, given in MUTATIONS.items() for each in range(len(given))]
)
def test_a_mutation_takes_the_pass_from_its_row(number: str, mutation: int) -> None:
    change, also = MUTATIONS[number][mutation]
    site = good_site()
    change(site)
    assert not_passed(site) == {number, *also}


NEEDED = [
    (control.number, what)
    for control in CONTROLS
    for what in dict.fromkeys(what for check in control.checks if not check.optional for what in check.needs)
]


@pytest.mark.parametrize(("number", "what"), NEEDED)
def test_no_row_passes_without_an_observation_that_it_needs(number: str, what: str) -> None:
    """It is absent, has no value, another form, a part that was cut off, or the time of another day."""
    for damaged in (None, "a text", 7, [7], {"": []}, [[]]):
        site = good_site()
        site.change(what, value=damaged)
        assert number in not_passed(site), damaged
    site = good_site()
    del site.observations["files1"][what]
    assert number in not_passed(site)
    for when in ("", "2025-11-29T00:00:00Z", FUTURE):
        site = good_site()
        site.change(what, time=when)
        assert number in not_passed(site), when
    form = FORMS[what][0] if isinstance(FORMS[what], list) else FORMS[what]
    for name in form if str not in form else ():
        site = good_site()
        found = site.values()[what]
        del (found[-1] if isinstance(found, list) else found)[name]
        assert number in not_passed(site), name


@pytest.mark.parametrize("number", ["1.1", "1.2", "4.1"])
@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"problem": "wrong"}, "not_measured", "transfers: partner01: out: wrong"),
        ({"job": "p-out", "at": "batch1"}, "not_measured", "partner01: out: batch1 has no job p-out"),
        ({"job": "p-out", "deployed": True, "ended": ""}, "pass", ""),
    ],
)
def test_transfers_of_partners(number: str, change: dict[str, Any], state: str, words: str) -> None:
    site = good_site()
    site.values()["transfers"].append({**site.values()["transfers"][0], **change})
    row = site.row(number)
    assert row.state == state
    assert words in " ".join(each.reason for each in row.missing)

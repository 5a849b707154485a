# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers: the order of the sources of an option, and a transfer as a job. Real runs: test_exchange_transfers.py."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.transfers import (
    exchange_flows,
    exchange_values,
    job_of_transfer,
)
from support.running.examples import ROOT

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n"
SPEC = role_spec("exchange", "", lambda path: yaml.safe_load(Path(path).read_text()))
OWN = {"inventory_hostname": "partner01", "ansible_host": "sftp.example.com", "ansible_user": "us"}


def values(
    *transfers: dict[str, Any], own: dict[str, Any] | None = None, as_jobs: bool = False, **options: Any
) -> dict[str, Any]:
    """Return the values for transfers that push, unless they say otherwise. options: without the prefix."""
    given = {"exchange_transfers": [{"src": "/srv/out", "dest": "in", **each} for each in transfers]}
    given.update({f"exchange_{name}": value for name, value in options.items()})
    variables = {**OWN, **(own or {})}
    return exchange_values(
        option_values(SPEC, given),
        lambda name: {name: variables[name]} if name in variables else {},
        as_jobs=as_jobs,
    )


def jobs(*transfers: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """Return the jobs of transfers with pins, by default in the night."""
    given = {"job_host": "batch1", "schedule": "daily", "known_hosts_file": "/k", **options}
    found: list[dict[str, Any]] = values(*transfers, as_jobs=True, **given)["jobs"]
    return found


def merged(transfer: dict[str, Any], **options: Any) -> dict[str, Any]:
    (found,) = values(transfer, **options)["transfers"].values()
    return {name: value for name, value in found.items() if name not in ("src", "dest")}


def test_the_first_source_wins() -> None:
    sources: dict[str, Any] = {
        "defaults": {"username": "default"},
        "credential_username": "credential",
        "username": "variable",
    }
    assert merged({"username": "transfer"}, **sources) == {"username": "transfer"}
    for name in ("defaults", "credential_username", "username"):
        expected = {"defaults": "default"}.get(name, name.partition("_")[0].replace("username", "variable"))
        assert merged({}, **sources) == {"username": expected}
        del sources[name]
    assert merged({}) == {}


def test_an_alias_is_its_option() -> None:
    assert merged({"user": "transfer"}, defaults={"username": "default"}) == {"username": "transfer"}


def test_null_leaves_an_option_out() -> None:
    assert merged({"trash": None}, defaults={"trash": ".trash"}) == {}
    assert merged({}, defaults={"lock_wait": None}, lock_wait=5) == {}


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_field_of_a_credential_is_no_value(empty: str) -> None:
    assert merged({}, credential_private_key=empty, private_key=KEY) == {"private_key": KEY}
    assert merged({}, credential_host_keys=empty, host_keys=["SHA256:a"]) == {"host_keys": ["SHA256:a"]}


def test_a_list_of_a_credential_has_a_line_for_each_element() -> None:
    assert merged({}, credential_host_keys=" SHA256:a\n\nSHA256:b\n") == {"host_keys": ["SHA256:a", "SHA256:b"]}


def test_an_empty_answer_of_a_survey_is_no_limit() -> None:
    assert merged({}, bandwidth_limit="") == {}
    assert merged({}, bandwidth_limit="10M") == {"bandwidth_limit": "10M"}


def test_an_option_rules_out_its_rival_of_a_later_source() -> None:
    assert merged({"private_key_file": "/k"}, private_key=KEY) == {"private_key_file": "/k"}
    assert merged({"private_key_file": None}, private_key=KEY) == {"private_key": KEY}
    with pytest.raises(InvalidRequest, match="parameters are mutually exclusive"):
        values({"private_key_file": "/k", "private_key": KEY})


def test_the_source_of_a_secret_is_a_value_of_its_own() -> None:
    own, shared = {"command": ["pass", "own"]}, {"command": ["pass", "shared"]}
    defaults = {"secrets_from": {"password": shared, "private_key": shared}}
    assert merged({}, defaults=defaults) == defaults
    assert merged({"secrets_from": {"password": own}}, defaults=defaults) == {
        "secrets_from": {"password": own, "private_key": shared}
    }
    assert merged({"secrets_from": {"password": own}}, defaults={"password": "canary"}) == {
        "secrets_from": {"password": own}
    }
    assert merged({"secrets_from": {"private_key": own}}, private_key=KEY, credential_private_key=KEY) == {
        "secrets_from": {"private_key": own}
    }
    assert merged({"password": "x", "private_key_file": "/k"}, defaults=defaults) == {
        "password": "x",
        "private_key_file": "/k",
    }
    assert merged({"secrets_from": {"password": None}}, defaults=defaults, password="x") == {
        "secrets_from": {"private_key": shared},
        "password": "x",
    }
    assert merged({"secrets_from": None}, defaults=defaults, private_key=KEY) == {"private_key": KEY}
    key_file = {"ansible_private_key_file": "/etc/ssh/key"}
    assert values({"secrets_from": {"private_key": own}}, own=key_file)["transfers"]


@pytest.mark.parametrize("wrong", ["canary", {"password": "canary"}, {"pasword": {"file": "/x"}}])
def test_a_wrong_source(wrong: Any) -> None:
    for transfer, defaults in (({"secrets_from": wrong}, {}), ({}, {"secrets_from": wrong})):
        with pytest.raises(InvalidRequest, match="secrets_from") as caught:
            merged(transfer, defaults=defaults)
        assert "canary" not in caught.value.message


def test_shared_options_of_the_other_protocol_are_left_out_and_own_are_refused() -> None:
    shared = {"tls_min_version": "1.3", "known_hosts_file": "/k", "password": "x"}
    assert merged({}, defaults=shared) == {"known_hosts_file": "/k", "password": "x"}
    over_tls = merged({"protocol": "ftps"}, defaults=shared, username="us", private_key=KEY)
    assert over_tls == {"protocol": "ftps", "tls_min_version": "1.3", "password": "x", "username": "us"}
    with pytest.raises(InvalidRequest, match="transfer 1: known_hosts_file: has no meaning over FTPS"):
        values({"known_hosts_file": "/k"}, protocol="ftps", username="us", password="x")


def test_every_option_of_the_module_can_be_in_a_transfer() -> None:
    """A new option needs no line of the playbook. A wrong value of each is refused by the name of the transfer."""
    for option, rules in secure_sync.spec()["argument_spec"].items():
        if option not in ("src", "dest"):
            values({option: None})
        if rules["type"] not in ("str", "path"):
            with pytest.raises(SyncError, match=f"^exchange_transfers: transfer orders: .*{option}"):
                values({"name": "orders", option: {} if rules["type"] == "list" else "no value"})


def test_parameters_of_ansible_itself_are_no_options() -> None:
    with pytest.raises(InvalidRequest, match=r"transfer 1: _ansible_no_log\. Supported parameters include"):
        values({"_ansible_no_log": False})


def test_names_and_columns() -> None:
    pull = {"direction": "pull", "src": "a", "dest": "/srv/in"}
    found = values({"name": "orders"}, pull, direction="pull", job_host="of no meaning for files of the controller")
    assert list(found["transfers"]) == ["orders", "pull a to /srv/in"]
    assert found["selected"] == ["pull a to /srv/in"]
    assert [each["name"] for each in found["columns"].values()] == ["orders", "pull"]
    (claim,) = found["claims"]
    assert (claim["of"], claim["by"]) == ("/srv/in/", "partner01: pull a to /srv/in")


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"src": "/x"}, "transfer 2: has the destination of transfer 1"),
        ({"src": "/x", "dest": "./in/"}, "transfer 2: has the destination of transfer 1"),
        ({"src": "/x", "direction": "pull"}, ""),
        ({"host": "other.example.com", "src": "/x"}, ""),
        ({"host": "other.example.com"}, "transfer 2: has the name of transfer 1"),
    ],
)
def test_two_transfers_for_one_destination(second: dict[str, Any], words: str) -> None:
    if not words:
        assert len(values({}, second)["transfers"]) == 2
        return
    with pytest.raises(InvalidRequest, match=words):
        values({}, second)


def test_the_inventory_completes_a_transfer_before_it_is_checked() -> None:
    with pytest.raises(SyncError, match="transfer 1: passphrase: needs a private key"):
        values({"passphrase": "canary"})
    key_file = {"ansible_ssh_private_key_file": "/etc/ssh/key"}
    assert merged({"passphrase": "x"}, own=key_file) == {"passphrase": "x"}
    with pytest.raises(SyncError, match="transfer 1: ansible_ssh_common_args: -W cannot be taken"):
        values({}, own={"ansible_ssh_common_args": "-W x"})


def test_a_shared_client_certificate_is_for_ftps() -> None:
    shared = {"certificate": "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", "private_key": KEY}
    login = {"protocol": "ftps", "username": "us", "password": "x"}
    for given in ({"defaults": shared}, shared):
        (found,) = values({}, **login, **given)["transfers"].values()
        assert {name: found.get(name) for name in shared} == shared
    (found,) = values({}, **login, private_key=KEY)["transfers"].values()
    assert "private_key" not in found, "a key for SFTP"


def test_no_error_shows_a_secret() -> None:
    for wrong in ({"private_key": "canary"}, {"sign": {"private_key": "canary"}}, {"password": "canary\n"}):
        with pytest.raises(SyncError) as refused:
            values({**wrong, "port": "x"})
        with pytest.raises(SyncError) as refused_value:
            values(wrong)
        assert "canary" not in refused_value.value.message + refused.value.message


def job(options: Any, **changed: Any) -> dict[str, Any]:
    return {"name": "nightly", "schedule": "daily", "options": options, **changed}


def test_a_job_of_a_transfer_has_its_secrets_apart() -> None:
    transfer = {
        "name": "orders",
        "src": "/srv/out",
        "dest": "in",
        "user": "us",
        "port": "22",
        "delete": "yes",
        "connect_timeout": 5,
        "trash": None,
        "ca_file": "~/ca",
        "password": "canary-1",
        "sign": {"private_key": "canary-2", "keep": "3", "path": None},
        "decrypt": {"identities": ["canary-3", "canary-4"]},
    }
    found = job_of_transfer(job(transfer, secrets={"passphrase": "x"}))
    assert found["options"] == {
        "src": "/srv/out",
        "dest": "in",
        "username": "us",
        "port": 22,
        "delete": True,
        "connect_timeout": 5,
        "ca_file": "~/ca",
        "sign": {"keep": 3},
        "decrypt": {},
    }
    assert found["secrets"] == {
        "passphrase": "x",
        "password": "canary-1",
        "sign.private_key": "canary-2",
        "decrypt.identities": "canary-3\ncanary-4",
    }
    assert job_of_transfer(found) == found


def test_a_job_keeps_values_that_the_module_refuses() -> None:
    found = job_of_transfer(job({"port": "x", "password": "canary"}))
    assert (found["options"], found["secrets"]) == ({"port": "x"}, {"password": "canary"})
    for options in (None, "x", ["x"]):
        assert job_of_transfer(job(options)) == job(options)
    gone = {"name": "nightly", "state": "absent"}
    assert job_of_transfer({**gone, "options": {"max_delet": 1}, "secrets": {"password": "canary"}}) == gone


def test_a_job_with_a_wrong_name_or_a_secret_twice() -> None:
    with pytest.raises(InvalidRequest, match=r"^nightly: options: max_delet: .*; did you mean max_delete\?$"):
        job_of_transfer(job({"max_delet": 1}))
    with pytest.raises(InvalidRequest, match=r"^nightly: sign\.private_key: is in options and in secrets$"):
        job_of_transfer(job({"sign": {"private_key": "canary"}}, secrets={"sign.private_key": "canary"}))


def test_the_playbook_names_no_option_of_the_module() -> None:
    text = (ROOT / "playbooks/exchange.yml").read_text()
    own = set(secure_sync.spec()["argument_spec"]) - {"direction", "host"}
    assert [name for name in own if re.search(rf"\b{name}:", text)] == []


class TestJobs:
    def test_a_transfer_becomes_a_job_with_the_endpoint_of_the_inventory(self) -> None:
        own = {
            "ansible_port": 2222,
            "ansible_ssh_private_key_file": "/etc/ssh/key",
            "ansible_ssh_common_args": "-J hop",
        }
        (job,) = jobs({"name": "orders", "max_delete": "5", "start_spread": 1.5}, own=own)
        assert job == {
            "name": "partner01-orders",
            "schedule": "daily",
            "random_delay": 2,
            "notify": True,
            "options": {
                "src": "/srv/out",
                "dest": "in",
                "max_delete": "5",
                "known_hosts_file": "/k",
                "host": "sftp.example.com",
                "port": 2222,
                "username": "us",
                "private_key_file": "/etc/ssh/key",
                "proxy_jump": ["hop"],
            },
            "read": ["/srv/out"],
            "write": [],
        }
        assert job_of_transfer(job)["options"]["max_delete"] == "5"

    def test_the_schedule_of_a_transfer_wins(self) -> None:
        given = {"name": "a"}, {"name": "b", "dest": "b", "schedule": "weekly"}
        assert [each["schedule"] for each in jobs(*given)] == ["daily", "weekly"]
        assert list(values(*given)["transfers"]) == ["a", "b"], "and is no option of the module"
        assert "schedule" not in job_of_transfer({"name": "x", "options": given[1]})["options"]

    def test_failures_of_a_partner_can_be_left_without_a_message(self) -> None:
        assert jobs({"name": "a"}, notify=False)[0]["notify"] is False

    @pytest.mark.parametrize(
        ("transfer", "read", "write"),
        [
            ({}, ["/srv/out"], []),
            ({"src": "~/out"}, [], []),
            ({"after_transfer": "delete"}, [], ["/srv/out"]),
            ({"direction": "pull", "src": "a", "dest": "/srv/in"}, [], ["/srv/in"]),
            ({"direction": "pull", "src": "a", "dest": "~/in"}, [], []),
            (
                {"receipts": {"path": "/srv/r", "private_key_file": "/k"}, "state_dir": "/srv/s"},
                ["/srv/out"],
                ["/srv/r", "/srv/s"],
            ),
            (
                {
                    "direction": "pull",
                    "src": "a",
                    "dest": "~/in",
                    "content_check": {"clamd": {}, "quarantine": "/srv/q"},
                },
                [],
                ["/srv/q"],
            ),
            ({"content_check": {"clamd": {}, "quarantine": "/srv/q"}}, ["/srv/out"], []),
        ],
    )
    def test_the_places_of_a_job(self, transfer: dict[str, Any], read: list[str], write: list[str]) -> None:
        (job,) = jobs({"name": "a", **transfer})
        assert (job["read"], job["write"]) == (read, write)

    def test_claims(self) -> None:
        given = {"name": "a", "direction": "pull", "src": "x", "dest": "/srv/in"}, {"name": "b", "dest": "b"}
        found = values(*given, as_jobs=True, job_host="batch1", schedule="daily", host_keys=["x"])["claims"]
        assert [each["of"] for each in found] == ["batch1 /srv/in/", "batch1 partner01-a ", "batch1 partner01-b "]
        for dest in ("~/in", "in"):
            at_home = {"name": "a", "direction": "pull", "src": "x", "dest": dest}
            (claim,) = values(at_home, as_jobs=True, job_host="batch1", schedule="daily", host_keys=["x"])["claims"]
            assert claim["of"] == "batch1 partner01-a ", "each job has a home of its own"

    @pytest.mark.parametrize(
        ("transfer", "options", "words"),
        [
            ({}, {}, "transfer 1: name: none is not the name of a job"),
            ({"name": "n" * 18}, {}, f"transfer {'n' * 18}: name: partner01-{'n' * 18} is not the name of a job"),
            ({"name": "a"}, {"own": {"inventory_hostname": "A.example"}}, "transfer a: name: A.example-a is not the"),
            ({"name": "a"}, {"schedule": None}, "transfer a: schedule: is not set"),
            ({"name": "a", "schedule": 5}, {}, "transfer a: schedule: is not set"),
            ({"name": "a"}, {"known_hosts_file": None}, "transfer a: has no pins of the server"),
            ({"name": "a"}, {"job_host": None}, "exchange_job_host: is not set"),
        ],
    )
    def test_a_transfer_that_cannot_be_a_job_is_refused(
        self, transfer: dict[str, Any], options: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(InvalidRequest, match=re.escape(words)) as refused:
            jobs(transfer, **options)
        assert refused.value.cure

    def test_the_longest_name(self) -> None:
        assert jobs({"name": "n" * 17})[0]["name"] == "partner01-" + "n" * 17

    def test_a_partner_over_tls_is_proven_by_the_authorities_of_the_system(self) -> None:
        (job,) = jobs({"name": "a"}, protocol="ftps", username="us", password="x", known_hosts_file=None)
        assert job["options"]["protocol"] == "ftps"

    def test_the_options_of_a_job(self) -> None:
        own = {"timeout": "60", "late_after": 700000, "egress": ["192.0.2.7"], "ping_url": "https://a.example/canary"}
        certificate = {"source": "openbao", "url": "https://bao.example", "path": "ssh/issue/jobs", "token": "canary"}
        more = {"notify": False, "read": ["/home/us/key"], "write": ["/srv/more"], "certificate": certificate}
        job, other = jobs(
            {"name": "a", **own, **more}, {"name": "b", "dest": "b", "timeout": None}, defaults={"timeout": 5}
        )
        assert {name: job[name] for name in own} == {**own, "timeout": 60}
        assert {name: value for name, value in job["certificate"].items() if value is not None} == certificate
        assert (job["notify"], job["read"], job["write"]) == (False, ["/srv/out", "/home/us/key"], ["/srv/more"])
        assert "timeout" not in other, "null leaves an option of the defaults out"
        assert {*own, "certificate"} & {*job["options"], *other} == set()

    def test_the_defaults_have_options_of_jobs_for_all_transfers(self) -> None:
        shared = {"late_after": 700000, "schedule": "weekly"}
        one, two = jobs({"name": "a"}, {"name": "b", "dest": "b", "late_after": 5}, defaults=shared)
        assert [(each["late_after"], each["schedule"]) for each in (one, two)] == [(700000, "weekly"), (5, "weekly")]
        with pytest.raises(InvalidRequest, match=r"^exchange_defaults: name: secure_sync has no option of this name"):
            jobs({"name": "a"}, defaults={"name": "a"})

    def test_a_certificate_that_is_issued_replaces_the_text_of_all_transfers(self) -> None:
        issued = {"source": "file", "file": "~/cert.pub"}
        (job,) = jobs({"name": "a", "certificate": issued}, certificate="a text")
        assert (job["certificate"]["file"], "certificate" in job["options"]) == ("~/cert.pub", False)
        with pytest.raises(InvalidRequest, match="transfer a: certificate: is issued for jobs, and this run has none"):
            values({"name": "a", "certificate": issued})

    @pytest.mark.parametrize("name", ["certificate", "signed_key", "certificate_file"])
    def test_a_transfer_with_a_certificate_of_its_own_gets_none_of_the_defaults(self, name: str) -> None:
        issued = {"source": "file", "file": "~/cert.pub"}
        text = "ssh-ed25519-cert-v01@openssh.com AAAA own"
        (job,) = jobs({"name": "a", name: text}, defaults={"certificate": issued})
        assert ("certificate" in job, text in job["options"].values()) == (False, True)

    def test_null_leaves_the_certificate_of_the_defaults_out(self) -> None:
        issued = {"source": "file", "file": "~/cert.pub"}
        (job,) = jobs({"name": "a", "certificate": None}, defaults={"certificate": issued})
        assert "certificate" not in job
        (job,) = jobs({"name": "a", "certificate_file": None}, defaults={"certificate": issued})
        assert job["certificate"]["source"] == "file"

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"late_afer": 5}, "late_afer: secure_sync has no option of this name; did you mean late_after?"),
            ({"timeout": "soon"}, "argument 'timeout' is of type str and we were unable to convert to int"),
            (
                {"certificate": {"sorce": "file"}},
                "certificate.sorce: sync_job has no option of this name; did you mean",
            ),
            ({"certificate": {"source": "vault"}}, "value of source must be one of: file, openbao, got: vault"),
        ],
    )
    @pytest.mark.parametrize("as_jobs", [True, False])
    def test_a_wrong_option_of_a_job(self, wrong: dict[str, Any], words: str, as_jobs: bool) -> None:
        for given, about in (({"transfer": wrong}, "exchange_transfers: transfer a: "), ({"defaults": wrong}, "")):
            with pytest.raises(InvalidRequest) as refused:
                values(
                    {"name": "a", **given.get("transfer", {})},
                    as_jobs=as_jobs,
                    job_host="batch1",
                    schedule="daily",
                    known_hosts_file="/k",
                    defaults=given.get("defaults"),
                )
            assert about in refused.value.message
            assert words in refused.value.message

    def test_options_of_a_job_are_not_lost_in_the_options_of_a_job(self) -> None:
        for name, value in {"egress": ["192.0.2.7"], "certificate": {"source": "file"}}.items():
            with pytest.raises(InvalidRequest, match=f"^nightly: options.{name}: is an option of the job$"):
                job_of_transfer(job({"src": "/srv/out", "dest": "in", name: value}))


def flows(*transfers: dict[str, Any], own: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return what a report and an audit ask about transfers that push, unless they say otherwise."""
    given = {"exchange_transfers": [{"name": "a", "src": "/srv/out", "dest": "in", **each} for each in transfers]}
    given.update({f"exchange_{name}": value for name, value in options.items()})
    variables = {**OWN, **(own or {})}
    return exchange_flows(option_values(SPEC, given), lambda name: {name: variables[name]} if name in variables else {})


class TestFlows:
    JOBS = MappingProxyType({"job_host": "batch1", "schedule": "daily", "known_hosts_file": "~/pins"})
    RECEIPTS = MappingProxyType({"path": "receipts", "private_key_file": "/k"})

    def test_a_transfer_of_a_playbook(self) -> None:
        found = flows(
            {"sign": {"private_key_file": "/k", "passphrase": "canary"}, "proof": "read_back", "late_after": 5},
            private_key=KEY,
        )
        assert found["flows"] == {
            "a": {
                "at": "localhost",
                "direction": "push",
                "protocol": "sftp",
                "host": "sftp.example.com",
                "tls_mode": "",
                "proof": "read_back",
                "job": "",
                "schedule": "",
                "late_after": 5,
                "marks": ["signed"],
                "secrets": ["private_key", "sign.passphrase"],
                "local_root": "/srv/out",
                "remote_root": "in",
                "receipts": "",
            }
        }
        assert (found["receipts"], found["sets"]) == ({}, {})

    def test_a_transfer_of_a_job(self) -> None:
        given = {"direction": "pull", "src": "x/", "dest": "~/in", "receipts": dict(self.RECEIPTS)}
        signer = {"principal": "p", "allowed_signers_file": "~/signers"}
        found = flows({**given, "verify": signer}, receipts_verify={"principal": "r"}, **self.JOBS)
        home = "/var/lib/secure_ftp_synchronize/homes/partner01-a/"
        (flow,) = found["flows"].values()
        assert (flow["at"], flow["job"], flow["schedule"], flow["marks"]) == (
            *("batch1", "partner01-a", "daily"),
            ["verified"],
        )
        place = {"direction": "pull", "host": "sftp.example.com", "local_root": home + "in", "remote_root": "x"}
        asked = {"path": home + "receipts", "transfers": [{"name": "partner01: a", **place}]}
        assert found["receipts"] == {f"partner01: {home}receipts": asked}
        pins = {"protocol": "sftp", "host": "sftp.example.com", "port": 22, "path": home + "pins"}
        assert found["pins"] == {"partner01: sftp.example.com port 22": pins}
        (checked,) = found["sets"].values()
        assert (checked["src"], checked["content"]) == ("x/", "whole")
        assert checked["verify"] == {**signer, "allowed_signers_file": home + "signers"}
        assert checked["known_hosts_file"] == home + "pins"

    def test_the_pins_of_a_partner(self) -> None:
        name = "partner01: sftp.example.com port 22"
        assert flows({})["pins"][name]["path"] == "~/.ssh/known_hosts"
        (pinned,) = flows({"host_keys": ["SHA256:a"]}, known_hosts_file="/k")["pinned"].values()
        assert pinned["pins"] == [{"hosts": "sftp.example.com", "kind": "key", "pattern": False, "state": "active"}]
        login = {"protocol": "ftps", "username": "us", "password": "x"}
        assert flows({}, **login)["pins"] == flows({}, **login)["pinned"] == {}
        (asked,) = flows({}, **self.JOBS, **login, tls_pins_file="/p")["pins"].values()
        assert asked == {"protocol": "ftps", "host": "sftp.example.com", "port": 21, "path": "/p"}
        two = flows({}, {"name": "b", "dest": "b", "port": 2222})
        assert list(two["pins"]) == [name, "partner01: sftp.example.com port 2222"]

    def test_receipts_need_their_signer(self) -> None:
        with pytest.raises(InvalidRequest, match=r"^exchange_receipts_verify: is not set"):
            flows({}, receipts={"path": "/srv/r", "private_key_file": "/k"})

    def test_sources_of_secrets_are_secrets_that_a_transfer_uses(self) -> None:
        (flow,) = flows({"secrets_from": {"password": {"command": ["pass", "x"]}}})["flows"].values()
        assert flow["secrets"] == ["password (command)"]

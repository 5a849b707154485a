# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a job: Ansible's own validator is the judge."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_options import (
    job_params,
    read_options,
    secret_names,
    specification,
    with_secrets,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from hypothesis import given
from hypothesis import strategies as st

GOOD: dict[str, Any] = {"host": "files.example.com", "src": "/srv/a", "dest": "b"}
SPEC = specification()["argument_spec"]


def refused(options: dict[str, Any], **secrets: str) -> str:
    """Return the error's text for options that are refused."""
    with pytest.raises(InvalidRequest) as caught:
        job_params(options, secrets)
    assert caught.value.cure
    return caught.value.message


def test_every_option_has_a_value() -> None:
    params = job_params({**GOOD, "retries": 7, "connect_timeout": 9}, {"password": "canary"})
    judged = ArgumentSpecValidator(**secure_sync.spec()).validate(
        {**GOOD, "retries": 7, "connect_timeout": 9, "password": "canary"}
    )
    assert judged.error_messages == []
    assert params == judged.validated_parameters
    assert isinstance(params["connect_timeout"], float)


def test_paths_are_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/sync")
    assert job_params({**GOOD, "known_hosts_file": "~/hosts"}, {})["known_hosts_file"] == "/home/sync/hosts"


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"sorce": "/a"}, "options.sorce: is not an option"),
        ({"a\x1b": 1}, r"options.a\x1b: is not an option"),
        ({"src": None}, "options.src: is not a string"),
        ({"src": 3}, "options.src: is not a string"),
        ({"port": "22"}, "options.port: is not a whole number"),
        ({"port": True}, "options.port: is not a whole number"),
        ({"port": 22.0}, "options.port: is not a whole number"),
        ({"delete": "yes"}, "options.delete: is not true or false"),
        ({"delete": 1}, "options.delete: is not true or false"),
        ({"stall_timeout": "60"}, "options.stall_timeout: is not a number"),
        ({"stall_timeout": float("inf")}, "options.stall_timeout: is not a number"),
        ({"stall_timeout": 10**400}, "options.stall_timeout: is not a number"),
        ({"exclude": "*.tmp"}, "options.exclude: is not a list"),
        ({"exclude": ["a", 3]}, "options.exclude[1]: is not a string"),
        ({"direction": "both"}, "options.direction: 'both' is not a choice"),
        ({"user": "deploy"}, "options.user: is not an option"),
        ({"sign": "key"}, "options.sign: is not an object"),
        (
            {"sign": {"public_key": "x", "private_key_file": "/k"}},
            "options.sign: has private_key_file and public_key, which exclude each other",
        ),
        ({"secrets_from": ["password"]}, "options.secrets_from: is not an object"),
        ({"secrets_from": {"pasword": {"file": "/k"}}}, "secrets_from.pasword: is not an option"),
        (
            {"secrets_from": {"sign.passphrase": {"file": "/k"}}},
            "secrets_from.sign.passphrase: belongs to sign, which is not set",
        ),
        ({"sign": {"kee": 3}}, "options.sign.kee: is not an option"),
        ({"receipts": {}}, "options.receipts.path: is required"),
        ({"start_spread": 30}, "options.start_spread: has no effect in a job"),
        ({"_progress_file": "/etc/x"}, "options._progress_file: is not an option"),
        ({"password": "canary"}, "options.password: a job file holds no secrets"),
        ({"sign": {"private_key": "canary"}}, "options.sign.private_key: a job file holds no secrets"),
        ({"decrypt": {"identities": ["canary"]}}, "options.decrypt.identities: a job file holds no secrets"),
    ],
)
def test_a_bad_option(options: dict[str, Any], fact: str) -> None:
    assert refused({**GOOD, **options}) == fact


def test_a_missing_option() -> None:
    assert refused({"src": "/a"}) == "options.dest: is required"


def test_cures_name_the_option() -> None:
    for wrong, cure in (("sorce", "Write src."), ("user", "Write username: a job file has no aliases.")):
        with pytest.raises(InvalidRequest) as caught:
            job_params({**GOOD, wrong: "x"}, {})
        assert caught.value.cure in (cure, "Remove it; the documentation of secure_sync lists the options.")


def test_secrets_go_to_their_places() -> None:
    options = {**GOOD, "sign": {"valid_for": "3d"}, "decrypt": {}}
    secrets = {"private_key": "key", "sign.private_key": "signs", "decrypt.identities": "opens"}
    merged = with_secrets(SPEC, options, secrets)
    assert merged["private_key"] == "key"
    assert merged["sign"] == {"valid_for": "3d", "private_key": "signs"}
    assert merged["decrypt"] == {"identities": ["opens"]}
    assert options["sign"] == {"valid_for": "3d"}
    assert job_params(options, secrets)["sign"]["private_key"] == "signs"


def test_a_secret_without_its_option() -> None:
    fact = "credentials: sign.private_key belongs to sign, which is not set"
    assert refused(GOOD, **{"sign.private_key": "canary"}) == fact


def test_a_secret_and_a_file_exclude_each_other() -> None:
    fact = refused({**GOOD, "private_key_file": "/etc/key"}, private_key="canary")
    assert fact == "options: has private_key and private_key_file, which exclude each other"


def test_the_names_of_secrets() -> None:
    assert sorted(secret_names(SPEC)) == [
        "client_key_passphrase",
        "decrypt.identities",
        "decrypt.passphrase",
        "passphrase",
        "password",
        "private_key",
        "receipts.passphrase",
        "receipts.private_key",
        "sign.passphrase",
        "sign.private_key",
    ]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="$~\0"), max_size=6)
ANY = TEXT | st.none() | st.booleans() | st.integers(-9, 99) | st.floats(0, 99) | st.lists(TEXT, max_size=2)


def values_of(option: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values of an option, most of them good."""
    if "choices" in option:
        return st.sampled_from(option["choices"]) | ANY
    kind = option["type"]
    if kind == "dict":
        return (options_of(option["options"]) if "options" in option else st.dictionaries(TEXT, ANY, max_size=2)) | ANY
    good = {"bool": st.booleans(), "int": st.integers(), "float": st.floats(0, 99), "list": st.lists(TEXT, max_size=3)}
    return good.get(kind, TEXT) | ANY


def options_of(spec: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a few options of a specification."""
    pairs = st.sampled_from(sorted(spec)).flatmap(lambda name: st.tuples(st.just(name), values_of(spec[name])))
    return st.lists(pairs, max_size=5).map(dict)


@given(options_of(SPEC))
def test_all_that_is_read_ansible_reads_in_the_same_way(options: dict[str, Any]) -> None:
    given = {**GOOD, **options}
    try:
        ours = read_options(SPEC, given)
    except InvalidRequest:
        return
    judged = ArgumentSpecValidator(SPEC).validate(given)
    assert judged.error_messages == []
    assert ours == judged.validated_parameters


@given(st.dictionaries(st.sampled_from(sorted(SPEC)) | TEXT, ANY, max_size=4))
def test_any_options_are_read_or_a_clear_error(options: dict[str, Any]) -> None:
    error = None
    try:
        job_params({**GOOD, **options}, {})
    except InvalidRequest as caught:
        error = caught
    assert error is None or (error.message.isprintable() and error.cure)

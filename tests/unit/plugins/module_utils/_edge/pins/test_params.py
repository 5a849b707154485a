# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the pin modules: documentation and meaning."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import argspec
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin as pin_params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin_info as info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    CERT_AUTHORITY,
    REVOKED,
    Validity,
    parse_moment,
)
from support.running.pin_task import pin_params as given
from support.servers import ssh_keys

PLUGINS = Path(__file__).parents[6] / "plugins"
KEY, OTHER = ssh_keys.key("unit"), ssh_keys.key("unit-other")
SPECS = {"host_key_pin": pin_params.own_options, "host_key_pin_info": lambda: info.spec()["argument_spec"]}


def documented(module: str) -> dict[str, dict[str, Any]]:
    """Return the options of a module's DOCUMENTATION."""
    for node in ast.walk(ast.parse((PLUGINS / "modules" / f"{module}.py").read_text())):
        if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == ["DOCUMENTATION"]:
            return yaml.safe_load(ast.literal_eval(node.value))["options"]
    raise AssertionError(f"{module} has no DOCUMENTATION")


@pytest.mark.parametrize("module", SPECS)
def test_documentation_and_specification_agree(module: str) -> None:
    spec = {name: {k: v for k, v in option.items() if k != "no_log"} for name, option in SPECS[module]().items()}
    docs = {name: dict(option) for name, option in documented(module).items()}
    for name, option in docs.items():
        assert option.pop("description"), name
    assert docs == spec


def test_no_option_has_two_meanings() -> None:
    shared = {**argspec.endpoint(), **argspec.tls()}
    assert not set(shared) & set(pin_params.own_options())


def request(**options: Any) -> Any:
    """Return the request of a task."""
    return pin_params.pin_request(given(**options), check_mode=False)


def test_keys_of_every_form() -> None:
    made = request(
        keys=[
            KEY.public,
            f"{OTHER.public} a  comment secure_sync:valid_until=2027-01-01",
            KEY.fingerprint,
            f"@revoked {ssh_keys.key('bad').public}",
        ],
        authority=[ssh_keys.key("ca").public],
        valid_from="2026-01-01",
    )
    assert made.fingerprints == {KEY.fingerprint}
    first, second, revoked, authority = made.keys
    assert (first.key.text, first.comment, first.limits.valid_from) == (KEY.public, None, parse_moment("2026-01-01"))
    assert second.comment == "a  comment"
    assert second.limits == Validity(None, parse_moment("2027-01-01")), "its own times alone"
    assert (revoked.marker, revoked.limits) == (REVOKED, Validity())
    assert authority.marker == CERT_AUTHORITY


def test_the_comment_of_the_task_wins() -> None:
    assert request(keys=[f"{KEY.public} me@here"], comment="ours ").keys[0].comment == "ours"


def test_no_limit_takes_one_away() -> None:
    pin = request(keys=[KEY.public], valid_until="none").keys[0]
    assert (pin.limits, pin.unlimited) == (Validity(), {"valid_until"})


BAD = {
    "not a key": {"keys": ["ssh-ed25519 AAAA"]},
    "key that is cut off": {"keys": [KEY.public[:-4]]},
    "authority that is cut off": {"authority": [KEY.public[:-4]]},
    "revoked key that is cut off": {"revoked": [KEY.public[:-4]]},
    "certificate": {"keys": [ssh_keys.certify_host(KEY, OTHER, principals="a").certificate_text]},
    "type and key differ": {"keys": [KEY.public.replace("ed25519", "rsa")]},
    "two lines": {"keys": [f"{KEY.public}\nb.example {OTHER.public}"]},
    "two lines in the comment": {"keys": [f"{KEY.public} a\n* {OTHER.public}"]},
    "unknown mark": {"keys": [f"@trusted {KEY.public}"]},
    "md5": {"fingerprints": ["MD5:aa:bb"]},
    "short fingerprint": {"fingerprints": [KEY.fingerprint[:-1]]},
    "key as fingerprint": {"fingerprints": [KEY.public]},
    "comment with a line end": {"keys": [KEY.public], "comment": "a\nb"},
    "comment with a time": {"keys": [KEY.public], "comment": "secure_sync:valid_until=2099-01-01"},
    "time in the past of from": {"keys": [KEY.public], "valid_from": "2026-01-02", "valid_until": "2026-01-01"},
    "no time": {"keys": [KEY.public], "valid_until": "tomorrow"},
    "no time in a key": {"keys": [f"{KEY.public} secure_sync:valid_until=x"]},
    "pinned and revoked": {"keys": [KEY.public], "revoked": [KEY.public]},
    "pattern with keys": {"host": "*.example.com", "keys": [KEY.public]},
    "pattern that is asked": {"host": "*.example.com", "fingerprints": [KEY.fingerprint]},
    "pattern with a comma": {"host": "*.example.com,b", "authority": [KEY.public]},
    "host with a blank": {"host": "a b", "keys": [KEY.public]},
    "option as host": {"host": "-oProxyCommand=x", "keys": [KEY.public]},
    "port": {"port": 70000, "keys": [KEY.public]},
    "path": {"path": "/srv/a\nb", "keys": [KEY.public]},
    "host key of ftps": {"protocol": "ftps", "keys": [KEY.public], "path": "/p"},
    "ftps without a file": {"protocol": "ftps", "keys": ["sha256//" + "A" * 43 + "="]},
    "short pin": {"protocol": "ftps", "keys": ["sha256//AAAA"], "path": "/p"},
    "authority of ftps": {"protocol": "ftps", "authority": [KEY.public], "path": "/p"},
    "rotation of ftps": {"protocol": "ftps", "from_rotation": True, "path": "/p"},
}


SHOWN = [KEY.fingerprint]
REVOKED_ALONE = {"state": "exact", "revoked": [KEY.public]}
PROOF = {
    "no proof": ({}, "no option proves a key"),
    "no proof to leave": ({"state": "exact"}, "no option proves a key"),
    "rotation and exact": ({"state": "exact", "from_rotation": True}, "from_rotation"),
    "rotation and absent": ({"state": "absent", "from_rotation": True}, "from_rotation"),
    "unannounced without rotation": ({"keys": [KEY.public], "remove_unannounced": True}, "remove_unannounced"),
    "dns and absent": ({"state": "absent", "sshfp": True}, "sshfp"),
    "revoked keys alone": (REVOKED_ALONE, "no pin would be left"),
}


@pytest.mark.parametrize("case", PROOF)
def test_a_task_needs_a_proof_that_its_state_can_have(case: str) -> None:
    options, message = PROOF[case]
    with pytest.raises(InvalidRequest, match=message) as caught:
        request(**options)
    assert caught.value.cure


@pytest.mark.parametrize(
    "options",
    [
        {"state": "absent"},
        {"state": "absent", "fingerprints": SHOWN},
        {"revoked": [KEY.public]},
        {"sshfp": True},
        {"state": "exact", "sshfp": True},
        {"from_rotation": True, "remove_unannounced": True},
        {**REVOKED_ALONE, "keys": [OTHER.public]},
        {**REVOKED_ALONE, "fingerprints": [OTHER.fingerprint]},
    ],
)
def test_any_of_the_proofs_is_enough(options: dict[str, Any]) -> None:
    assert request(**options).state == options.get("state", "present")


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_meant_is_refused(case: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        request(**BAD[case])
    assert caught.value.cure


def test_a_pattern_goes_with_an_authority() -> None:
    made = request(host="*.Example.com", port=2222, authority=[KEY.public])
    assert made.name == "[*.example.com]:2222"


def test_the_info_names_a_server_or_none() -> None:
    spec = {**dict.fromkeys(SPECS["host_key_pin_info"]()), "protocol": "sftp"}
    assert info.request(Task(spec)) == ("~/.ssh/known_hosts", None, False)
    assert info.request(Task({**spec, "host": "A", "port": 2222})).name == "[a]:2222"
    with pytest.raises(InvalidRequest, match="port"):
        info.request(Task({**spec, "port": 2222}))


def test_without_a_host_no_pin_is_written() -> None:
    with pytest.raises(InvalidRequest, match="host: is not set"):
        request(host=None, keys=[KEY.public])

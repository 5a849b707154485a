# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of roles: names, types, defaults at every level."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import (
    RoleSpec,
    option_values,
    present_name,
    require_known_names,
    role_spec,
)
from support.running.examples import ROOT

FORMER = """
mode list_directory fingerprints keys certificates reason responder state sign principal allowed_signers krl_max_age
on_stale closed_group revoked_keys_file metrics_directory servers retired_hosts limits break_glass_account
break_glass_authorities break_glass_state break_glass_sudo account account_state account_keys account_password
account_checked_settings account_proof ftps_list account_servers account_jobs account_clients drill_account
drill_receipts drill_directory drill_keys_file drill_proof drill_events
"""


def read(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def spec(**options: dict[str, Any]) -> RoleSpec:
    return RoleSpec("sftp_server", options, frozenset(options))


def test_an_entry_point_is_read_and_the_names_of_all() -> None:
    found = role_spec("sftp_server", "commit_confirm", read)
    assert "sftp_server_change_files" in found.options
    assert "sftp_server_profile" not in found.options
    assert {"sftp_server_profile", "sftp_server_change_files"} <= found.names


def test_an_unknown_entry_point_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        role_spec("sftp_server", "other", read)
    assert refused.value.cure == "Set entry_point to commit_confirm or main or notes."


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    known = spec(sftp_server_banner={}, sftp_server_group={})
    with pytest.raises(InvalidRequest) as refused:
        require_known_names(
            known, dict.fromkeys(["sftp_server_baner", "sftp_server_group", "other", "__sftp_server_x"]), []
        )
    assert refused.value.message == (
        "sftp_server_baner: sftp_server has no option of this name; did you mean sftp_server_banner?"
    )


@pytest.mark.parametrize("former", FORMER.split())
def test_an_option_of_the_role_that_became_three_is_refused_with_its_name_now(former: str) -> None:
    """Ignored, it would leave a key unrevoked, and the run would be green."""
    with pytest.raises(InvalidRequest) as refused:
        require_known_names(role_spec("key_revocation", "main", read), {f"incident_response_{former}": 1}, [])
    assert refused.value.message == f"incident_response_{former}: is {present_name('incident_response_' + former)} now"
    for name in present_name(f"incident_response_{former}").split(" or "):
        option, _dot, inner = name.partition(".")
        found = next(
            entry["options"][option]
            for role in ("account_access", "break_glass", "key_revocation")
            for entry in read(str(ROOT / f"roles/{role}/meta/argument_specs.yml"))["argument_specs"].values()
            if option in entry["options"]
        )
        assert not inner or inner in found["options"]


def test_other_roles_leave_such_names_alone() -> None:
    require_known_names(spec(sftp_server_banner={}), {"incident_response_reason": 1}, [])


def test_results_of_the_role_are_known_names() -> None:
    require_known_names(spec(sftp_server_banner={}), {"sftp_server_report": 1}, ["sftp_server_report"])


def test_a_name_that_is_near_to_nothing_has_no_hint() -> None:
    with pytest.raises(InvalidRequest) as refused:
        require_known_names(spec(sftp_server_banner={}), {"sftp_server_qqqq": 1, "sftp_server__banner": 1}, [])
    assert refused.value.message.endswith("has no option of this name")


def test_the_names_of_values_lack_the_prefix() -> None:
    banner = {"sftp_server_banner": {"type": "str", "default": "x"}}
    assert option_values(spec(**banner), {}) == {"banner": "x"}


def test_values_are_converted_and_defaults_applied_at_every_level() -> None:
    inner = {"name": {"type": "str", "required": True}, "deep": {"type": "list", "elements": "dict"}}
    inner["deep"]["options"] = {"open": {"type": "bool", "default": False}, "size": {"type": "int"}}
    values = option_values(
        spec(
            number={"type": "int", "default": 4, "description": "x", "version_added": "0.2.0"},
            items={"type": "list", "elements": "dict", "options": inner},
            nothing={"type": "dict"},
        ),
        {"number": "5", "items": [{"name": "a", "deep": [{"size": "3"}, {"open": "yes"}]}]},
    )
    deep = [{"open": False, "size": 3}, {"open": True, "size": None}]
    assert values == {"number": 5, "items": [{"name": "a", "deep": deep}], "nothing": None}


def test_a_path_stays_as_it_is() -> None:
    values = option_values(
        spec(path={"type": "path"}, paths={"type": "list", "elements": "path"}), {"path": "~/$HOME", "paths": ["~/x"]}
    )
    assert values == {"path": "~/$HOME", "paths": ["~/x"]}


def test_a_bad_value_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="word must be one of: a, b, got: c"):
        option_values(spec(word={"type": "str", "choices": ["a", "b"]}), {"word": "c"})


def test_an_unknown_option_within_an_option_is_refused() -> None:
    account = {"type": "dict", "options": {"name": {"type": "str"}}}
    with pytest.raises(
        InvalidRequest, match=r"account\.nmae: sftp_server has no option of this name; did you mean name\?"
    ):
        option_values(spec(account=account), {"account": {"nmae": "a"}})


def test_a_secret_is_not_in_the_message() -> None:
    account = {"type": "dict", "options": {"pin": {"type": "str", "no_log": True}, "mode": {"choices": ["a", "b"]}}}
    with pytest.raises(InvalidRequest) as refused:
        option_values(spec(account=account), {"account": {"pin": "xyzzy-plugh", "mode": "xyzzy-plugh"}})
    assert "mode must be one of" in refused.value.message
    assert "xyzzy" not in refused.value.message

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role chroot_jail, evaluated by Ansible's own templating: the options of its parts, and the note for partners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail as edge
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec

ROLE = Path(__file__).parents[2] / "roles/chroot_jail"
AUTHORITY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX"
KEY = ["ssh-ed25519 AAAA"]


def evaluated(text: str, account: dict[str, Any], **variables: Any) -> Any:
    """Return a template's value for one account."""
    loader = DataLoader()
    given = {
        "chroot_jail_accounts": [{"name": "partner", **account}],
        "chroot_jail_note": {"host": "files.example.com"},
    }
    options = option_values(role_spec("chroot_jail", "main", loader.load_from_file), given)
    full = loader.load_from_file(str(ROLE / "vars/main.yml"), trusted_as_template=True)
    full |= {"__chroot_jail": {"options": options}, "account": options["accounts"][0], **variables}
    return Templar(loader, variables=full).template(trust_as_template(text))


def note(**account: Any) -> str:
    """Return the note of an account."""
    text = (ROLE / "templates/note.md.j2").read_text()
    return evaluated(text, account, stores=["data"], reads=["data"], __chroot_jail_note_pins=["SHA256:x"])


def test_the_options_of_an_account_reach_the_module() -> None:
    known = edge.spec()["argument_spec"]["jails"]["options"]
    spec = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    shared = set(spec["chroot_jail_accounts"]["options"]) & set(known)
    given = {"certificate_authorities": [AUTHORITY], "principals": ["nightly"], "quota": "2G", "quota_files": 9}
    (jail,) = evaluated("{{ __chroot_jail_trees }}", {**given, "directories": [{"name": "in"}]})
    assert set(jail) == shared
    assert jail["certificate_authorities"] == [AUTHORITY]
    assert jail["principals"] == ["nightly"]


@pytest.mark.parametrize(
    ("account", "way"),
    [
        ({"authorized_keys": KEY}, "your SSH key"),
        (
            {"certificate_authorities": [AUTHORITY], "principals": ["nightly", "batch"]},
            "a certificate for your SSH key with the principal nightly or batch",
        ),
        (
            {"certificate_authorities": [AUTHORITY], "authorized_keys": KEY},
            "your SSH key, or a certificate for your SSH key with the principal partner",
        ),
    ],
)
def test_the_note_names_the_way_to_log_in(account: dict[str, Any], way: str) -> None:
    text = note(**account)
    assert f"| account | partner, with {way}; no password is valid |\n" in text
    certified = "certificate_authorities" in account
    assert (f"| certificate authority | {AUTHORITY} |\n" in text) is certified
    assert text.count("certificate_file: ~/.ssh/id_ed25519-cert.pub") == (
        certified and "authorized_keys" not in account
    )


@pytest.mark.parametrize(
    ("account", "only"),
    [
        ({}, False),
        ({"authorized_keys": KEY}, False),
        ({"certificate_authorities": [AUTHORITY]}, True),
        ({"certificate_authorities": [AUTHORITY], "authorized_keys": KEY}, False),
    ],
)
def test_the_verification_expects_certificates_only(account: dict[str, Any], *, only: bool) -> None:
    (task,) = yaml.safe_load((ROLE / "tasks/probe.yml").read_text())
    asked = task["secure.ftp_synchronize.jail_probe"]["expect"]["certificate_only"]
    assert evaluated(asked, account) is only

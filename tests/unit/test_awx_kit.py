# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit of AWX: its data follows the rules of AWX, its names lead somewhere, and its plays pass everything on."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from support.awx.kit import DIRECTORY, VALUES, Kit
from support.awx.rules import faults_of_survey, faults_of_type
from support.awx.stub_collection import published

KIT = Kit.rendered()
TYPES = KIT.data["controller_credential_types"]
TEMPLATES = KIT.data["controller_templates"]
ROOT = DIRECTORY.parents[1]
PAGE = (ROOT / "docs/awx.md").read_text()
SURVEYS = [entry for entry in TEMPLATES if "survey_spec" in entry]
EXCHANGE = yaml.safe_load((DIRECTORY.parent / "vars/exchange.yml").read_text())["exchange__options"]
LOOK_UPS = {f"ansible_hashi_vault_{name}" for name in ("url", "token", "ca_cert")}
ON_HOSTS = [entry["name"] for entry in TEMPLATES if entry["playbook"] == "collection.yml"]
OPTIONS = yaml.safe_load((DIRECTORY / "vars/options.yml").read_text())["kit__options"]
DISPATCHED = {
    "controller_credential_types": "credential_type",
    "controller_execution_environments": "execution_environment",
    "controller_notifications": "notification_template",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}
"""The names that infra.aap_configuration.dispatch knows, and the modules, in an order that follows the references."""


def name_of(template: dict[str, Any]) -> str:
    """Return the playbook of the collection that a template runs, without the name of the collection."""
    (play,) = yaml.safe_load((DIRECTORY / "project" / template["playbook"]).read_text())
    collection, _dot, name = play["ansible.builtin.import_playbook"].rpartition(".")
    assert collection == "secure.ftp_synchronize"
    return name.replace("{{ awx_playbook }}", template["extra_vars"].get("awx_playbook", ""))


def options_of(playbook: str) -> dict[str, Any]:
    """Return the options of a playbook: of `exchange`, or of its roles."""
    if "exchange" in playbook:
        return EXCHANGE
    roles = re.findall(r"secure\.ftp_synchronize\.(\w+)", (DIRECTORY.parent / f"{playbook}.yml").read_text())
    found: dict[str, Any] = {}
    for path in (ROOT / f"roles/{role}/meta/argument_specs.yml" for role in roles):
        if path.is_file():
            for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
                found |= entry["options"]
    return found


def tasks(collection: str, play: str) -> dict[str, dict[str, str]]:
    """Return the arguments of the tasks of a play, by the module."""
    (loaded,) = yaml.safe_load((DIRECTORY / play).read_text())
    found = [(name, task[name]) for task in loaded["tasks"] for name in task if name.startswith(collection)]
    return {name.rpartition(".")[2]: arguments for name, arguments in found}


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry["name"])
def test_credential_types_follow_the_rules(entry: dict[str, Any]) -> None:
    assert faults_of_type(entry) == []
    secrets = {field["id"] for field in entry["inputs"]["fields"] if field.get("secret")}
    assert secrets == {"private_key", "passphrase", "password", "client_key", "token"} & {
        field["id"] for field in entry["inputs"]["fields"]
    }


def test_credentials_are_of_the_named_types_with_the_named_fields() -> None:
    assert {entry["name"]: [field["id"] for field in entry["inputs"]["fields"]] for entry in TYPES} == {
        "Partner over SFTP": ["username", "private_key", "passphrase", "certificate", "host_keys"],
        "Partner over FTPS": ["username", "password", "ca", "client_cert", "client_key", "tls_pins"],
        "Passphrase of sync jobs": ["passphrase"],
        "OpenBao": ["url", "token", "ca"],
        "Signing key": ["private_key"],
    }


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry["name"])
def test_credentials_set_options_of_the_playbooks(entry: dict[str, Any]) -> None:
    options = {*EXCHANGE, *options_of("rotate_keys"), *LOOK_UPS, "awx_signing_key_file"}
    assert set(entry["injectors"]["extra_vars"]) <= options


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "field twice": (lambda entry: entry["inputs"]["fields"].append(entry["inputs"]["fields"][0]), "username: twice"),
    "unknown key": (lambda entry: entry["inputs"]["fields"][0].update(hint="x"), "'hint' was unexpected"),
    "reserved name": (lambda entry: entry["inputs"]["fields"][0].update(id="tower"), "should not be valid"),
    "unknown field": (
        lambda entry: entry["injectors"]["extra_vars"].update(a="{{ nothing }}"),
        "'nothing' is undefined",
    ),
    "no file": (lambda entry: entry["injectors"]["extra_vars"].update(a="{{ tower.filename.x }}"), "no attribute 'x'"),
    "environment of Ansible": (lambda entry: entry["injectors"].update(env={"ANSIBLE_X": "1"}), "ANSIBLE_X"),
    "unknown kind": (lambda entry: entry.update(kind="ssh"), "'ssh' is not one of"),
    "required, not there": (lambda entry: entry["inputs"]["required"].append("pin"), "pin: required, and no field"),
    "dependencies": (lambda entry: entry["inputs"].update(dependencies={}), "'dependencies' was unexpected"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_fault_of_a_credential_type_is_found(fault: str) -> None:
    damage, words = DAMAGE[fault]
    entry = copy.deepcopy(TYPES[0])
    damage(entry)
    assert words in "\n".join(faults_of_type(entry))


@pytest.mark.parametrize("entry", SURVEYS, ids=lambda entry: entry["name"])
def test_surveys_follow_the_rules_and_set_options_of_the_playbook(entry: dict[str, Any]) -> None:
    assert faults_of_survey(entry["survey_spec"]) == []
    assert entry["survey_enabled"]
    for question in entry["survey_spec"]["spec"]:
        option = options_of(name_of(entry))[question["variable"]]
        assert set(question.get("choices", [])) <= set(option.get("choices", ["yes", "no"]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"default": "sideways"}, "the default is no choice"),
        ({"choices": []}, "non-empty"),
        ({"variable": "exchange_hosts"}, "exchange_hosts: twice"),
        ({"type": "menu"}, "'menu' is not one of"),
        ({"required": "yes"}, "'yes' is not of type 'boolean'"),
        ({"min": "1"}, "'1' is not of type"),
    ],
)
def test_a_fault_of_a_survey_is_found(change: dict[str, Any], words: str) -> None:
    survey = copy.deepcopy(KIT.named("controller_templates", "Exchange")["survey_spec"])
    survey["spec"][1].update(change)
    assert words in "\n".join(faults_of_survey(survey))


def test_templates_lead_to_entries_of_the_kit() -> None:
    for entry in TEMPLATES:
        assert (DIRECTORY / "project" / entry["playbook"]).is_file(), entry["name"]
        for kind, key in (
            ("controller_projects", "project"),
            ("controller_inventories", "inventory"),
            ("controller_execution_environments", "execution_environment"),
        ):
            assert entry[key] in KIT.names(kind), entry["name"]
        assert set(entry["notification_templates_error"]) <= set(KIT.names("controller_notifications"))
        assert entry["job_slice_count"] == 1


def test_each_playbook_of_an_exchange_has_a_template() -> None:
    rotations = {path.stem for path in DIRECTORY.parent.glob("rotate_*.yml")}
    drills = {"restore_drill", "incident_drill"}
    named = {"exchange", "exchange_report", "deploy_exchange", "audit", "revoke_keys", *rotations, *drills}
    assert {name_of(entry) for entry in TEMPLATES} == named


def test_awx_finds_the_playbooks_of_the_project() -> None:
    """AWX looks for this in a line, and refuses a template whose file has no such line."""
    line = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.M)
    for path in (DIRECTORY / "project").glob("*.yml"):
        assert line.search(path.read_text()), path


def test_a_template_that_revokes_has_no_schedule_and_no_answer_that_nobody_gave() -> None:
    assert "Revoke keys" not in {entry["unified_job_template"] for entry in KIT.data["controller_schedules"]}
    questions = KIT.named("controller_templates", "Revoke keys")["survey_spec"]["spec"]
    assert [(each["required"], "default" in each, each["min"] > 0) for each in questions] == [(True, False, True)] * 2


def test_credentials_reach_the_named_template_alone() -> None:
    assert list(OPTIONS["kit_template_credentials"]["options"]) == ON_HOSTS
    given = {name: [f"for {name}"] for name in ON_HOSTS}
    kit = Kit.rendered({**VALUES, "kit_template_credentials": given})
    named = {entry["name"]: entry.get("credentials", []) for entry in kit.data["controller_templates"]}
    assert named == {"Exchange": ["Partners"], "Check": ["Partners"], "Report": ["Partners"], **given}
    kit = Kit.rendered({**VALUES, "kit_rotation_credentials": ["Keys"]})
    assert [entry["name"] for entry in kit.data["controller_templates"] if entry.get("credentials") == ["Keys"]] == [
        "Rotate keys"
    ]


@pytest.mark.parametrize(
    ("values", "on"),
    [
        ({}, {"Exchange and report"}),
        ({"kit_template_credentials": {"Audit": [], "Revoke keys": ["A"]}}, {"Exchange and report", "Audit"}),
        ({"kit_template_credentials": {"Audit": ["A"]}, "kit_schedules": False}, set()),
    ],
)
def test_a_schedule_is_on_if_its_template_has_credentials(values: dict[str, Any], on: set[str]) -> None:
    schedules = Kit.rendered({**VALUES, **values}).data["controller_schedules"]
    assert {entry["unified_job_template"] for entry in schedules if entry["enabled"]} == on
    assert {entry["unified_job_template"] for entry in schedules} == {
        "Exchange and report",
        *(name for name in ON_HOSTS if name not in ("Deploy jobs", "Revoke keys")),
    }


def test_sources_workflows_and_schedules_lead_to_entries_of_the_kit() -> None:
    for source in KIT.data["controller_inventory_sources"]:
        assert source["inventory"] in KIT.names("controller_inventories")
        assert source["source_project"] in KIT.names("controller_projects")
    for workflow in KIT.data["controller_workflows"]:
        nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
        for node in nodes.values():
            assert node["unified_job_template"]["name"] in KIT.names("controller_templates")
            for ways in node.get("related", {}).values():
                assert {way["identifier"] for way in ways} <= set(nodes)
    for schedule in KIT.data["controller_schedules"]:
        named = schedule["unified_job_template"]
        assert named in (*KIT.names("controller_workflows"), *KIT.names("controller_templates"))
        assert re.fullmatch(r"DTSTART;TZID=\S+:\d{8}T\d{6} RRULE:FREQ=\w+;INTERVAL=\d+(;\w+=\S+)*", schedule["rrule"])


def test_the_kit_has_the_names_of_config_as_code() -> None:
    assert set(KIT.data) == set(DISPATCHED)
    assert set(OPTIONS) - set(DISPATCHED) == {name for name in OPTIONS if name.startswith("kit_")}


def test_the_plays_differ_in_the_collection_alone() -> None:
    first, second = (
        (DIRECTORY / name).read_text().partition("- name: Apply the kit")[2]
        for name in ("apply.yml", "apply_controller.yml")
    )
    assert first.replace("awx.awx.", "ansible.controller.") == second


def test_the_play_passes_every_option_on_to_an_argument_that_is_published() -> None:
    applied = tasks("awx.awx.", "apply.yml")
    assert list(applied) == list(DISPATCHED.values())
    for variable, module in DISPATCHED.items():
        options = OPTIONS[variable]["options"]
        specification = published()[module]
        assert set(applied[module]) == set(options), module
        assert set(options) <= set(specification), module
        for name, option in options.items():
            assert option["type"] == specification[name].get("type", "str"), (module, name)
            assert option.get("required", False) >= specification[name].get("required", False), (module, name)
        for entry in KIT.data[variable]:
            assert set(entry) <= set(options), entry["name"]


def test_tasks_pass_each_value_of_the_item() -> None:
    for module, arguments in tasks("awx.awx.", "apply.yml").items():
        for name, value in arguments.items():
            assert value in (f"{{{{ item.{name} }}}}", f"{{{{ item.{name} | default(omit) }}}}"), module


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda entry: entry["name"])
def test_the_project_imports_playbooks_with_their_options(template: dict[str, Any]) -> None:
    (play,) = yaml.safe_load((DIRECTORY / "project" / template["playbook"]).read_text())
    assert (DIRECTORY.parent / f"{name_of(template)}.yml").is_file()
    assert set(play["vars"]) <= {*EXCHANGE, *options_of("revoke_keys"), "audit_path"}
    used = set(re.findall(r"\bawx_\w+", str(play)))
    assert used - {"awx_user_name"} == set(template["extra_vars"])


def test_the_page_names_every_option_field_question_and_template() -> None:
    fields = [field["id"] for entry in TYPES for field in entry["inputs"]["fields"]]
    questions = [question["variable"] for entry in SURVEYS for question in entry["survey_spec"]["spec"]]
    options = [name for name in OPTIONS if name.startswith("kit_")]
    assert [name for name in (*fields, *questions, *options) if f"`{name}`" not in PAGE] == []
    assert "awx_signing_key_file" in PAGE
    assert [entry["name"] for entry in (*TEMPLATES, *TYPES) if f"| {entry['name']} |" not in PAGE] == []

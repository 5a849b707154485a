# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles have one shape: the argument specification is the truth, and everything else follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
FAMILIES = ("Debian", "RedHat")
SECRETS = ("password", "passphrase", "password_hash")
MOST_VARIABLES = 26  # of one entry point
MOST_IN_A_ROLE = 15  # of all entry points
WITHOUT_ROLE = (
    *("audit", "build_sync_program", "deploy_exchange", "exchange", "exchange_openpgp", "exchange_report"),
    "propose_response",
    *("publish_sealed", "publish_signed", "retry_job", "sync"),
)
"""Playbooks that run modules."""


def specification(role: str) -> dict[str, Any]:
    """Return the options of a role, of all its entry points."""
    entries = yaml.safe_load((ROOT / "roles" / role / "meta/argument_specs.yml").read_text())["argument_specs"]
    options: dict[str, Any] = {}
    for entry in entries.values():
        options |= {name: spec for name, spec in entry["options"].items() if name not in options}
    return options


def text_of(role: str) -> str:
    """Return the text of a role's tasks, variables and templates."""
    files = [path for part in ("tasks", "vars", "templates") for path in (ROOT / "roles" / role / part).rglob("*.*")]
    return "\n".join(path.read_text() for path in files)


def names_in(role: str) -> set[str]:
    """Return the options that a role's tasks, variables and templates use."""
    used = re.findall(r"(?:\.options|\bgiven|\boptions)(?:\.([a-z_]+)|\['([a-z_]+)'\])", text_of(role))
    return {f"{role}_{dotted or quoted}" for dotted, quoted in used}


@pytest.mark.parametrize("role", ROLES)
def test_the_defaults_are_those_of_the_specification_in_its_order(role: str) -> None:
    options = specification(role)
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text())
    said = {name: spec["default"] for name, spec in options.items() if not spec.get("required") and "default" in spec}
    assert list(defaults.items()) == list(said.items())


@pytest.mark.parametrize("role", ROLES)
def test_the_options_are_few_and_named_after_the_role(role: str) -> None:
    entries = yaml.safe_load((ROOT / "roles" / role / "meta/argument_specs.yml").read_text())["argument_specs"]
    assert {name for name, entry in entries.items() if not 0 < len(entry["options"]) <= MOST_VARIABLES} == set()
    options = specification(role)
    assert [name for name in options if not name.startswith(f"{role}_")] == []
    assert [name for name, spec in options.items() if not spec.get("description") or "type" not in spec] == []


@pytest.mark.parametrize(
    "role", ["account_access", "break_glass", "key_revocation", *(role for role in ROLES if role.endswith("_rotation"))]
)
def test_a_role_of_rotation_or_incidents_has_few_variables(role: str) -> None:
    assert 0 < len(specification(role)) <= MOST_IN_A_ROLE


@pytest.mark.parametrize("role", ROLES)
def test_a_role_uses_no_private_variable_of_another(role: str) -> None:
    others = "|".join(sorted((each for each in ROLES if each != role), key=len, reverse=True))
    assert set(re.findall(rf"(?<!\w)__(?!{role}\b|{role}_)(?:{others})\w*", text_of(role))) == set()


@pytest.mark.parametrize("role", ROLES)
def test_an_option_hides_no_method_of_a_dictionary(role: str) -> None:
    """As options.keys, Jinja gives the method: such an option is written options['keys']."""
    assert re.findall(rf"(?:\.options|\bgiven)\.(?:{'|'.join(dir(dict))})\b", text_of(role)) == []


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_never_shown(role: str) -> None:
    secrets = {name: spec for name, spec in options_within(specification(role)) if name.endswith(SECRETS)}
    assert [name for name, spec in secrets.items() if not spec.get("no_log")] == []


def options_within(options: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give options and those inside them."""
    for name, spec in options.items():
        yield name, spec
        yield from options_within(spec.get("options", {}))


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_used(role: str) -> None:
    assert set(specification(role)) <= names_in(role)


# Facts override defaults, group_vars and host_vars, but not registered variables.
@pytest.mark.parametrize("role", ROLES)
def test_options_are_those_that_were_taken_on_the_controller(role: str) -> None:
    templates = "\n".join(re.findall(r"\{\{[\s\S]*?\}\}|\{%.*?%\}|^ *(?:when|that): .*$", text_of(role), re.M))
    variables = yaml.safe_load((ROOT / "roles" / role / "vars/main.yml").read_text())
    results = set(variables.get(f"__{role}_results", []))
    assert set(re.findall(rf"(?<![\w.']){role}_[a-z_]+\b", templates)) - results == set()


@pytest.mark.parametrize("role", ROLES)
def test_the_first_task_takes_the_options(role: str) -> None:
    first = yaml.safe_load((ROOT / "roles" / role / "tasks/main.yml").read_text())[0]
    if "ansible.builtin.include_tasks" in first:
        included = first["ansible.builtin.include_tasks"]
        (first,) = yaml.safe_load((ROOT / "roles" / role / "tasks" / included).read_text())
    assert (first["secure.ftp_synchronize.role_options"]["role"], first["register"]) == (role, f"__{role}")


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_in_no_temporary_file_of_a_host(role: str) -> None:
    assert yaml.safe_load((ROOT / "roles" / role / "vars/main.yml").read_text())["ansible_pipelining"] is True


def test_conditions_are_expressions_and_not_templates() -> None:
    keyword = re.compile(r"^ {2,6}(?:that|when|failed_when|changed_when|until): .*\{\{", re.M)
    for path in (ROOT / "roles").rglob("tasks/**/*.yml"):
        assert keyword.findall(path.read_text()) == [], f"ansible-core 2.23 will refuse it: {path}"


def test_no_task_merges_a_mapping() -> None:
    """Ansible warns about each key that replaces a merged key, in each run."""
    files = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    assert [path for path in files if "<<:" in path.read_text()] == []


CHOSEN_BY_OPTIONS = ("_families[", "__mfa_manager", "__password_rotation_manager", "{{ drill_check.file }}")


def test_no_answer_of_a_host_chooses_a_file() -> None:
    for path in (ROOT / "roles").rglob("tasks/**/*.yml"):
        for task in yaml.safe_load(path.read_text()):
            for module in ("include_vars", "include_tasks", "import_tasks"):
                file = str(task.get(f"ansible.builtin.{module}", ""))
                assert "{{" not in file or any(name in file for name in CHOSEN_BY_OPTIONS), path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_what_its_users_look_for(role: str) -> None:
    home = ROOT / "roles" / role
    assert "```yaml" in (home / "README.md").read_text()
    assert (home / "meta/main.yml").exists()
    families = {path.stem for path in (home / "vars").glob("*.yml")} - {"main"}
    assert not families or families >= {"Debian", "RedHat"}


def tasks_of(text: str) -> list[dict[str, Any]]:
    """Return the tasks of all plays of a playbook."""
    return [task for play in yaml.safe_load(text) for task in play.get("tasks", [])]


def includes_a_role(task: dict[str, Any]) -> bool:
    """Return whether a task does nothing else; the first task of a play forgets facts, see test_trust.py."""
    return set(task) == {"name", "ansible.builtin.include_role"} or "ansible.builtin.meta" in task


def test_playbooks_have_no_logic() -> None:
    for path in (ROOT / "playbooks").glob("*.yml"):
        text = path.read_text()
        assert not re.search(r"\bwhen:", text), path
        assert "set_fact" not in text, path
        assert path.stem in WITHOUT_ROLE or all(map(includes_a_role, tasks_of(text))), path


def families_of(role: str) -> dict[str, dict[str, Any]]:
    """Return the values of a role for each family of systems."""
    return yaml.safe_load((ROOT / f"roles/{role}/vars/main.yml").read_text()).get(f"__{role}_families", {})


def test_families_differ_in_values_and_not_in_names() -> None:
    tables = {role: families_of(role) for role in ROLES if families_of(role)}
    assert len(tables) == 7
    assert list(tables.pop("at_rest")) == ["Debian"], "other systems have no packages for it"
    for role, families in tables.items():
        assert list(families) == list(FAMILIES), role
        assert families["RedHat"].keys() == families["Debian"].keys(), role
        assert [name for name in families["Debian"] if f"family.{name}" not in text_of(role)] == ["programs"][
            : "programs" in families["Debian"]
        ], role


def system_of(family: str) -> dict[str, Any]:
    """Return the answer of host_system; its family is put in."""
    files = {"/proc/net/if_inet6": 1, "/etc/vsftpd.conf": 1795618963, "/etc/vsftpd/vsftpd.conf": None}
    contents = {"/etc/vsftpd.conf": "eA==", "/etc/vsftpd/vsftpd.conf": "eA=="}
    service = {"active": True, "enabled": True, "since": 1795618963}
    return {"family": family, "missing": [], "files": files, "contents": contents, "service": service}


def rendered(role: str, family: str) -> dict[str, Any]:
    """Return the variables of a role on a system of a family, with its defaults, as tasks see them."""
    loader = DataLoader()
    spec = role_spec(role, "main", loader.load_from_file)
    variables = {"inventory_hostname": "files.example.com", f"__{role}": {"options": option_values(spec, {})}}
    variables |= {f"__{role}_policy": {"changed": False}, f"__{role}_signed": {"changed": False, "skipped": True}}
    variables |= loader.load_from_file(str(ROOT / f"roles/{role}/vars/main.yml"), trusted_as_template=True)
    system = system_of("")
    system["files"][variables[f"__{role}"]["options"].get("certificate_file", "")] = 1
    system["family"] = Templar(loader, variables=variables).template(variables[f"__{role}_families"][family])
    templar = Templar(loader, variables={**variables, f"__{role}_system": system})
    templates = ("lookup(",)
    return {
        name: templar.template(value)
        for name, value in variables.items()
        if not any(w in str(value) for w in templates)
    }


def test_an_ssh_server_of_the_red_hat_family_rendered() -> None:
    debian, redhat = (rendered("sftp_server", family) for family in FAMILIES)
    assert redhat["__sftp_server_service"] == "sshd"
    # Only Debian's sshd knows it: another would not start.
    assert debian["__sftp_server_own"].pop("DebianBanner") == "no"
    assert redhat["__sftp_server_own"] == debian["__sftp_server_own"]


def test_an_ftps_server_of_the_red_hat_family_rendered() -> None:
    debian, redhat = (rendered("ftps_server", family) for family in FAMILIES)
    assert redhat["__ftps_server_config"] == "/etc/vsftpd/vsftpd.conf"
    # Debian's vsftpd matches other parts of a path.
    for patterns in (redhat["__ftps_server_own"].pop("deny_file"), debian["__ftps_server_own"].pop("deny_file")):
        assert {".forward", ".ht", ".ssh"} <= set(re.findall(r"\.(?:forward|ht|ssh)", patterns))
    assert redhat["__ftps_server_own"] == debian["__ftps_server_own"]
    assert redhat["__ftps_server_own"]["anonymous_enable"] is False
    assert debian["__ftps_server_due"] is False


def delegated_tasks(tasks: Any) -> Iterator[dict[str, Any]]:
    """Return the tasks that are delegated to another host, also those inside blocks."""
    for task in tasks or []:
        if str(task.get("delegate_to", "localhost")) != "localhost":
            yield task
        for part in ("block", "rescue", "always"):
            yield from delegated_tasks(task.get(part))


def test_delegated_tasks_are_modules_of_this_collection() -> None:
    """Ansible takes facts from a delegated task for the host of the play; the collection's modules are examined for
    facts."""
    files = [path for role in ROLES for path in (ROOT / "roles" / role / "tasks").rglob("*.yml")]
    tasks = [task for path in files for task in delegated_tasks(yaml.safe_load(path.read_text()))]
    assert len(tasks) > 5
    ours = "secure.ftp_synchronize."
    assert [task["name"] for task in tasks if not any(key.startswith(ours) for key in task)] == []


def test_the_collections_that_roles_need_are_in_the_requirements() -> None:
    used = {name for role in ROLES for name in re.findall(r"\bcommunity\.[a-z_]+", text_of(role))}
    listed = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    assert used == {each["name"] for each in listed}
    assert all(each["version"].startswith(">=") for each in listed)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for YAML of Ansible. Each finding has its line; the same task without the fault has none."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.yaml_rules import (
    NotYaml,
    compose,
    literals,
    placed,
)
from support.fuzz.hostile_lines import is_slow


def found(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.found.id) for each in placed(compose(text))]


CASES = {
    "value": ("- vars:\n    db_password: hunter2\n", (2, "literal_secret"), "hunter2", "'{{ x }}'"),
    "list": ("passwords:\n- hunter2\n", (2, "literal_secret"), "- hunter2", "- '{{ x }}'"),
    "vault": ("db_password: hunter2\n", (1, "literal_secret"), "hunter2", "!vault hunter2"),
    "number": ("token: abc\n", (1, "literal_secret"), "abc", "true"),
    "command": ("- name: x\n  ansible.builtin.command: curl -u a:b1 x\n", (2, "secret_in_argv"), "a:b1", "a"),
    "argv": ("- command:\n    argv: [sshpass, -p, b1]\n", (1, "secret_in_argv"), "b1", "'{{ x }}'"),
    "variable": ("- shell: job {{ db_password }}\n", (1, "secret_in_argv"), "db_password", "name"),
    "debug": ("- debug:\n    var: db_password\n", (1, "secret_in_debug"), "db_password", "name"),
    "message": ("- ansible.builtin.debug:\n    msg: '{{ token }}'\n", (1, "secret_in_debug"), "token", "name"),
    "environment": ("- command: x\n  environment:\n    PW: '{{ db_password }}'\n", (3, "secret_in_environment"),
                    "db_password", "name"),
    "no_log": ("- user:\n    password: '{{ db_password }}'\n  no_log: false\n", (3, "no_log_off"), "false", "true"),
    "loop": ("- user:\n    password: '{{ item.password }}'\n  loop: '{{ all }}'\n", (3, "loop_without_label"),
             "loop: ", "loop_control: {label: x}\n  loop: "),
    "loop variable": ("- user:\n    password: '{{ one.password }}'\n  with_items: '{{ all }}'\n"
                      "  loop_control: {loop_var: one}\n", (3, "loop_without_label"), "one}", "one, label: x}"),
    "items": ("- user:\n    name: x\n  loop: [{name: a, password: '{{ b }}'}]\n", (3, "loop_without_label"),
              "password", "shell"),
    "job": ("job_templates:\n- name: x\n  playbook: y.yml\n  verbosity: 4\n", (4, "verbose_job"), "4", "1"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_fault_and_its_cure(case: str) -> None:
    text, wanted, fault, cure = CASES[case]
    assert found(text) == [wanted]
    assert text.count(fault) == 1
    assert found(text.replace(fault, cure)) == []


def test_aliases_and_several_documents() -> None:
    assert found("a: &x {password: p1}\nb: *x\n---\npassword: p2\n") == [(1, "literal_secret"), (4, "literal_secret")]
    assert found("a: &x [*x]\n") == []


def test_an_environment_that_tasks_share_is_found_once() -> None:
    text = "- &x {environment: &e {PW: '{{ db_password }}'}}\n- environment: *e\n"
    assert found(text) == [(1, "secret_in_environment")]


def test_loops_that_share_their_items() -> None:
    text = "- {x: 1, loop: &i [{password: '{{ b }}'}]}\n- {x: 1, loop: *i}\n- {x: 1, loop: [{name: *i}]}\n"
    assert found(text) == [(line, "loop_without_label") for line in (1, 2, 3)]


def test_a_part_of_another_variable_is_no_item() -> None:
    names = " ".join("{{ x%d.password }}" % number for number in range(120))
    assert found("- {x: '{{ one.password }}', loop: '{{ all }}'}\n") == []
    assert found("- {x: '%s', loop: '{{ all }}'}\n" % names) == [(1, "loop_without_label")], "too many to be sure"


GROWING = {
    "loops": lambda count: "{loop: " * count + "x" + "}" * count,
    "tasks without a log": lambda count: "{no_log: false, a: " * count + "x" + "}" * count,
    "shared items": lambda count: "- &x [%s]\n" % ("{a: 1}, " * count) + "- {loop: *x}\n" * count,
    "shared environment": lambda count: (
        "- &x {%s}\n" % "".join(f"a{each}: 1, " for each in range(count))
        + "- {environment: *x, debug: *x, shell: *x}\n" * count
    ),
}


@pytest.mark.parametrize("case", GROWING)
def test_linear_time(case: str) -> None:
    sizes = (60, 120, 240) if "loops" in case or "tasks" in case else (500, 1000, 2000)
    documents = [compose(GROWING[case](size)) for size in sizes]
    assert not is_slow(lambda each: list(placed(each)), documents)


def test_a_tag_runs_nothing() -> None:
    assert found("!!python/object/apply:os.system [id]\n") == []


@pytest.mark.parametrize("text", ["a: [", "a: 'x\n", "\t"])
def test_other_text_is_no_yaml_and_is_not_shown(text: str) -> None:
    with pytest.raises(NotYaml) as refused:
        compose(text + "hunter2")
    assert str(refused.value).startswith("not YAML")
    assert "hunter2" not in str(refused.value)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(NotYaml):
        compose("[" * 100_000)


def test_texts_that_are_written_out() -> None:
    assert list(literals(compose("a: b\nc: '{{ d }}'\ne: !vault f\n"))) == ["b"]

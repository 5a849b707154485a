# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of AWX for credential types and surveys, written as JSON schemas after its source (version 24.6.1).

assert faults_of_type(kit.named("controller_credential_types", "Partner over SFTP")) == []
"""

from __future__ import annotations

__all__ = ["faults_of_survey", "faults_of_type"]

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft202012Validator

_FIELD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "label"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$", "not": {"const": "tower"}},
        "label": {"type": "string"},
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "help_text": {"type": "string"},
        "multiline": {"type": "boolean"},
        "secret": {"type": "boolean"},
        "ask_at_runtime": {"type": "boolean"},
        "default": {"type": ["string", "boolean"]},
    },
}
_VARIABLES = {"patternProperties": {r"^[a-zA-Z_]+[a-zA-Z0-9_]*$": {"type": "string"}}, "additionalProperties": False}
_CREDENTIAL_TYPE = {
    "type": "object",
    "required": ["name", "kind", "inputs", "injectors"],
    "properties": {
        "kind": {"enum": ["net", "cloud"]},  # the kinds of custom types
        "inputs": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "fields": {"type": "array", "items": _FIELD},
                "required": {"type": "array", "items": {"type": "string"}},
            },
        },
        "injectors": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "extra_vars": {"type": "object", **_VARIABLES},
                "env": {"type": "object", "propertyNames": {"not": {"pattern": "^ANSIBLE_"}}, **_VARIABLES},
                "file": {
                    "type": "object",
                    "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": {"type": "string"}},
                    "additionalProperties": False,
                },
            },
        },
    },
}
_QUESTION = {
    "type": "object",
    "required": ["question_name", "variable", "type", "required"],
    "properties": {
        "question_name": {"type": "string"},
        "variable": {"type": "string"},
        "required": {"type": "boolean"},
        "type": {"enum": ["text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float"]},
        "min": {"type": ["integer", "null"]},
        "max": {"type": ["integer", "null"]},
        "default": {"not": {"type": "string", "pattern": r"^\$encrypted\$"}},
    },
    "allOf": [
        {
            "if": {"properties": {"type": {"enum": ["multiplechoice", "multiselect"]}}},
            "then": {"required": ["choices"], "properties": {"choices": {"minItems": 1, "items": {"type": "string"}}}},
        },
        {
            "if": {"properties": {"type": {"const": "integer"}}},
            "then": {"properties": {"default": {"type": "integer"}}},
        },
        {
            "if": {"properties": {"type": {"enum": ["text", "textarea", "password", "multiplechoice"]}}},
            "then": {"properties": {"default": {"type": "string"}}},
        },
    ],
}
_SURVEY = {
    "type": "object",
    "required": ["name", "description", "spec"],
    "properties": {
        "name": {"type": "string"},
        "description": {"type": "string"},
        "spec": {"type": "array", "minItems": 1, "items": _QUESTION},
    },
}


def faults_of_type(entry: Mapping[str, Any]) -> list[str]:
    """Return the faults for which AWX would refuse a credential type."""
    faults = _broken(_CREDENTIAL_TYPE, entry)
    return faults or [*_faults_of_fields(entry["inputs"]), *_faults_of_templates(entry)]


def faults_of_survey(survey: Mapping[str, Any]) -> list[str]:
    """Return the faults for which AWX would refuse a survey."""
    faults = _broken(_SURVEY, survey)
    return faults or [
        *_twice(question["variable"] for question in survey["spec"]),
        *(
            f"{question['variable']}: the default is no choice"
            for question in survey["spec"]
            if "choices" in question and question.get("default", "") not in ("", *question["choices"])
        ),
    ]


def _broken(schema: Mapping[str, Any], value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]


def _twice(names: Iterable[str]) -> Iterator[str]:
    return (f"{name}: twice" for name, count in Counter(names).items() if count > 1)


def _faults_of_fields(inputs: Mapping[str, Any]) -> Iterator[str]:
    ids = [field["id"] for field in inputs["fields"]]
    yield from _twice(ids)
    yield from (f"{name}: required, and no field" for name in inputs.get("required", []) if name not in ids)
    for field in inputs["fields"]:
        if field.get("type", "string") == "boolean":
            yield from (
                f"{field['id']}: {key} of a boolean"
                for key in ("choices", "multiline", "format", "secret")
                if key in field
            )


def _faults_of_templates(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the templates that use anything but the fields and the injected files."""
    injectors = entry["injectors"]
    labels = list(injectors.get("file", {}))
    if len(labels) > 1 and "template" in labels:
        yield "template: one of several files"
    files = {label.partition(".")[2]: "EXAMPLE" for label in labels}
    names = {field["id"]: "EXAMPLE" for field in entry["inputs"]["fields"]}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for kind, templates in injectors.items():
        for name, template in templates.items():
            try:
                environment.from_string(template).render(names, tower={"filename": files.get("", files)})
            except UndefinedError as error:
                yield f"{kind} {name}: {re.sub(r'object has', 'has', str(error))}"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 10.2: policies are written and approved, and match the measurements.

A sentence whose author names its controls is as good as they are. Retention is measured here.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Sequence, Tuple

from ..control import CLIENT, CONTROLLER, FTPS_SERVER, SFTP_SERVER, Check, Control, Gap, Note, NotMeasured, Subject
from ..policy import span
from ..report import FAIL, NOT_MEASURED
from ..values import is_within

MEASURED_BY: Mapping[str, Tuple[str, ...]] = {
    "retention": ("10.2",),
    "access": ("2.1", "2.2", "2.3", "5.1", "5.2"),
    "encryption": ("1.3", "6.1", "6.2", "7.1"),
    "rotation": ("5.3", "8.2"),
    "contacts": (),
}
"""The policies, and the controls that measure them."""
_LONGEST, _MOST = 100, 5
"""Characters of a sentence, and sentences of a note."""


def _documents(subject: Subject) -> Iterator[Gap]:
    found = {each["name"]: each for each in subject.values["policies"]}
    if not found:
        raise NotMeasured("policies: none is declared")
    most = subject.policy.review_max_age
    for name in MEASURED_BY:
        if name not in found:
            yield Gap(f"no policy of {name}", "a policy with a text, a person and a day", "medium")
            continue
        if not found[name]["text"].strip() or not found[name]["approved_by"].strip():
            yield Gap(f"{name}: has no text or no person", "a policy with a text, a person and a day", "medium")
        if not is_within(subject, found[name]["approved"], most):
            shown = f"{name}: approved on {found[name]['approved'][:10]}"
            yield Gap(shown, f"approved in the last {span(most)}", "medium")


def _sentences(subject: Subject) -> Iterator[Gap | Note]:
    """Judge the sentences that name controls; the row names the others."""
    unmeasured: List[str] = []
    for policy in subject.values["policies"]:
        for each in policy["statements"]:
            shown = f'{policy["name"]}: "{each["text"][:_LONGEST]}"'
            failing = _in_state(subject, each["controls"], FAIL)
            if failing:
                yield Gap(f"{shown}: {', '.join(failing)}", "the measured state that it declares", "medium")
            unmeasured += [f"{shown}: {number}" for number in _in_state(subject, each["controls"], NOT_MEASURED)]
    yield from _notes(subject.values["policies"])
    if unmeasured:
        raise NotMeasured(f"policies: not measured: {'; '.join(unmeasured[:_MOST])}")


def _in_state(subject: Subject, controls: Sequence[str], state: str) -> List[str]:
    return [number for number in controls if subject.states.get(number) == state]


def _notes(policies: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    without = [each["name"] for each in policies if not any(line["controls"] for line in each["statements"])]
    if without:
        yield Note(f"No sentence of these policies names its controls: {', '.join(without)}.")
    alone = [line["text"][:_LONGEST] for each in policies for line in each["statements"] if not line["controls"]]
    if alone:
        more = f" and {len(alone) - _MOST} more" if len(alone) > _MOST else ""
        yield Note("No control measures: %s%s." % (", ".join(f'"{text}"' for text in alone[:_MOST]), more))


def _kept(subject: Subject) -> Iterator[Gap]:
    if not subject.values["retention"]:
        raise NotMeasured("retention: no events, log or archives were found")
    for each in subject.values["retention"]:
        yield from _oldest(subject, f"{each['what']}: {each['path']}", each["written"])


def _records(subject: Subject) -> Iterator[Gap]:
    for each in subject.values["job_runs"]:
        if each["oldest"]:
            yield from _oldest(subject, f"records of {each['job']}", each["oldest"])
    undated = [each["job"] for each in subject.values["job_runs"] if each["ended"] and not each["oldest"]]
    if undated or not subject.values["job_runs"]:
        raise NotMeasured(f"job_runs: the oldest record of {', '.join(undated) or 'any job'} has no time")


def _oldest(subject: Subject, shown: str, written: str) -> Iterator[Gap]:
    most = subject.policy.retention_max
    if not is_within(subject, written, most):
        yield Gap(f"{shown}: of {written[:10]}", f"at most {span(most)}", "medium")


POLICIES = Control(
    "10.2",
    "Policies of retention, access, encryption, rotation and contacts are written and approved. No control that their "
    "sentences name fails. Logs, records and archives are not older than the policy allows.",
    "medium",
    "Set the variables policy_*, correct the controls that their sentences name, and remove old data.",
    (
        Check(CONTROLLER, ("policies",), _documents),
        Check(CONTROLLER, ("policies",), _sentences),
        *(Check(kind, ("retention",), _kept) for kind in (SFTP_SERVER, FTPS_SERVER)),
        Check(CLIENT, ("job_runs",), _records),
    ),
    "The page shows each policy with the controls that measure it. A file is as old as its last change: old lines in a "
    "file that is still written, and data in other places, are not measured. Contacts are not measured.",
)

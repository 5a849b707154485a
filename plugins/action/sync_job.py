# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the program sync.pyz, built on the controller, then run the module of this name, and examine every answer."""

from __future__ import annotations

import hashlib
import posixpath
import tempfile
from collections.abc import Mapping
from typing import Any

from ansible import constants

from ..module_utils._edge.contract import Task
from ..module_utils._edge.jobs import sync_job as edge
from ..module_utils._edge.jobs.build_program import program
from ..plugin_utils.steps_action import StepsAction
from ..plugin_utils.transfers import job_of_transfer

MODE = "0755"
MISSING = "missing"
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class ActionModule(StepsAction):
    """Refuse wrong jobs before the host is contacted, install the program, and deploy the jobs."""

    def _answer(self, tmp: Any, task_vars: Variables) -> Answer:
        jobs = self._task.args.get("jobs")
        if isinstance(jobs, list) and all(isinstance(job, dict) for job in jobs):
            # The secrets of transfers: no_log hides the values of the option secrets, not those of options.
            self._task.args = {**self._task.args, "jobs": [job_of_transfer(job) for job in jobs]}
        _result, given = self.validate_argument_spec(**edge.spec())
        request = edge.request(Task(given, check_mode=bool(self._task.check_mode)))
        wanted = any(job.present for job in request.jobs)
        installed = self._program(request.program, task_vars) if wanted else {}
        if installed.get("failed"):
            return installed
        return self._joined(installed, self._own_step("sync_job", self._task.args, task_vars))

    def _program(self, path: str, task_vars: Variables) -> Answer:
        """Keep the program at its path. Return the change, if any, or the answer that failed."""
        content = program()
        digest = hashlib.sha256(content).hexdigest()
        question = {"path": path, "checksum_algorithm": "sha256", "get_mime": False, "get_attributes": False}
        found = self._step("ansible.builtin.stat", question, task_vars)
        if found.get("failed"):
            return found
        before = _state(found.get("stat"))
        after = f"SHA-256 {digest}, mode {MODE}"
        if before == after:
            return {}
        copied = {} if self._task.check_mode else self._copied(content, path, task_vars)
        return copied if copied.get("failed") else {"path": path, "before": before, "after": after}

    def _copied(self, content: bytes, path: str, task_vars: Variables) -> Answer:
        directory = {
            "path": posixpath.dirname(path),
            "state": "directory",
            "mode": MODE,
            "owner": "root",
            "group": "root",
        }
        made = self._step("ansible.builtin.file", directory, task_vars)
        if made.get("failed"):
            return made
        with tempfile.NamedTemporaryFile(dir=constants.DEFAULT_LOCAL_TMP) as source:
            source.write(content)
            source.flush()
            options = {"src": source.name, "dest": path, "mode": MODE, "owner": "root", "group": "root"}
            return self._step("ansible.builtin.copy", options, task_vars)

    def _joined(self, change: Answer, answer: Answer) -> Answer:
        """Return the answer of the module, with the change of the program in front."""
        if not change:
            return answer
        joined = {**answer, "changed": True, "changes": [change, *_list(answer.get("changes"))]}
        if "diff" in answer:
            joined["diff"] = [_diff(change), *_list(answer["diff"])]
        if not answer.get("failed"):
            done = "to be installed" if self._task.check_mode else "installed"
            joined["msg"] = f"{change['path']} {done}; {answer.get('msg')}"
        return joined


def _state(stat: Any) -> str:
    """Return the state of the program by the answer of the host, which may be anything."""
    if not isinstance(stat, Mapping) or stat.get("exists") is not True:
        return MISSING
    owner = "" if (stat.get("uid"), stat.get("gid")) == (0, 0) else ", of another owner"
    return f"SHA-256 {str(stat.get('checksum'))[:64]}, mode {str(stat.get('mode'))[:4]}{owner}"


def _diff(change: Answer) -> Answer:
    texts = {when: change[when] + "\n" for when in ("before", "after")}
    return {**texts, "before_header": change["path"], "after_header": change["path"]}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []

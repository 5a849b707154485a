# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boundary: in every case one JSON result and one exit status, without secrets."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import boundary
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace

BLANK = {"changed": False, "changes": []}
KEY_LINE = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
SECRETS = {
    "password": "canary 'quoted' \"word\"",
    "private_key": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY_LINE}\n-----END OPENSSH PRIVATE KEY-----\n",
}


@pytest.fixture
def module() -> Iterator[AnsibleModule]:
    """Yield a real module with two secrets."""
    with patch_module_args(SECRETS):
        yield AnsibleModule({name: {"type": "str", "no_log": True} for name in SECRETS})


@pytest.fixture
def end(module: AnsibleModule, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Return a function that runs work to the module's end and gives exit status and result."""

    def run(work: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        with pytest.raises(SystemExit) as caught:
            boundary.end(module, work, blank=BLANK)
        output = capfd.readouterr().out
        assert "canary" not in output
        assert KEY_LINE not in output
        return int(caught.value.code), json.loads(output)

    return run


def raising(error: BaseException) -> Callable[[], dict[str, Any]]:
    """Give work that fails with `error`."""

    def work() -> dict[str, Any]:
        raise error

    return work


End = Callable[..., tuple[int, dict[str, Any]]]


def test_a_result_is_passed_on(end: End) -> None:
    status, result = end(lambda: {"changed": True, "changes": [1], "msg": "done"})
    assert status == 0
    assert result == {"changed": True, "changes": [1], "msg": "done"}


def test_a_failed_result_fails_the_task(end: End) -> None:
    status, result = end(
        lambda: {"changed": True, "failed": True, "msg": "two items failed", "error": {"code": "item"}}
    )
    assert status == 1
    assert result["failed"] is True
    assert result["changed"] is True
    assert result["msg"] == "two items failed"
    assert result["error"] == {"code": "item"}


def test_an_error_of_the_engine(end: End) -> None:
    status, result = end(raising(NoSpace("no space left", path=b"a\x1b", cure="Make room.")))
    assert status == 1
    assert result["failed"] is True
    assert result["msg"] == "no space left: 'a\\x1b'. Make room."
    assert result["error"] == {"code": "no_space", "path": "a\\x1b", "message": "no space left", "cure": "Make room."}
    assert result["changes"] == []


def test_a_defect(end: End) -> None:
    status, result = end(raising(KeyError("missing")))
    assert status == 1
    assert result["error"]["code"] == "internal"
    assert result["msg"].startswith("internal error: KeyError: 'missing'. This is a defect")


@pytest.mark.parametrize(
    "error",
    [
        NoSpace(SECRETS["password"], cure=SECRETS["password"]),
        ValueError(SECRETS["password"]),
        ValueError("bad value %r" % SECRETS["password"]),
        KeyError(SECRETS["password"]),
        OSError(5, SECRETS["password"]),
        ValueError(f"cannot parse {SECRETS['private_key']}"),
        ValueError(repr(SECRETS["private_key"])),
        KeyError(SECRETS["private_key"]),
        ValueError(f"bad line: {KEY_LINE}"),
    ],
    ids=lambda error: repr(error)[:40],
)
def test_secrets_in_errors_are_hidden(end: End, error: Exception) -> None:
    status, result = end(raising(error))
    assert status == 1
    assert "***" in result["msg"] or result["msg"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_a_secret_that_is_read_later_is_hidden_too(capfd: pytest.CaptureFixture[str]) -> None:
    class Edge:
        @staticmethod
        def spec() -> dict[str, Any]:
            return {"argument_spec": {}}

        blank = staticmethod(lambda: BLANK)

        @staticmethod
        def run(task: Task) -> dict[str, Any]:
            task.hide(SECRETS["private_key"])
            return {"msg": repr(SECRETS["private_key"]), "lines": [f"of {KEY_LINE}"]}

    with patch_module_args({}), pytest.raises(SystemExit):
        boundary.run(Edge())
    shown = capfd.readouterr().out
    assert KEY_LINE not in shown
    assert json.loads(shown)["lines"] == ["of ********"]


def test_secrets_inside_of_lists_are_hidden_in_the_log_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible writes the invocation to the log, and lists of dictionaries as Python text, with escaped line ends."""
    logged: list[str] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _self, msg, **_options: logged.append(str(msg)))
    secrets = {"type": "dict", "no_log": True}
    jobs = {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}, "secrets": secrets}}
    with patch_module_args({"jobs": [{"name": "nightly", "secrets": SECRETS}]}):
        boundary.Module(blank=BLANK, argument_spec={"jobs": jobs})
    assert "nightly" in logged[0]
    assert "canary" not in logged[0]
    assert KEY_LINE not in logged[0]


def test_a_signal(end: End) -> None:
    def work() -> dict[str, Any]:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        return {}

    status, result = end(work)
    assert status == 1
    assert result["error"]["code"] == "interrupted"
    assert result["msg"] == "the run was ended: it received SIGTERM. Run it again: it continues from this state."


def test_a_module_without_secrets(capfd: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({}):
        plain = AnsibleModule({"password": {"type": "str", "no_log": True}})
        with pytest.raises(SystemExit):
            boundary.end(plain, lambda: {"msg": "all of it"}, blank={})
    assert json.loads(capfd.readouterr().out)["msg"] == "all of it"


class Warner:
    """A module's edge that warns about a name."""

    def spec(self) -> dict[str, Any]:
        return {"argument_spec": {}}

    def blank(self) -> dict[str, Any]:
        return {}

    def run(self, task: Task) -> dict[str, Any]:
        task.warn("skipped 'name'")
        return {"changed": False}


@pytest.mark.parametrize("no_log", [False, True])
def test_warnings_are_shown_unless_the_task_hides_its_result(no_log: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """ansible-core shows the warnings of a module under no_log too."""
    shown: list[str] = []
    monkeypatch.setattr(boundary.Module, "warn", lambda _module, text: shown.append(text))
    with patch_module_args({"_ansible_no_log": no_log}), pytest.raises(SystemExit):
        boundary.run(Warner())
    assert shown == ([] if no_log else ["skipped 'name'"])


class Teller(Warner):
    """Returns what the task permits."""

    def blank(self) -> dict[str, Any]:
        return {"changed": False}

    def run(self, task: Task) -> dict[str, Any]:
        return {"check_mode": task.check_mode, "diff": {"after": "text"}, "progress_file": task.progress_file}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("diff", [False, True])
def test_check_mode_and_diff_mode_reach_the_work(check: bool, diff: bool, capfd: pytest.CaptureFixture[str]) -> None:
    given = {"_ansible_check_mode": check, "_ansible_diff": diff}
    with patch_module_args(given), pytest.raises(SystemExit) as caught:
        boundary.run(Teller())
    result = json.loads(capfd.readouterr().out)
    assert (caught.value.code, result["check_mode"], result["changed"]) == (0, check, False)
    assert (result["progress_file"], "diff" in result) == ("", diff)


def test_an_unknown_option_has_the_keys_of_every_failure(capfd: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({"nme": 1}), pytest.raises(SystemExit) as caught:
        boundary.run(Teller())
    result = json.loads(capfd.readouterr().out)
    assert (caught.value.code, result["failed"], result["changed"]) == (1, True, False)
    assert (result["error"]["code"], "nme" in result["msg"]) == ("invalid_request", True)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sync by a real ansible-playbook. Its way to a server: hosts/test_job_by_ansible.py."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.interrupt import Interrupted, interruptible
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import ansible_run
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.ansible_run import by_ansible
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ansible_program
from support.running.playbook_process import controller


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ansible-playbook be the program of the tests, with the collection under test."""
    monkeypatch.setattr(ansible_program, "_PLACES", str(Path(sys.executable).parent))
    for name, value in controller(tmp_path).items():
        monkeypatch.setenv(name, value)


def test_a_failed_sync_has_the_error_of_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that looks like a template is data. No secret is in the lines of Ansible, also with its debugging."""
    lines: list[str] = []
    run = ansible_run._run
    monkeypatch.setattr(ansible_run, "_run", lambda *given: (ended := run(*given), lines.append(ended.stdout))[0])
    monkeypatch.setenv("ANSIBLE_DEBUG", "1")
    monkeypatch.setenv("ANSIBLE_VERBOSITY", "5")
    options = {"host": "127.0.0.1", "src": f"{tmp_path}/{{{{ 1 + 1 }}}}", "dest": "in", "password": "canary{{ 1 }}"}
    result = by_ansible(options, check=True, diff=False, warn=pytest.fail)
    assert result["failed"] is True
    assert result["error"]["code"] == "source_missing"
    assert "{{ 1 + 1 }}" in result["error"]["message"]
    assert "Synchronize" in lines[0]
    assert "canary" not in lines[0]
    assert {"invocation", "ansible_facts", "exception"}.isdisjoint(result)


def test_without_the_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(
        SyncError, match=r"ansible-playbook: status [1-9]: .*secure\.ftp_synchronize\.secure_sync"
    ) as caught:
        by_ansible({"host": "127.0.0.1", "src": "/a", "dest": "b"}, check=False, diff=False, warn=pytest.fail)
    assert caught.value.code == "ansible_failed"
    assert "/usr/share/ansible/collections" in caught.value.cure


PLUGIN = """
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_NAME, CALLBACK_VERSION, CALLBACK_TYPE = "arguments", 2.0, "notification"

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not result.task_fields.get("no_log"):
            open({path!r}, "a").write(repr(result.task_fields))
"""


def test_a_callback_plugin_that_respects_no_log_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins, seen = tmp_path / "callbacks", tmp_path / "seen"
    plugins.mkdir()
    (plugins / "arguments.py").write_text(PLUGIN.format(path=str(seen)))
    monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", str(plugins))
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "arguments")
    options = {"host": "127.0.0.1", "src": f"{tmp_path}/none", "dest": "in", "password": "canary"}
    result = by_ansible(options, check=True, diff=False, warn=pytest.fail)
    assert result["error"]["code"] == "source_missing"
    assert "canary" not in (seen.read_text() if seen.exists() else "")


def test_nothing_that_runs_comes_from_the_home_of_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was taken over could otherwise take over all later runs."""
    run, planted = tmp_path / "ran", tmp_path / "planted"
    text = f"open({str(run)!r}, 'w')\n"
    site = f".local/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    ours = "ansible_collections/secure/ftp_synchronize/plugins/modules/secure_sync.py"
    for name in (f"{site}/usercustomize.py", f".ansible/collections/{ours}", ".ansible/plugins/callback/p.py"):
        (planted / name).parent.mkdir(parents=True)
        (planted / name).write_text(text)
    (planted / ".ansible.cfg").write_text(f"[defaults]\nlibrary = {planted}/.ansible\ncallbacks_enabled = p\n")
    monkeypatch.setenv("HOME", str(planted))
    monkeypatch.delenv("ANSIBLE_HOME")
    result = by_ansible(
        {"host": "h", "src": f"{tmp_path}/none", "dest": "in"}, check=True, diff=False, warn=pytest.fail
    )
    assert result["error"]["code"] == "source_missing"
    assert not run.exists()


TALKS = "signal.signal(signal.SIGTERM, lambda *_: (print('x' * 10**6, flush=True), open('ended', 'w'), sys.exit(0)))"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.mark.parametrize(
    ("ending", "seconds", "orderly"), [(TALKS, 60, True), (DEAF, 0.5, False)], ids=["talks", "deaf"]
)
def test_a_signal_ends_the_playbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, seconds: float, orderly: bool
) -> None:
    """The signal comes from the program itself, when it is ready."""
    program = tmp_path / "ansible-playbook"
    program.write_text(
        f"#!{sys.executable}\nimport os, signal, sys, time\n{ending}\n"
        "print(os.getpid(), file=open('pid', 'w'), flush=True)\n"
        "os.kill(os.getppid(), signal.SIGTERM)\nwhile True:\n    time.sleep(0.1)\n"
    )
    program.chmod(stat.S_IRWXU)
    monkeypatch.setattr(ansible_run, "_SECONDS_TO_END", seconds)
    with pytest.raises(Interrupted), interruptible():
        ansible_run._run([str(program)], str(tmp_path))
    assert (tmp_path / "ended").exists() == orderly
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)

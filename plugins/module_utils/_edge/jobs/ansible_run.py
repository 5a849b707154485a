# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sync of a job, carried out by ansible-playbook of this host: the module secure_sync with the same options.

Options and secrets are in an anonymous file in memory, which the play reads. Ansible passes them to the module on its
standard input (pipelining). They are data there: nothing in them is a template. The result comes back in a file.

The account of the job can write to its home. So nothing that Ansible or Python runs or obeys comes from there: neither
a configuration nor a collection, a plugin or a site directory. Those below /etc and /usr count.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import Any, Callable, Dict, List, Mapping, Optional

from ..._engine.errors import SyncError
from ..._engine.jobs.ansible_program import ansible_playbook
from ..._engine.jobs.strict_json import parse
from ..._engine.system.memory_file import in_memory
from ..contract import Result
from ..sync.secure_sync import blank

_SECONDS_TO_END = 60
_KEPT = ("failed", "msg", "error", "peer", "diff")
"""Keys of a result that not every result has. Ansible adds others of its own."""
_LINES, _LONGEST = 10, 400
_GIVEN, _RESULT = "secure_sync_options", "result.json"
_CONFIGURATION, _EMPTY = "/etc/ansible/ansible.cfg", "/empty.cfg"
_ENVIRONMENT = {
    "PYTHONNOUSERSITE": "1",
    # Without it, Ansible writes the options and the secrets of the task to a file.
    "ANSIBLE_PIPELINING": "1",
    "ANSIBLE_KEEP_REMOTE_FILES": "0",
    # no_log does not hold for the lines that Ansible writes for its own debugging.
    "ANSIBLE_DEBUG": "0",
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_LOCALHOST_WARNING": "0",
}


class _AnsibleFailed(SyncError):
    """ansible-playbook ended without a result of the module."""

    code = "ansible_failed"


def by_ansible(options: Mapping[str, Any], *, check: bool, diff: bool, warn: Callable[[str], None]) -> Result:
    """Return the result of the module. Raises AnsibleMissing, _AnsibleFailed. options: with the secrets."""
    program = ansible_playbook()
    with tempfile.TemporaryDirectory(prefix="secure_sync-") as place:
        with in_memory(json.dumps(options).encode()) as path:
            playbook = _written(place, list(options), path)
            modes = [*(["--check"] if check else []), *(["--diff"] if diff else [])]
            ended = _run([program, "--inventory", place + "/hosts", *modes, playbook], place)
        result = _result(place + "/" + _RESULT, ended)
    for text in result.pop("warnings", ()):
        warn(str(text))
    return {name: value for name, value in result.items() if name in blank() or name in _KEPT}


def _written(place: str, names: List[str], source: str) -> str:
    """Write the inventory and the playbook, which have no value of an option, and an empty configuration."""
    with open(place + _EMPTY, "w", encoding="ascii"):
        pass
    with open(place + "/hosts", "w", encoding="ascii") as file:
        file.write("localhost ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n")
    play = {
        "name": "Carry out the job",
        "hosts": "localhost",
        "gather_facts": False,
        "become": False,
        "vars": {"ansible_remote_tmp": place},
        "tasks": [
            {
                "name": "Read the options",
                "ansible.builtin.set_fact": {
                    _GIVEN: f"{{{{ lookup('ansible.builtin.pipe', 'cat {source}') | from_json }}}}"
                },
                "no_log": True,
            },
            {
                "name": "Synchronize",
                "secure.ftp_synchronize.secure_sync": {
                    name: f"{{{{ {_GIVEN}[{json.dumps(name)}] }}}}" for name in names
                },
                "register": "done",
                "ignore_errors": True,
                # Callback plugins get the arguments of a task.
                "no_log": True,
            },
            {
                "name": "Pass the result on",
                "ansible.builtin.copy": {
                    "content": "{{ done | to_json }}",
                    "dest": place + "/" + _RESULT,
                    "mode": "0600",
                },
                "check_mode": False,
                "diff": False,
            },
        ],
    }
    playbook = place + "/job.json"
    with open(playbook, "w", encoding="ascii") as file:
        json.dump([play], file)
    return playbook


def _run(words: List[str], place: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end. A signal that ends this process ends it in an orderly way, too."""
    child: Optional[subprocess.Popen[str]] = None
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(place),
            cwd=place,
            encoding="utf-8",
            errors="replace",
        )
        out, _err = child.communicate()
    except BaseException:
        if child is not None:
            _end(child)
        raise
    return subprocess.CompletedProcess(words, child.returncode, out)


def _environment(place: str) -> Dict[str, str]:
    """Return the environment of ansible-playbook. Without a configuration, it would look in the home."""
    configuration = _CONFIGURATION if os.path.exists(_CONFIGURATION) else place + _EMPTY
    own = {"ANSIBLE_HOME": place, "ANSIBLE_LOCAL_TEMP": place, **_ENVIRONMENT}
    return {"ANSIBLE_CONFIG": configuration, **os.environ, **own}


def _end(child: subprocess.Popen[str]) -> None:
    """Let Ansible end the module and itself; its output is read, because it waits for that."""
    child.terminate()
    try:
        child.communicate(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()


def _result(path: str, ended: subprocess.CompletedProcess[str]) -> Dict[str, Any]:
    try:
        with open(path, "rb") as file:
            found = parse(file.read())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or ("error" not in found and found.get("failed")):
        raise _failed(ended, found)
    return found


def _failed(ended: subprocess.CompletedProcess[str], found: Any) -> SyncError:
    """Return the error of Ansible itself, with its last lines."""
    reported = found.get("msg") if isinstance(found, dict) else None
    lines = [line.strip() for line in ended.stdout.splitlines() if line.strip()]
    fact = reported if isinstance(reported, str) else " / ".join(lines[-_LINES:])[-_LONGEST:]
    return _AnsibleFailed(
        f"ansible-playbook: status {ended.returncode}: {fact or 'no output'}",
        cure="Read the message. The collection secure.ftp_synchronize must be installed for all accounts of the host, "
        "below /usr/share/ansible/collections.",
    )

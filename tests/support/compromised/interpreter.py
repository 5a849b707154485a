# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interpreter of a compromised host: it reads the module that Ansible hands over, and answers as a test wrote.

The program runs alone. Its own directory holds `answers.json`, a list of rules, and receives `asked.jsonl`, a line for
each module: its name, its arguments, the content of the file that came with it, and whether it came over a pipe.
Each rule that matches is merged into the answer, in the order of the list:

    module      pattern of the module's short name
    arguments   arguments that must have these values
    holds       text that the arguments must hold
    at          number of the call on this host, from 1
    really      run the module itself; its result is the answer so far
    result      names and values to merge
    set         values by their dotted path, such as "legs.0.server"
    text        printed instead of any JSON
    silent      seconds before the answer
"""

from __future__ import annotations

import ast
import fcntl
import fnmatch
import json
import os
import subprocess
import sys
import time
from typing import Any

PLACE = os.path.dirname(os.path.abspath(sys.argv[0]))


def main() -> None:
    """Answer one module."""
    source = _source()
    module, arguments = _called(source)
    called = {"module": module, "arguments": arguments, "content": _content(arguments)}
    number = _record({**called, "piped": len(sys.argv) == 1})
    with open(os.path.join(PLACE, "answers.json"), encoding="utf-8") as file:
        rules = [rule for rule in json.load(file) if _matches(rule, module, arguments, number)]
    time.sleep(max([0, *(rule.get("silent", 0) for rule in rules)]))
    texts = [rule["text"] for rule in rules if "text" in rule]
    answer: dict[str, Any] = {"changed": False}
    for rule in rules:
        answer = _merged(answer, rule, source)
    print(texts[-1] if texts else json.dumps(answer))


def _source() -> str:
    """Return the module: a file's, or standard input where Ansible pipelines."""
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            return file.read()
    return sys.stdin.read()


def _called(source: str) -> tuple[str, dict[str, Any]]:
    """Return the module's short name and its arguments, from the last lines of AnsiballZ."""
    values = {}
    for line in source.splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and name in ("module_fqn", "params") and value[:1] in "'\"":
            values[name] = ast.literal_eval(value.rstrip(","))
    arguments = json.loads(values["params"])["ANSIBLE_MODULE_ARGS"]
    return values["module_fqn"].rpartition(".")[2], arguments


def _content(arguments: dict[str, Any]) -> str:
    """Return the text of the file that Ansible stored for the module, or None."""
    path = str(arguments.get("src") or "")
    if not path.startswith(str(arguments.get("_ansible_remote_tmp"))) or not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _record(asked: dict[str, Any]) -> int:
    """Append a line to the record and return its number."""
    with open(os.path.join(PLACE, "asked.jsonl"), "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = sum(1 for _line in file) + 1
        file.write(json.dumps(asked) + "\n")
    return number


def _matches(rule: dict[str, Any], module: str, arguments: dict[str, Any], number: int) -> bool:
    wanted = rule.get("arguments", {}).items()
    return (
        fnmatch.fnmatchcase(module, rule.get("module", "*"))
        and rule.get("at", number) == number
        and all(arguments.get(name) == value for name, value in wanted)
        and rule.get("holds", "") in json.dumps(arguments)
    )


def _merged(answer: dict[str, Any], rule: dict[str, Any], source: str) -> dict[str, Any]:
    if rule.get("really"):
        answer = _run(rule["really"], source)
    answer = {**answer, **rule.get("result", {})}
    for path, value in rule.get("set", {}).items():
        _put(answer, path.split("."), value)
    return answer


def _run(python: str, source: str) -> dict[str, Any]:
    """Run the module itself and return its result."""
    words = [python, *sys.argv[1:]]
    done = subprocess.run(words, input=source, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.stdout.strip() else {"failed": True, "msg": done.stderr}


def _put(place: Any, path: list[str], value: Any) -> None:
    """Set a value deep inside a result, if there is such a place."""
    for name in path[:-1]:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if isinstance(place, list):
        place[int(path[-1])] = value
    else:
        place[path[-1]] = value


main()

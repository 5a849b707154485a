# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One pool of processes for all suites: `pytest -n 4 --pool tests/hosts tests/integration ...`

Tests that share a host or an expensive server form a group: a group runs in one process and in its order. The longest
groups begin first. xdist's own `--dist=loadgroup` does nothing with the pinned version of pytest.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from ..check.choice import guess
from ..check.ledger import SYSTEMS
from ..check.ledger import group_of as entry_of
from .planned import plan_of

_SYSTEM = re.compile("|".join(SYSTEMS))
# Of these files on hosts each test, or each function, has hosts of its own.
_BY_TEST = ("test_molecule.py", "test_tls_policy_apply.py", "test_tls_policy_apply_judges.py")
_BY_FUNCTION = ("test_certificate_rotation_role.py", "test_host_key_rotation_role.py")
# The tests of these files share a fixture that takes long.
_WHOLE = ("test_demo.py", "test_docs_walk.py", "test_partners_pgp.py", "test_release.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pool", action="store_true", help="share out groups of tests, the longest first")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Take this scheduler where it is asked for."""
    if not config.getoption("--pool"):
        return None
    config.option.loadscopereorder = False
    return _Pool(config, log)


class _Pool(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def remove_node(self, node: Any) -> str | None:
        """Return the test in which a process died, if it did; the scheduler of xdist would run that test again."""
        pending = [
            (unit, test) for unit in self.assigned_work[node].values() for test, done in unit.items() if not done
        ]
        for unit, test in pending[:1]:
            unit[test] = True
        super().remove_node(node)
        return pending[0][1] if pending else None


def group_of(nodeid: str) -> str:
    """Return the name of the group that a test belongs to."""
    path, _colons, test = nodeid.partition("::")
    suite, name = path.split("/")[-2:] if "/" in path else ("", path)
    function = test.partition("[")[0]
    if suite == "hosts":
        return _group_on_hosts(path, name, test)
    if "contract" in name:
        return f"{path}::{function.partition('::')[0]}"
    return path if name in _WHOLE else nodeid


def _group_on_hosts(path: str, name: str, test: str) -> str:
    """Tests of one file share the hosts of one system."""
    function, _bracket, parameters = test.partition("[")
    system = _SYSTEM.search(parameters)
    if name in _BY_TEST:
        return f"{path}::{test}"
    if system:
        return f"{path}::{system.group()}"
    return f"{path}::{function}" if name in _BY_FUNCTION else path


def put_in_order(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests into the order in which they are distributed; ties keep the order of the files."""
    if not config.getoption("--pool"):
        return
    plan, sizes = plan_of(config), Counter(entry_of(item.nodeid) for item in items)
    if plan and plan.in_order:
        places = {entry: place for place, entry in enumerate(plan.tests)}
        items.sort(key=lambda item: places[entry_of(item.nodeid)])
        return
    known = plan.seconds if plan else {}
    each = {entry: known[entry] / size if entry in known else guess(entry) for entry, size in sizes.items()}
    seconds: Counter[str] = Counter()
    for item in items:
        seconds[group_of(item.nodeid)] += each[entry_of(item.nodeid)]
    items.sort(key=lambda item: -seconds[group_of(item.nodeid)])

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of the suites, and the choice of a landing."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.check import ledger
from support.check.choice import LANDINGS, Choice, Times, choose, lacking, proof, shard
from support.check.ledger import LONG, SHORT, Ledger, Passed, group_of

ROOT = Path(__file__).parents[3]
HOST = "tests/hosts/test_x.py"


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/integration/test_x.py::test_a[1]", "tests/integration/test_x.py"),
        ("tests/integration/test_x.py::test_a[debian13]", "tests/integration/test_x.py"),
        (f"{HOST}::test_a", HOST),
        (f"{HOST}::TestA::test_a[debian12-ports]", f"{HOST}::debian12"),
        ("tests/hosts/test_molecule.py::test_scenario[audit]", "tests/hosts/test_molecule.py::audit"),
    ],
)
def test_a_group_is_a_file_or_a_file_and_a_system(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


def test_a_ledger_that_is_written_is_read_again(tmp_path: Path) -> None:
    lines = {(HOST, SHORT): Passed(58, "65987afa1b2c", 554.9, 301.2, (51, 57)), ("tests/a.py", LONG): Passed()}
    ledger.write(tmp_path / "ledger", Ledger(lines))
    assert ledger.read(tmp_path / "ledger").lines == lines
    text = (tmp_path / "ledger").read_text().splitlines()
    assert text[1:] == sorted(text[1:])


def test_of_two_lines_the_later_counts_and_second_tries_are_united(tmp_path: Path) -> None:
    lines = [f"{HOST} short 7 aaa 1.0 1.0 3,5", f"{HOST} short 9 bbb 2.0 1.0 5", f"{HOST} short 8 ccc 1.0 1.0 -"]
    (tmp_path / "ledger").write_text("\n".join(lines))
    assert ledger.read(tmp_path / "ledger").lines == {(HOST, SHORT): Passed(9, "bbb", 2.0, 1.0, (3, 5))}


@pytest.mark.parametrize("text", ["<<<<<<< HEAD", f"{HOST} short 7 aaa 1.0 1.0", f"{HOST} short x aaa 1.0 1.0 -", ""])
def test_a_line_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger").write_text(f"{text}\n")
    with pytest.raises(ValueError, match="not a line of the ledger"):
        ledger.read(tmp_path / "ledger")


def test_second_tries_are_forgotten_after_twenty_landings() -> None:
    known = Ledger({(HOST, SHORT): Passed(30, "a", 1.0, 1.0, (10, 11, 30)), ("b", SHORT): Passed(30, "a", 1.0, 1.0)})
    assert known.repeated() == [HOST]
    known.record(HOST, SHORT, Passed(31, "b", 1.0, 1.0))
    assert known.lines[HOST, SHORT].second_tries == (30,)
    assert known.repeated() == []


def test_a_long_run_counts_as_the_last_run_of_its_group() -> None:
    known = Ledger({("a", SHORT): Passed(3, "x", 1.0, 1.0), ("a", LONG): Passed(5, "y", 9.0, 1.0)})
    assert known.last("a").commit == "y"
    assert (known.seconds("a", SHORT), known.seconds("a", LONG), known.seconds("b", SHORT)) == (1.0, 9.0, None)


def test_groups_that_are_gone_go_and_new_ones_come() -> None:
    known = Ledger({("gone", SHORT): Passed(3), ("gone", LONG): Passed(3), ("a", SHORT): Passed(3)})
    known.keep_only(["a", "b"], SHORT)
    assert known.lines == {("a", SHORT): Passed(3), ("b", SHORT): Passed(), ("gone", LONG): Passed(3)}
    known.keep_only(["a"], LONG)
    assert known.lines == {("a", SHORT): Passed(3), ("a", LONG): Passed()}


def chosen(known: Ledger, reached: set[str], *, budget: float, limit: float = 1000.0) -> Choice:
    """Return the choice among all groups of a ledger."""
    groups = {group: ["test"] for group, _form in known.lines}
    return choose(groups, known, reached, Times(groups, known, SHORT), budget=budget, limit=limit)


def twenty(**landings: int) -> Ledger:
    """Return a ledger of twenty groups of ten seconds."""
    return Ledger({(f"g{n:02}", SHORT): Passed(landings.get(f"g{n:02}", 50), "x", 10.0, 1.0) for n in range(20)})


def test_the_stalest_tenth_runs_whatever_is_reached() -> None:
    found = chosen(twenty(g07=41, g03=42, g11=43), {"g01", "g02"}, budget=0, limit=30.0)
    assert sorted(found.due) == ["g03", "g07"]
    assert len(found.reached) == len(found.left) == 1
    assert {*found.reached, *found.left} == {"g01", "g02"}
    assert found.more == []


def test_everything_that_is_reached_runs_and_the_rest_of_the_budget_goes_by_age() -> None:
    found = chosen(twenty(g07=41, g03=42, g11=43), {"g01", "g02"}, budget=50.0)
    assert set(found.reached) == {"g01", "g02"}
    assert found.more == ["g11"]
    assert found.left == []


def test_on_hosts_debian_13_always_runs_and_other_systems_within_the_budget() -> None:
    lines = {f"{HOST}::{system}": Passed(50, "x", 10.0) for system in ledger.SYSTEMS}
    lines |= {"tests/hosts/test_y.py::ubuntu2404": Passed(50, "x", 10.0), "a": Passed(1, "x", 10.0)}
    known = Ledger({(group, SHORT): line for group, line in lines.items()})
    found = chosen(known, {*lines} - {"a"}, budget=35.0)
    assert found.due == ["a"]
    assert set(found.reached) == {f"{HOST}::debian13", "tests/hosts/test_y.py::ubuntu2404"}
    assert found.more == []
    assert set(found.left) == {f"{HOST}::debian12", f"{HOST}::ubuntu2404"}
    assert len(chosen(known, {*lines} - {"a"}, budget=45.0).more) == 1


def test_every_group_runs_within_ten_landings_even_if_the_changes_take_all_of_the_budget() -> None:
    sizes = {f"g{n:02}": float(n % 7 + 1) * 10 for n in range(60)}
    known = Ledger({(group, SHORT): Passed(1, "x", size) for group, size in sizes.items()})
    for landing in range(2, 60):
        for group in chosen(known, {"g05"}, budget=0).groups:
            known.record(group, SHORT, Passed(landing, "x", sizes[group]))
        if landing > LANDINGS:
            assert proof(sizes, known, landing)[1], proof(sizes, known, landing)[0]


def test_a_group_that_is_too_large_for_any_budget_runs_by_its_age() -> None:
    known = Ledger({("a", SHORT): Passed(1, "x", 900.0), ("b", SHORT): Passed(2, "x", 1.0)})
    assert chosen(known, set(), budget=10.0, limit=20.0).due == ["a"]


def test_shards_are_all_groups_once() -> None:
    groups = [f"tests/hosts/test_{name}.py::{system}" for name in "abcde" for system in ledger.SYSTEMS]
    parts = [shard(groups, number, 4) for number in range(1, 5)]
    assert sorted(group for part in parts for group in part) == sorted(groups)
    assert {len(part) for part in parts} == {3, 4}


def test_a_file_without_a_group_lacks_in_the_long_form() -> None:
    known = Ledger({("a", LONG): Passed(3, "x"), ("b::debian13", LONG): Passed(), ("c", SHORT): Passed(3, "x")})
    assert lacking(known, ["a", "b", "c"], {"x": True, "-": False}) == ["b::debian13", "c"]
    assert lacking(known, ["a"], {"x": False, "-": False}) == ["a", "b::debian13"]


def test_the_ledger_of_this_tree_can_be_read_and_its_files_exist() -> None:
    known = ledger.read(ROOT / ledger.FILE)
    files = {group.partition("::")[0] for group, _form in known.lines}
    assert len(files) > 150
    assert known.landing > 0


def test_every_file_with_tests_is_in_a_folder_that_a_run_takes() -> None:
    """A test that no rule selects would never run: its name and its folder decide."""
    with_tests = [
        path.relative_to(ROOT / "tests")
        for path in (ROOT / "tests").rglob("*.py")
        if "\ndef test_" in path.read_text() and path.parts[-2] != "contracts"
    ]
    assert len(with_tests) > 500
    taken = ("unit", "hosts", "trust", "integration", "faults")
    lost = [str(path) for path in with_tests if path.parts[0] not in taken or not path.name.startswith("test_")]
    assert lost == []

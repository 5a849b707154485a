# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation is true: codes, options, files and links that it names exist in the collection."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import argspec, interrupt
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from support.running.examples import ROOT, Example, examples

MODULE = "secure.ftp_synchronize.secure_sync"
ERRORS = (ROOT / "docs/errors.md").read_text()
GUIDE = (ROOT / "docs/secure_sync.md").read_text() + (ROOT / "docs/transfers.md").read_text()
ENGINE = ROOT / "plugins/module_utils/_engine"
HOMES = [ENGINE, ENGINE.parent, ROOT / "plugins"]
FAMILIES = [
    argspec.endpoint(),
    argspec.trust(),
    argspec.tls(),
    params.spec(),
    argspec.signing(),
    argspec.verify(),
    argspec.receipts(),
    argspec.sealing(),
    argspec.content_check(),
    argspec.progress(),
]
EXAMPLES = list(examples())
CODE = re.compile(r'^    code(?:: str)? = "(\w+)"$', re.MULTILINE)
"""The code of a class of errors."""


def classes_below(base: type[SyncError]) -> Iterator[type[SyncError]]:
    """Yield a class and all that derive from it in the collection."""
    yield base
    for each in base.__subclasses__():
        yield from classes_below(each)


def public_codes() -> list[str]:
    """Return the codes of results: from the error tree and the boundary, except for the codes in the list."""
    homes = {SyncError.__module__, interrupt.__name__}
    listed = set(re.findall(r"`(\w+)`", ERRORS.partition("## Codes of roles and checks")[2].partition("\n## ")[0]))
    return [each.code for each in classes_below(SyncError) if each.__module__ in homes and each.code not in listed]


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of all rows of tables whose first cell is a code."""
    return [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| (`.*) \|$", text, re.M)]


def code_table() -> dict[str, list[str]]:
    """Return the tables of error codes."""
    rows = table_rows(ERRORS)
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0].strip("`"): row[1:] for row in rows}


def test_the_table_has_every_code_and_no_other() -> None:
    assert sorted(code_table()) == sorted(public_codes())
    assert len(public_codes()) > 30


def test_the_page_has_the_codes_of_all_plugins() -> None:
    """Codes of roles and checks are in a list, which leads to other pages."""
    codes = {code for path in (ROOT / "plugins").rglob("*.py") for code in CODE.findall(path.read_text())}
    assert len(codes) > 100
    assert sorted(code for code in codes if f"`{code}`" not in ERRORS) == []


def test_each_code_has_a_meaning_and_a_cure() -> None:
    for code, cells in code_table().items():
        assert len(cells) == 2, code
        assert all(len(cell) > 5 for cell in cells), code


def option_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield each file of modules and fragments, with the lines of its documentation of options."""
    for path in sorted(ROOT.glob("plugins/modules/*.py")) + sorted(ROOT.glob("plugins/doc_fragments/*.py")):
        parts = re.findall(r'^ *[A-Z]+ = r"""\n(.*?)"""$', path.read_text(), re.M | re.S)
        texts = parts[:1] if path.parent.name == "modules" else parts
        found = [re.search(r"^options:\n(.*?)(?=^\w|\Z)", text, re.M | re.S) for text in texts]
        yield path.stem, [line for match in found if match for line in match[1].splitlines()]


def test_no_long_text_of_options_is_in_two_files() -> None:
    """A documentation fragment has options that two modules share."""
    places: dict[tuple[str, ...], str] = {}
    twice = set()
    for name, lines in option_lines():
        for start in range(len(lines) - 24):
            other = places.setdefault(tuple(lines[start : start + 25]), name)
            twice |= {(other, name)} if other != name else set()
    assert len(places) > 1000
    assert twice == set()


def test_no_code_is_used_twice() -> None:
    assert len(public_codes()) == len(set(public_codes()))


@pytest.mark.parametrize("option", ["compare", "proof", "delta"])
def test_the_tables_of_values_have_every_value(option: str) -> None:
    table = GUIDE.partition(f"| `{option}` |")[2].partition("\n\n")[0]
    assert sorted(row[0].split("`")[1] for row in table_rows(table)) == sorted(params.spec()[option]["choices"])
    (default,) = re.findall(r"`([a-z_]+)` \(default\)", table)
    assert default == params.spec()[option]["default"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_the_options_of_an_example_exist(example: Example) -> None:
    known = {name for family in FAMILIES for name in family}
    shared = set(FAMILIES[0]) | set(FAMILIES[1]) | set(FAMILIES[2])
    assert set(example.defaults) <= shared
    for task in example.tasks:
        assert set(task[MODULE]) <= known
        required = {name for family in FAMILIES for name, spec in family.items() if spec.get("required")}
        assert required <= set(task[MODULE]) | set(example.defaults)
        for name, spec in ((name, spec) for family in FAMILIES for name, spec in family.items()):
            if "choices" in spec and name in task[MODULE]:
                assert task[MODULE][name] in spec["choices"]


def test_every_example_is_run_by_a_test() -> None:
    assert [example.name for example in EXAMPLES if not example.runnable] == []
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES) > 10


def named_paths(text: str) -> set[str]:
    """Return the files and folders of the repository that a text names in code or as the target of a link."""
    pattern = r"(?:^|[`(])((?:plugins|playbooks|tests|docs|scripts|meta|changelogs)/[A-Za-z0-9_./-]*)"
    return set(re.findall(pattern, text, re.M))


def linked_paths(text: str) -> set[str]:
    """Return the targets of links that are no addresses of the web."""
    return {target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target}


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_what_a_page_names_is_there(page: str) -> None:
    path = ROOT / page
    text = path.read_text()
    assert [name for name in sorted(named_paths(text)) if not (ROOT / name).exists()] == []
    assert [name for name in sorted(linked_paths(text)) if not (path.parent / name).exists()] == []


def test_a_page_is_short_enough_to_be_read() -> None:
    assert [path.name for path in (ROOT / "docs").glob("*.md") if len(path.read_text().splitlines()) > 350] == []


def test_the_table_of_hosts_has_every_playbook() -> None:
    text = (ROOT / "docs/controller.md").read_text().partition("## The hosts of a playbook")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `([\w:]+)` \| (.*) \|$", text, re.M)
    named = {(name, *row[:2]) for row in rows for name in re.findall(r"`(\w+)`", row[2])}
    playbooks = {path.stem: path.read_text() for path in (ROOT / "playbooks").glob("*.yml")}
    assert named == {
        (name, variable, group)
        for name, play in playbooks.items()
        for variable, group in re.findall(r"(\w+) \| default\('([\w:]+)'(?:, true)?\)", "".join(hosts_of(play)))
    }
    assert playbooks.keys() - {row[0] for row in named} == {"audit", "build_sync_program"}


def hosts_of(play: str) -> list[str]:
    """Return the lines of a playbook that have a pattern of hosts."""
    return [line for line in play.splitlines() if re.match(r"  hosts: |.*\w+_(?:hosts|servers|clients): ", line)]


def test_the_rooms_of_the_architecture_are_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text().partition("## Rooms")[2].partition("\n## ")[0]
    rows = set(re.findall(r"^\| \[?`([a-z_./]+)`", text, re.M))
    assert len(rows) > 15
    assert [row for row in rows if not any((home / row).exists() for home in HOMES)] == []


def test_the_files_of_one_run_are_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text().partition("## One run")[2].partition("## Terms")[0]
    files = re.findall(r"\b((?:_edge|sync|transport|planning|sftp)/[a-z_/]+\.py)", text)
    assert len(files) > 8
    assert [name for name in files if not any((home / name).exists() for home in HOMES)] == []


def test_the_threats_have_tests() -> None:
    text = (ROOT / "docs/threat_model.md").read_text()
    table = text.partition("## Threats, defences and tests")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!threat|---)(.*) \|$", table, re.M)
    assert len(rows) > 15
    for row in rows:
        tests = re.findall(r"\]\(\.\./(tests/\S+?\.py)\)", row.split("|")[-1])
        assert tests, row
        for name in tests:
            assert re.search(r"^ *def test_|Contract\)", (ROOT / name).read_text(), re.M), name


def test_the_index_of_the_tests_names_helpers_that_are_there() -> None:
    text = (ROOT / "tests/README.md").read_text().partition("## Find a helper")[2]
    rows = re.findall(r"^\| [^|]+ \| (`.+`[^|]*) \| (`.+`) \|$", text, re.M)
    assert len(rows) > 10
    for names, places in rows:
        files = [ROOT / "tests/support" / place for place in re.findall(r"`([^`]+)`", places)]
        code = "".join(
            file.read_text() for place in files for file in (place.glob("*.py") if place.is_dir() else [place])
        )
        for name in re.findall(r"`(\w+)", names):
            assert re.search(rf"^(class|def) {name}\b", code, re.M), name


REFUSED = "test_refused_requests.py"
TRIED = {
    "exclude": ("test_case_blind_ends.py", "test_characters_that_the_disk_refuses_are_named"),
    "in_place": (REFUSED, "test_no_file_can_be_renamed"),
    "links": (REFUSED, "test_links_over_ftps"),
    "lock": (REFUSED, "test_a_server_that_refuses_names_with_a_dot"),
    "preserve_mode": (REFUSED, "test_modes_that_the_task_demands"),
    "sign": ("test_case_blind_ends.py", "test_a_signed_set_where_a_part_changes_names"),
    "trash": ("test_case_blind_ends.py", "test_a_trash_on_another_file_system"),
    "proof": (REFUSED, "test_a_server_that_cannot_hash"),
    "dest": (REFUSED, "test_a_missing_destination_where_paths_are_not_resolved"),
}
"""By option: the test that tries a cure that names it, on a server that refuses a request."""
OF_REFUSALS = {"NotSupported", "PermissionDenied", "_require_name", "at"}


def cures_of_refusals() -> Iterator[str]:
    """Yield the cures of errors for a refused request. They stand in the call, or in a name of the same folder."""
    named = {}
    for place in sorted(ENGINE.glob("transport/**/*.py")) + sorted(ENGINE.glob("sync/*.py")):
        tree = ast.parse(place.read_text())
        for each in tree.body:
            if (
                isinstance(each, ast.Assign)
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            ):
                named[each.targets[0].id] = each.value.value
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            for given in (each.value for each in call.keywords if each.arg == "cure" and name in OF_REFUSALS):
                yield given.value if isinstance(given, ast.Constant) else named.get(getattr(given, "id", ""), "")


def test_each_cure_of_a_refusal_is_tried_on_a_server_that_refuses() -> None:
    options = {name for family in FAMILIES for name in family}
    table = (ROOT / "docs/servers.md").read_text().partition("## Servers that refuse requests")[2].partition("\n## ")[0]
    cures = [*cures_of_refusals(), *(row.rpartition("|")[2] for row in re.findall(r"^\| (.*?) \|$", table, re.M))]
    found = {word for cure in cures for word in re.findall(r"\w+", cure)} & options
    assert found == set(TRIED)
    for option, (file, function) in TRIED.items():
        source = (ROOT / "tests/integration" / file).read_text()
        body = source.partition(f"def {function}(")[2].partition("\n    def ")[0].partition("\ndef ")[0]
        assert re.search(rf"\b{option}\b", body), f"{function} does not try {option}"

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DOWNLOAD,
    FAILURE,
    RENAME,
    SETSTAT,
    UPLOAD,
    Event,
    line_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.peaks import Peaks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.unexplained import (
    unexplained,
    unexplained_alert,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    Recorded,
    read_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from jsonschema import Draft202012Validator

VALIDATOR = Draft202012Validator(json.loads((Path(__file__).parents[7] / "docs/event.schema.json").read_text()))
VIEWS = {"partner": b"/in"}


def files(**sizes: int) -> dict[RelPath, Recorded]:
    """Return files whose content follows from name and size; _ stands for a slash."""
    found = {}
    for name, size in sizes.items():
        path = RelPath(name.replace("_", "/").encode())
        found[path] = Recorded(size, 1, bytes([size % 256]) * 32)
    return found


def event(action: str, path: bytes, old_path: bytes = b"", **fields: object) -> Event:
    return Event(1.0, action, account="partner", path=path, old_path=old_path)._replace(**fields)  # type: ignore[arg-type]


def kinds(before: dict[RelPath, Recorded], after: dict[RelPath, Recorded], *events: Event) -> dict[bytes, str]:
    return {change.path: change.kind for change in unexplained(before, after, events, VIEWS)}


def test_without_events_every_change_is_unexplained() -> None:
    touched = {RelPath(b"t"): Recorded(1, 99, bytes([1]) * 32)}
    found = kinds(files(a=1, b=2, c=3, t=1), {**files(a=1, b=9, d=4), **touched})
    assert found == {b"b": "changed", b"c": "removed", b"d": "created", b"t": "touched"}


def test_transfers_explain_changes() -> None:
    after = {**files(a=1, b=9, d=4), RelPath(b"t"): Recorded(1, 99, bytes([1]) * 32)}
    events = (
        event(UPLOAD, b"/in/b", received=9),
        event(DELETE, b"/in/c"),
        event(UPLOAD, b"/in/d", b"/in/.d.part", received=4),
        event(SETSTAT, b"/in/t"),
    )
    assert kinds(files(a=1, b=2, c=3, t=1), after, *events) == {}


def test_another_size_than_the_uploaded_is_unexplained() -> None:
    assert kinds({}, files(a=9), event(UPLOAD, b"/in/a", received=8)) == {b"a": "changed"}
    assert kinds(files(a=5), files(a=9), event(UPLOAD, b"/in/a", received=4)) == {}, "it was continued"
    assert kinds(files(a=5), files(a=10), event(UPLOAD, b"/in/a", received=4)) == {b"a": "changed"}


def test_a_rename_keeps_the_known_content() -> None:
    rename = event(RENAME, b"/in/new", b"/in/a")
    assert kinds(files(a=5), files(new=5), rename) == {}
    assert kinds(files(a=5), files(new=6), rename) == {b"new": "changed"}
    assert kinds(files(a=5), files(a=5), rename) == {b"a": "created", b"new": "removed"}
    assert kinds(files(a=5), {}, event(RENAME, b"/other/a", b"/in/a")) == {}, "out of the tree"


def test_a_renamed_directory_moves_its_files() -> None:
    before, after = files(d_a=1, d_e_b=2, dd=3), files(x_a=1, x_e_b=2, dd=3)
    assert kinds(before, after, event(RENAME, b"/in/x", b"/in/d")) == {}


def test_each_meaning_of_an_ambiguous_rename_is_tried() -> None:
    before = {RelPath(b"a b"): Recorded(1, 1, b"x" * 32)}
    after = {RelPath(b"c d"): Recorded(1, 1, b"x" * 32)}
    rename = event(RENAME, b"b /in/c d", b"/in/a", ambiguous=True)
    assert kinds(before, after, rename) == {}
    assert kinds(before, after, rename._replace(ambiguous=False)) == {b"a b": "removed", b"c d": "created"}


def test_an_upload_that_was_taken_away_has_vanished() -> None:
    assert kinds({}, {}, event(UPLOAD, b"/in/a", received=4)) == {b"a": "vanished"}
    assert kinds({}, {}, event(UPLOAD, b"/in/a", received=4), event(DELETE, b"/in/a")) == {}


@pytest.mark.parametrize(
    "nothing",
    [
        event(UPLOAD, b"/in/a", received=4, outcome=FAILURE),
        event(UPLOAD, b"/in/a", received=4, account="other"),
        event(UPLOAD, b"/inn/a", received=4),
        event(UPLOAD, b"/a", received=4),
        event(UPLOAD, b"/in", received=4),
        event(DOWNLOAD, b"/in/a", sent=4),
    ],
)
def test_other_events_explain_nothing(nothing: Event) -> None:
    assert kinds({}, files(a=4), nothing) == {b"a": "created"}


@pytest.mark.parametrize("path", [b"in/a", b"/in//a", b"//in/a", b"/in/./a", b"/x/../in/a"])
def test_paths_of_clients_are_made_plain(path: bytes) -> None:
    assert kinds({}, files(a=4), event(UPLOAD, path, received=4)) == {}


def test_the_root_of_a_jail_may_be_the_tree() -> None:
    assert unexplained({}, files(a=4), [event(UPLOAD, b"/a", received=4)], {"partner": b"/"}) == []


def test_manifests_of_bsdtar_are_compared(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a b").write_text("1")
    before = manifest(tree)
    (tree / "a b").write_text("2")
    (tree / "new").write_text("22")
    after = manifest(tree)
    assert kinds(before, after, event(UPLOAD, b"/in/new", received=2)) == {b"a b": "changed"}


def manifest(tree: Path) -> dict[RelPath, Recorded]:
    options = "mtree:!all,type,size,time,sha256"
    command = ["bsdtar", "-cf", "-", "--format=mtree", f"--options={options}", "-C", str(tree), "."]
    return read_manifest(subprocess.run(command, capture_output=True, check=True).stdout, sealed=False)


def test_an_alert_names_the_first_changes() -> None:
    peaks, now = Peaks(), 20_000 * 86400.0
    assert unexplained_alert("in", [], now, peaks) is None
    assert unexplained_alert("in", unexplained({}, {}, [event(UPLOAD, b"/in/a")], VIEWS), now, peaks) is None
    changes = unexplained({}, files(a=1, b=1, c=1, d=1), [], VIEWS)
    first, second = (unexplained_alert("in", changes, now + day * 86400, peaks) for day in (3, 4))
    assert first is not None
    assert second is not None
    assert first.alert is not None
    assert first.alert.observed == "in: a created, b created, c created and 1 more"
    assert (first.alert.history_days, first.alert.would_have_fired) == (3, 0)
    assert second.alert is not None
    assert second.alert.would_have_fired == 1
    VALIDATOR.validate(json.loads(line_of(first)))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markers at real servers: a partner that looks each millisecond never finds a marker without its proven files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.scenes.box_scene import BoxScene, files
from support.scenes.marker_watch import MarkerWatch
from support.scenes.module_tasks import own_directory
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.served import served_by_each
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

SMALL = {f"{directory}{number:02}.csv": b"%d;" % number * 9 for directory in ("", "d/") for number in range(30)}
NEW = {**SMALL, "large": b"\0\1" * (3 << 20), "d/empty": b""}
FORMER = {name: b"former " + data for name, data in NEW.items()}
FILE = {"marker": "{name}.done"}
DIRECTORY = {"marker": "READY", "marker_for": "directory"}
RUN = {"marker": "READY", "marker_for": "run"}
EACH = pytest.mark.parametrize("options", [FILE, DIRECTORY, RUN], ids=["file", "directory", "run"])

server = served_by_each(Sshd, Vsftpd, ProftpdFtps, PureFtpd)


@pytest.fixture
def scene(server: Sshd | FtpsServer, request: pytest.FixtureRequest, tmp_path: Path) -> BoxScene:
    return BoxScene(server, own_directory(server, request.node.name), tmp_path)


def covered(options: dict[str, str], path: str, names: dict[str, bytes]) -> list[str]:
    """Return the files that a marker announces."""
    return [name for name in names if marker(options, name) == path]


def marker(options: dict[str, str], path: str) -> str:
    directory, slash, name = path.rpartition("/")
    if options.get("marker_for") == "run":
        return options["marker"]
    return directory + slash + options["marker"].replace("{name}", name)


def marked(options: dict[str, str], names: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with their markers."""
    return {**names, **{marker(options, name): b"" for name in names}}


@EACH
def test_a_partner_never_finds_a_marker_without_its_proven_files(scene: BoxScene, options: dict[str, str]) -> None:
    scene.fill(scene.near, FORMER)
    first = scene.run(**options)
    assert first.get("failed") is None, first["msg"]
    assert files(scene.far) == marked(options, FORMER)
    scene.fill(scene.near, NEW)
    with MarkerWatch(scene.far, lambda path: covered(options, path, NEW), [FORMER, NEW]) as watch:
        foreseen = scene.run(check=True, diff=True, max_listed=500, **options)
        result = scene.run(max_listed=500, **options)
    assert result.get("failed") is None, result["msg"]
    assert watch.wrong == []
    assert watch.seen
    assert files(scene.far) == marked(options, NEW)
    number = len({marker(options, name) for name in NEW})
    assert (foreseen["totals"]["mark"], result["totals"]["mark"]) == (number, number)
    assert [change["path"] for change in foreseen["changes"]] == [change["path"] for change in result["changes"]]
    assert f"+ {marker(options, 'large')} (" in foreseen["diff"]["prepared"]
    again = scene.run(**options)
    assert (again.get("failed"), again["changed"]) == (None, False)


def test_a_partner_that_takes_file_and_marker_gets_each_file_once(scene: BoxScene) -> None:
    scene.fill(scene.near, NEW)
    taken: dict[str, bytes] = {}
    end = threading.Event()

    def take() -> None:
        while not end.wait(0.001):
            for path in list(scene.far.rglob("*.done")):
                file = path.with_name(path.name.removesuffix(".done"))
                taken[str(file.relative_to(scene.far))] = file.read_bytes()
                file.unlink()
                path.unlink()

    partner = threading.Thread(target=take)
    partner.start()
    try:
        results = [scene.run(after_transfer="archive", archive_dir=".sent", **FILE) for _run in range(2)]
    finally:
        end.set()
        partner.join()
    assert [result.get("failed") for result in results] == [None, None], results[0]["msg"]
    assert taken | {name: data for name, data in files(scene.far).items() if name in NEW} == NEW
    assert files(scene.near) == {f".sent/{name}": data for name, data in NEW.items()}
    assert results[1]["changed"] is False


@EACH
def test_a_mailbox_gives_only_marked_files(scene: BoxScene, options: dict[str, str]) -> None:
    scene.fill(scene.far, {**NEW, "x/waits": b"half"} if options != RUN else NEW)
    assert scene.run(push=False, after_transfer="delete", **options)["changed"] is False
    scene.fill(scene.far, {name: b"" for name in marked(options, NEW) if name not in NEW})
    result = scene.run(push=False, after_transfer="delete", **options)
    assert result.get("failed") is None, result["msg"]
    assert files(scene.near) == NEW
    assert files(scene.far) == ({"x/waits": b"half"} if options != RUN else {})
    assert result["stats"]["files_unmarked"] == (options != RUN)


def test_entries_in_the_places_of_markers(scene: BoxScene, server: Sshd | FtpsServer) -> None:
    """A link is replaced and not followed; a directory makes the run fail, and the file stays in the source."""
    scene.fill(scene.near, {"a": b"1", "b": b"2", "c": b"3"})
    scene.fill(scene.far, {"kept": b"secret", "b.done/x": b""})
    (scene.far / "a.done").symlink_to("kept")
    result = scene.run(after_transfer="delete", **FILE)
    assert [(item["path"], item["code"]) for item in result["failed_items"]] == [("b.done", "kind_conflict")]
    assert files(scene.near) == {"b": b"2"}
    assert files(scene.far) == {**marked(FILE, {"a": b"1", "c": b"3"}), "b": b"2", "b.done/x": b"", "kept": b"secret"}
    assert not (scene.far / "a.done").is_symlink()
    (scene.far / "b.done" / "x").unlink()
    (scene.far / "b.done").rmdir()
    assert scene.run(after_transfer="delete", **FILE)["totals"]["mark"] == 1
    assert files(scene.near) == {}


def test_a_link_or_a_directory_at_the_server_is_no_marker(scene: BoxScene) -> None:
    scene.fill(scene.far, {"a": b"1", "b": b"2", "b.done/x": b""})
    (scene.far / "a.done").symlink_to("a")
    scene.run(push=False, after_transfer="delete", links="skip", **FILE)
    assert files(scene.near) == {}
    assert files(scene.far)["a"] == b"1"


def test_delete_takes_markers_along_and_keeps_the_others(scene: BoxScene) -> None:
    scene.fill(scene.near, {"a": b"1", "b": b"2"})
    scene.run(**FILE)
    (scene.near / "b").unlink()
    with MarkerWatch(
        scene.far, lambda path: covered(FILE, path, {"a": b"", "b": b""}), [{"a": b"1", "b": b"2"}]
    ) as watch:
        result = scene.run(delete=True, max_delete="100%", trash=".trash", **FILE)
    assert result.get("failed") is None, result["msg"]
    assert watch.wrong == []
    assert files(scene.far) == {"a": b"1", "a.done": b"", ".trash/b": b"2"}


def test_names_with_line_breaks_and_long_names(scene: BoxScene, server: Sshd | FtpsServer) -> None:
    names = {"a\nb": b"1", "n" * 255: b"2", "m" * 250: b"3"}
    scene.fill(scene.near, names)
    result = scene.run(after_transfer="delete", **FILE)
    failed = {item["path"]: item["code"] for item in result["failed_items"]}
    ftp = isinstance(server, FtpsServer)
    assert failed.pop("a\\x0ab", None) == ("unsafe_name" if ftp else None)
    assert list(failed) == ["n" * 255 + ".done"]
    assert files(scene.near) == ({"a\nb": b"1"} if ftp else {}) | {"n" * 255: b"2"}
    there = {"n" * 255: b"2", **marked(FILE, {"m" * 250: b"3"})}
    assert files(scene.far) == there | ({} if ftp else marked(FILE, {"a\nb": b"1"}))

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.directories import (
    directories,
    steps,
    way,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)


def test_a_name_may_lead_to_another_place(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault/data").symlink_to(tmp_path / "plain")
    names = [f"{tmp_path}/vault/data/reports", f"{tmp_path}/vault", f"{tmp_path}/gone"]
    found = directories(names)
    assert [each["path"] for each in found] == names
    assert [each["target"] for each in found] == [f"{tmp_path}/plain/reports", *names[1:]]
    assert fits(found, FORMS["directories"])


def links(directory: Path) -> dict[str, str]:
    """Make links of each kind; return their kinds, by the names that lead through them."""
    for name in ("held/inner", "safe"):
        (directory / name).mkdir(parents=True)
    (directory / "held/inner/file").touch()
    (directory / "absolute").symlink_to(directory / "held/inner")
    (directory / "safe/relative").symlink_to("../held")
    (directory / "chain").symlink_to("safe/relative/inner")
    (directory / "dangling").symlink_to("safe/gone/file")
    return {
        "held/inner/file": "no link",
        "absolute/file": "a link to a directory",
        "safe/relative/inner/file": "a link with a part ..",
        "chain/file": "a link that leads through a link",
        "absolute/../inner/file": "the parent of the target of a link",
        "./safe//../held/inner/file": "parts that lead nowhere else",
        "dangling": "a link to nothing",
        "held/inner/file/below": "a file as a directory",
    }


def test_namei_names_the_same_directories_and_links(tmp_path: Path) -> None:
    for name, kind in links(tmp_path).items():
        path = f"{tmp_path}/{name}"
        said = subprocess.run(["namei", "-m", path], capture_output=True, text=True, check=False).stdout
        shown = [line.split() for line in said.splitlines()[1:]]
        found = [(mode[0], name) for mode, name, *_target in shown if mode[0] in "dl-" and len(mode) == 10]
        walked = [
            ("l" if stat.S_ISLNK(status.st_mode) else stat.filemode(status.st_mode)[0], path)
            for path, status in steps(path)
        ]
        names = [(letter, os.path.basename(each)) for letter, each in walked]
        assert names[1:] == [each for each in found if each[1] not in ("/", ".", "..")], kind


def test_each_directory_that_leads_to_a_file(tmp_path: Path) -> None:
    names = list(links(tmp_path))
    for name in names[:6]:
        found = way(f"{tmp_path}/{name}")
        paths = [part["path"] for part in found["parts"]]
        assert found["target"] == paths[-1] == f"{tmp_path}/held/inner/file"
        assert {"/", f"{tmp_path}/held", f"{tmp_path}/held/inner"} <= set(paths)
    (tmp_path / "held").chmod(0o777)
    parts = {part["path"]: part["mode"] for part in way(f"{tmp_path}/chain/file")["parts"]}
    assert parts[f"{tmp_path}/held"] == "0777"
    assert not any(stat.S_ISLNK(os.lstat(path).st_mode) for path in parts)


def test_the_way_ends_before_a_missing_part(tmp_path: Path) -> None:
    links(tmp_path)
    assert way(f"{tmp_path}/dangling")["parts"][-1]["path"] == f"{tmp_path}/safe"
    assert way(f"{tmp_path}/dangling")["target"] == f"{tmp_path}/safe/gone/file"


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(Unobservable, match="more than 40 symbolic links"):
        way(f"{tmp_path}/a/file")

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of a bag."""

from __future__ import annotations

import hashlib
import io

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle import bag
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.listing import Member
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.reading import Stored
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, Entry

ABC = hashlib.sha256(b"abc")


@pytest.mark.parametrize(
    ("archive", "name"),
    [
        (b"/x/release-1.4.tar", b"release-1.4"),
        (b"/x/release", b"release"),
        (b"/x/.tar", b".tar"),
        (b"a.tar.tar", b"a.tar"),
    ],
)
def test_the_directory_has_the_name_of_the_archive(archive: bytes, name: bytes) -> None:
    assert bag.base_name(archive) == name


def test_the_number_and_bytes_of_files() -> None:
    members = [Member(RelPath(b"d"), Entry(DIRECTORY, 0, 0, 0)), Member(RelPath(b"d/a"), Entry(FILE, 7, 0, 0))]
    assert bag.bag_info(members) == b"Payload-Oxum: 7.1\n"
    assert bag.bag_info(()) == b"Payload-Oxum: 0.0\n"


def test_labels_are_sorted() -> None:
    labels = [("Source-Organization", "Example \u00e4"), ("Contact-Name", "x: y")]
    text = "Contact-Name: x: y\nPayload-Oxum: 0.0\nSource-Organization: Example \u00e4\n".encode()
    assert bag.bag_info((), labels) == bag.bag_info((), labels[::-1]) == text


def test_a_manifest_and_back() -> None:
    digests = [(b"data/a b", ABC.digest()), (b"data/\xc3\xa4", ABC.digest())]
    text = bag.manifest_text(digests)
    assert text == f"{ABC.hexdigest()}  data/a b\n{ABC.hexdigest()}  data/\u00e4\n".encode()
    assert bag.parse_manifest(text) == dict(digests)
    assert bag.parse_manifest(b"") == {}


@pytest.mark.parametrize("cut", [-1, 66, 10])
def test_a_cut_manifest(cut: int) -> None:
    with pytest.raises(ValueError, match="line"):
        bag.parse_manifest(bag.manifest_text([(b"data/a", ABC.digest())])[:cut])


def test_a_path_twice() -> None:
    with pytest.raises(ValueError, match="line 2"):
        bag.parse_manifest(bag.manifest_text([(b"data/a", ABC.digest())] * 2))


def test_the_tag_manifest_lists_the_other_three() -> None:
    text = bag.tag_manifest(dict.fromkeys(bag.TAG_FILES, b"abc"))
    assert (
        text
        == "".join(
            f"{ABC.hexdigest()}  {name}\n" for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
        ).encode()
    )


def test_an_archive_that_is_cut_while_a_file_is_read() -> None:
    stored = Stored(Member(RelPath(b"a"), Entry(FILE, 5, 0, 0)), 1)
    assert bag._digest(io.BytesIO(b"-alpha"), stored) == hashlib.sha256(b"alpha").digest()
    with pytest.raises(SyncError, match="it is cut"):
        bag._digest(io.BytesIO(b"-alp"), stored)

# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contents of lists that ssh-keygen made; real sshds judge the same cases in tests/hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import (
    Revoked,
    by_fingerprint,
    by_id,
    by_key,
    by_serial,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import KrlFile, Spec, spec_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.listing import (
    Listing,
    listing_of,
    parse_listing,
)
from support.servers.ssh_keys import key

CA, OTHER = key("ca"), key("other")
ENTRIES = [
    by_fingerprint(key("lost").fingerprint),
    by_key(key("rsa", "rsa").public),
    *(by_serial(CA.public, text) for text in ("7-12", "12-20", "21", "40", "2-3", "5")),
    by_id(CA.public, "DOM\\bob (x)"),
    by_id(OTHER.public, "carol"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Listing:
    file = KrlFile(str(tmp_path_factory.mktemp("krl")))
    file.make(spec_of(ENTRIES), 1)
    return file.listing()


def test_a_list_is_its_entries(made: Listing) -> None:
    assert made == listing_of(ENTRIES)
    assert made.serials[CA.fingerprint] == [(2, 3), (5, 5), (7, 21), (40, 40)]


def test_keys_and_certificates_that_it_covers(made: Listing) -> None:
    good, lost, ca = key("good").fingerprint, key("lost").fingerprint, CA.fingerprint
    assert made.covers(lost)
    assert made.covers(lost, ca=ca, serial=1, key_id="x")
    assert not made.covers(good)
    for serial in (2, 7, 15, 21, 40):
        assert made.covers(good, ca=ca, serial=serial)
        assert not made.covers(good, ca=OTHER.fingerprint, serial=serial)
    for serial in (0, 1, 4, 6, 22):
        assert not made.covers(good, ca=ca, serial=serial)
    assert made.covers(good, ca=ca, serial=1, key_id="DOM\\bob (x)")
    assert not made.covers(good, ca=ca, serial=1, key_id="carol")


def test_certificates_of_a_revoked_authority() -> None:
    assert listing_of([by_key(CA.public)]).covers(key("good").fingerprint, ca=CA.fingerprint, serial=1)


@pytest.mark.parametrize("gone", ENTRIES)
def test_missing_entries_are_named(gone: Revoked, made: Listing) -> None:
    rest = listing_of([entry for entry in ENTRIES if entry != gone])
    assert len(made.missing_from(rest)) == 1
    assert rest.missing_from(made) == []


@pytest.mark.parametrize("gone", ENTRIES)
def test_the_entries_of_two_lists(gone: Revoked, made: Listing) -> None:
    rest, other = listing_of([entry for entry in ENTRIES if entry != gone]), listing_of([gone])
    assert rest.joined(other) == other.joined(rest) == made
    assert rest == listing_of([entry for entry in ENTRIES if entry != gone]), "no list was changed"


def test_further_keys(made: Listing) -> None:
    more = made.with_hashes([key("good").fingerprint])
    assert more.covers(key("good").fingerprint)
    assert made.missing_from(more) == []
    assert more.missing_from(made) == [key("good").fingerprint]


def test_a_sha1_hash_is_an_entry(tmp_path: Path) -> None:
    file = KrlFile(str(tmp_path))
    file.make(Spec(f"sha1: {key('lost').public}\n", ()), 1)
    [entry] = file.listing().missing_from(listing_of([by_key(key("lost").public)]))
    assert entry.startswith("SHA1:")


def test_lists_of_every_authority(tmp_path: Path) -> None:
    """`ssh-keygen -s none` makes lists that hold for every authority; key_revocation_list does not."""
    text = "# KRL version 1\n\n# Wildcard CA\nserial: 7\nid: x\n\nhash: SHA1:abc\nunknown\n"
    listing = parse_listing(text)
    assert listing.covers("SHA256:x", ca="SHA256:any", serial=7)
    assert listing.covers("SHA256:x", ca="SHA256:any", key_id="x")
    assert listing.hashes == frozenset()

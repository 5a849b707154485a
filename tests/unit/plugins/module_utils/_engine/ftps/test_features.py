# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to FEAT."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Features


def test_proftpd() -> None:
    lines = [
        b" HASH CRC32;MD5;SHA-1*;SHA-256;SHA-512;",
        b" MLST modify*;perm*;size*;type*;unique*;UNIX.mode*;",
        b" REST STREAM",
        b" UTF8",
        b" MFMT",
    ]
    features = Features(lines)
    assert features.facts == (b"modify", b"perm", b"size", b"type", b"unique", b"unix.mode")
    assert features.hashes == (b"CRC32", b"MD5", b"SHA-1", b"SHA-256", b"SHA-512")
    assert features.utf8
    assert features.rest_stream
    assert features.has(b"MFMT")
    assert not features.has(b"XSHA256")


def test_nothing() -> None:
    features = Features()
    assert (features.facts, features.hashes, features.utf8, features.rest_stream) == ((), (), False, False)


def test_lines_that_are_no_features_are_left_out() -> None:
    assert not Features([b"SIZE", b" ", b""]).has(b"SIZE")


def test_active_facts_are_those_with_a_star() -> None:
    features = Features([b" MLST type*;size*;modify*;unix.mode;"])
    assert features.active_facts == (b"type", b"size", b"modify")
    assert features.facts == (b"type", b"size", b"modify", b"unix.mode")


def test_who_knows_rfc_3659_answers_in_order() -> None:
    assert Features([b" TVFS"]).answers_in_order
    assert Features([b" MLST type*;"]).answers_in_order
    assert not Features([b" SIZE", b" MDTM", b" UTF8"]).answers_in_order


def test_vsftpd_alone_takes_shared_records() -> None:
    assert Features([b" TVFS"]).shares_records
    assert not Features([b" TVFS", b" MLST type*;"]).shares_records
    assert not Features([b" SIZE"]).shares_records

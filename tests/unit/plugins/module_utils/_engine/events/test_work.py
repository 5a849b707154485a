# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DOWNLOAD,
    FAILURE,
    LINK,
    RENAME,
    SESSION_SUMMARY,
    SETSTAT,
    SUCCESS,
    UNKNOWN,
    UPLOAD,
    Event,
    Summary,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.work import (
    MOST_MEANINGS,
    Result,
    Who,
    Work,
    is_temporary,
    limited,
)

WHO = Who("partner", "192.0.2.1", "sftp", "SHA256:x", "s1")
AT = Result(5.0, "c5")
FAILED = Result(5.0, "c5", "Failure")
STAGE = b"/in/.secure_sync-0123456789ab-01234567-0.tmp"


@pytest.fixture
def work() -> Work:
    return Work(1.0)


def upload(work: Work, path: bytes, size: int = 10) -> list[Event]:
    return list(work.uploaded(WHO, AT, path, size))


def download(work: Work, path: bytes, size: int = 10) -> list[Event]:
    return list(work.downloaded(WHO, AT, path, size))


def rename(work: Work, old: bytes, new: bytes, result: Result = AT) -> list[Event]:
    return list(work.renamed(WHO, result, [(old, new)]))


class Session:
    """A session of one work."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def names(self) -> int:
        return self.work.names

    def forget(self) -> Iterator[Event]:
        return self.work.forget(WHO)


def summary(work: Work) -> Event:
    return list(work.ended(WHO, AT, SUCCESS))[-1]


def test_an_upload_is_one_event_with_all_that_is_known(work: Work) -> None:
    (event,) = upload(work, b"/in/a", 7)
    assert event == Event(
        5.0, UPLOAD, SUCCESS, "partner", "192.0.2.1", "sftp", "SHA256:x", "s1", b"/in/a", b"", 7, cursor="c5"
    )


def test_an_upload_under_a_temporary_name_is_an_event_at_its_rename(work: Work) -> None:
    assert upload(work, STAGE) == []
    (event,) = rename(work, STAGE, b"/in/a")
    assert (event.action, event.path, event.old_path, event.received) == (UPLOAD, b"/in/a", STAGE, 10)
    assert not event.temporary
    assert summary(work).summary == Summary(1.0, uploads=1)


def test_an_upload_without_its_rename_is_an_event_at_the_end(work: Work) -> None:
    upload(work, STAGE)
    event, end = work.ended(WHO, AT, UNKNOWN)
    assert (event.action, event.path, event.temporary, event.received) == (UPLOAD, STAGE, True, 10)
    assert (end.action, end.outcome, end.received) == (SESSION_SUMMARY, UNKNOWN, 10)


def test_a_failed_rename_leaves_the_upload_waiting(work: Work) -> None:
    upload(work, STAGE)
    (event,) = rename(work, STAGE, b"/in/a", FAILED)
    assert (event.action, event.outcome, event.reason) == (RENAME, FAILURE, "Failure")
    (again,) = rename(work, STAGE, b"/in/a")
    assert again.action == UPLOAD


def test_a_deleted_temporary_file_is_an_upload_and_a_deletion(work: Work) -> None:
    upload(work, STAGE)
    assert [event.action for event in work.deleted(WHO, AT, STAGE)] == [UPLOAD, DELETE]


def test_a_proof_by_reading_back_is_no_download(work: Work) -> None:
    upload(work, STAGE, 10)
    assert download(work, STAGE, 10) == []
    rename(work, STAGE, b"/in/a")
    end = summary(work)
    assert (end.received, end.sent, end.summary) == (10, 0, Summary(1.0, uploads=1, read_back=10))


def test_a_second_reading_is_a_download(work: Work) -> None:
    upload(work, b"/in/a", 10)
    assert download(work, b"/in/a", 10) == []
    (event,) = download(work, b"/in/a", 10)
    assert (event.action, event.sent) == (DOWNLOAD, 10)


def test_only_the_bytes_that_were_written_prove(work: Work) -> None:
    upload(work, b"/in/a", 10)
    (event,) = download(work, b"/in/a", 25)
    assert (event.action, event.sent) == (DOWNLOAD, 15)
    assert summary(work).sent == 15


def test_an_empty_file_that_was_written_is_no_download(work: Work) -> None:
    upload(work, b"/in/a", 0)
    assert download(work, b"/in/a", 0) == []
    assert [event.action for event in download(work, b"/in/b", 0)] == [DOWNLOAD]


@pytest.mark.parametrize("spelling", [b"/in/a", b"/in/./a", b"//in/b/../a"])
def test_another_file_under_the_name_of_a_written_file_is_a_download(work: Work, spelling: bytes) -> None:
    upload(work, b"/in/a", 1000)
    rename(work, b"/secret", spelling)
    (event,) = download(work, b"/in/a", 1000)
    assert event.sent == 1000


def test_a_deleted_name_proves_nothing(work: Work) -> None:
    upload(work, b"/in/a", 1000)
    list(work.deleted(WHO, AT, b"/in/a"))
    assert [event.sent for event in download(work, b"/in/a", 1000)] == [1000]


def test_an_ambiguous_rename_ends_the_proofs_of_all_its_names(work: Work) -> None:
    upload(work, b"/x y", 1000)
    meanings = [(b"/a", b"/b /x y"), (b"/a /b", b"/x y")]
    (event,) = work.renamed(WHO, AT, meanings)
    assert (event.ambiguous, event.old_path, event.path) == (True, b"/a", b"/b /x y")
    assert [event.sent for event in download(work, b"/x y", 1000)] == [1000]


def test_a_rename_with_too_many_meanings_ends_all_proofs(work: Work) -> None:
    for name in (b"/in/a", b"/other"):
        upload(work, name)
    meanings = [(b"/in/a", b"/%d" % number) for number in range(MOST_MEANINGS + 1)]
    (event,) = work.renamed(WHO, AT, meanings)
    assert (event.ambiguous, event.old_path, event.path) == (True, b"/in/a", b"/0")
    assert [event.action for event in download(work, b"/other")] == [DOWNLOAD]


def test_a_rename_of_a_written_file_is_not_ambiguous(work: Work) -> None:
    upload(work, b"/a /b", 10)
    (event,) = work.renamed(WHO, AT, [(b"/a", b"/b /c"), (b"/a /b", b"/c")])
    assert (event.ambiguous, event.old_path, event.path) == (False, b"/a /b", b"/c")


def test_a_name_with_a_question_mark_proves_nothing(work: Work) -> None:
    """vsftpd writes it for several characters."""
    upload(work, b"/a?", 10)
    assert [event.sent for event in download(work, b"/a?", 10)] == [10]


def test_a_log_without_renames_has_neither_proofs_nor_waiting_uploads() -> None:
    work = Work(1.0, has_renames=False)
    (event,) = upload(work, STAGE)
    assert event.temporary
    assert [event.sent for event in download(work, STAGE)] == [10]


def test_attributes_of_a_waiting_upload_are_no_event(work: Work) -> None:
    upload(work, STAGE)
    assert list(work.changed(WHO, AT, STAGE)) == []
    assert [event.action for event in work.changed(WHO, AT, b"/in/a")] == [SETSTAT]


def test_a_link_has_its_target(work: Work) -> None:
    (event,) = work.linked(WHO, AT, b"/in/l", b"a")
    assert (event.action, event.path, event.old_path) == (LINK, b"/in/l", b"a")


def test_the_summary_counts_files_and_failures_apart(work: Work) -> None:
    upload(work, b"/a", 1)
    list(work.uploaded(WHO, FAILED, b"/b", 2))
    download(work, b"/c", 3)
    rename(work, b"/c", b"/d")
    list(work.deleted(WHO, AT, b"/d"))
    list(work.deleted(WHO, FAILED, b"/d"))
    list(work.denied(WHO, FAILED, b"/e"))
    work.uncounted()
    end = summary(work)
    assert (end.received, end.sent) == (3, 3)
    assert end.summary == Summary(1.0, uploads=1, downloads=1, deletes=1, renames=1, denied=1, uncounted=1)


def test_names_are_bounded(work: Work) -> None:
    events = [event for number in range(2500) for event in upload(work, b"/.%d" % number, 1)]
    assert len(events) == 500
    assert all(event.temporary for event in events)


def test_forgotten_names_are_uploads_under_their_temporary_names(work: Work) -> None:
    upload(work, STAGE)
    upload(work, b"/in/a")
    assert work.names == 2 * len(STAGE) + len(b"/in/a")
    (event,) = work.forget(WHO)
    assert (event.action, event.path, event.temporary) == (UPLOAD, STAGE, True)
    assert work.names == 0
    assert [event.action for event in download(work, b"/in/a")] == [DOWNLOAD]
    assert summary(work).summary == Summary(1.0, uploads=2, downloads=1)


def test_the_sessions_with_the_most_names_forget_theirs() -> None:
    works = [Work(1.0) for _session in range(3)]
    for number, work in enumerate(works):
        for name in range(10**number):
            upload(work, b"/in/%07d" % name)
    sessions = [Session(work) for work in works]
    assert list(limited(sessions, 11 * 11 + 10 + 100 * 11)) == []
    assert [work.names for work in works] == [11, 110, 1100]
    assert list(limited(sessions, 121)) == []
    assert [work.names for work in works] == [11, 110, 0]
    assert list(limited(sessions, 120)) == []
    assert [work.names for work in works] == [11, 0, 0]


def test_a_work_goes_on_after_it_was_saved(work: Work) -> None:
    upload(work, b"/\xff\n.tmp", 10)
    again = Work(99.0, json.loads(json.dumps(work.saved())))
    (event,) = rename(again, b"/\xff\n.tmp", b"/a")
    assert (event.received, again.began) == (10, 1.0)


@pytest.mark.parametrize("name", [STAGE, b".x", b"/a/b.part", b"a.filepart", b"/\n.tmp"])
def test_temporary_names(name: bytes) -> None:
    assert is_temporary(name)
    assert not is_temporary(b"/.hidden/file")
    assert not is_temporary(b"/a.tmp/b")

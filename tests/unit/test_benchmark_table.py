# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic and the words of the benchmark: medians, ratios, tables, rounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.tests.benchmark import measure as measuring
from ansible_collections.secure.ftp_synchronize.tests.benchmark import ours, peers
from ansible_collections.secure.ftp_synchronize.tests.benchmark.changed_rounds import change_blocks, require_renamed
from ansible_collections.secure.ftp_synchronize.tests.benchmark.contender import (
    HASHED,
    OUR_CIPHER,
    OURS,
    PEER,
    RSYNC,
    Command,
    Contender,
    Job,
    SshTarget,
    partakers,
)
from ansible_collections.secure.ftp_synchronize.tests.benchmark.correct import Wrong, require_same
from ansible_collections.secure.ftp_synchronize.tests.benchmark.document import Conditions, document
from ansible_collections.secure.ftp_synchronize.tests.benchmark.ftps_peers import CONTENDERS as FTPS_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.growth import growth_table
from ansible_collections.secure.ftp_synchronize.tests.benchmark.hashed_peers import CONTENDERS as HASHED_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.measure import rotated
from ansible_collections.secure.ftp_synchronize.tests.benchmark.ours import CONTENDERS as OUR_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.peers import CONTENDERS as PEER_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.place import Place
from ansible_collections.secure.ftp_synchronize.tests.benchmark.sealed_files import (
    AGE,
    PLAIN,
    RESTIC,
    changed_table,
    sealed_missed,
    sealed_table,
)
from ansible_collections.secure.ftp_synchronize.tests.benchmark.sealed_files import CONTENDERS as SEALED_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.sealed_files import TARGETS as SEALED_TARGETS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.sealed_files import WORKLOADS as SEALED_WORKLOADS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.signed_sets import CONTENDERS as SIGNED_CONTENDERS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.signed_sets import (
    READ_BACK as UNSIGNED_READ_BACK,
)
from ansible_collections.secure.ftp_synchronize.tests.benchmark.signed_sets import (
    SIGNED,
    TARGETS,
    UNSIGNED,
    signed_missed,
    signed_table,
)
from ansible_collections.secure.ftp_synchronize.tests.benchmark.signed_sets import WORKLOADS as SIGNED_WORKLOADS
from ansible_collections.secure.ftp_synchronize.tests.benchmark.table import (
    Measured,
    details,
    fastest,
    markdown,
    memory,
    missed,
    ratio,
    ratios,
    seconds,
    times,
)
from ansible_collections.secure.ftp_synchronize.tests.benchmark.timed import Failed, timed
from ansible_collections.secure.ftp_synchronize.tests.benchmark.workloads import (
    BLOCKS,
    FTPS,
    IDLE,
    PULL,
    PUSH,
    RENAMED,
    TRANSFER,
    WORKLOADS,
    Targets,
    Workload,
    scaled,
)
from support.drawing.benchmarks import chart
from support.drawing.benchmarks import rows as charted

CONTENDERS = (*OUR_CONTENDERS, *PEER_CONTENDERS, *FTPS_CONTENDERS, *HASHED_CONTENDERS)
SMALL = Workload("small", "ten files", 10, 4096, push=Targets(peer=0.25, read_back=0.5, rsync=1.2))
OURS_RUNS = Measured("secure_sync", OURS, (1.0, 9.0, 1.1), peak_kib=2048)
READ_BACK = Measured("secure_sync, read back", OURS, (3.0,))
PLAY = Measured("secure_sync, ansible-playbook", OURS, (5.0,))
SLOW = Measured("scp", PEER, (8.0, 10.0))
QUICK = Measured("lftp", PEER, (5.0, 4.0, 6.0))
STOCK = Measured("rsync", RSYNC, (1.0,))
EVEN = Measured("scp, aes128-gcm", OUR_CIPHER[PEER], (2.2,))
STOCK_EVEN = Measured("rsync, aes128-gcm", OUR_CIPHER[RSYNC], (0.1,))
SLOW_HASHED = Measured("scp, sha256sum", HASHED, (9.0,))
QUICK_HASHED = Measured("lftp, sha256sum", HASHED, (5.5,))
BROKEN = Measured("rclone", PEER, (), failure="exit status 1: no such file")
RUNS = [OURS_RUNS, READ_BACK, PLAY, SLOW, QUICK, STOCK, BROKEN]


def cells(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table, line by line, without its rule."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert len({len(line) for line in lines}) == 1, "the lines have different numbers of cells"
    return [lines[0], *lines[2:]]


@pytest.mark.parametrize(
    ("times", "files", "of", "expected"),
    [
        ((3.0,), 1, 1, 3.0),
        ((3.0, 1.0, 2.0), 1, 1, 2.0),
        ((1.0, 2.0), 1, 1, 1.5),
        ((1.5,), 200, 2000, 15.0),
        ((), 1, 1, None),
    ],
)
def test_median_is_for_all_the_files(times: tuple[float, ...], files: int, of: int, expected: float | None) -> None:
    assert Measured("x", PEER, times, files=files, of=of).median == expected


def test_fastest_is_of_the_kind_and_has_a_figure() -> None:
    assert fastest(RUNS, PEER) is QUICK
    assert fastest(RUNS, RSYNC) is STOCK
    assert fastest([BROKEN, OURS_RUNS], PEER) is None


def test_ratio_is_of_medians_and_unknown_without_a_figure() -> None:
    assert ratio(OURS_RUNS, QUICK) == pytest.approx(1.1 / 5.0)
    assert ratio(OURS_RUNS, BROKEN) is None
    assert ratio(None, QUICK) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1234, "0.123"), (1.0, "1.00"), (9.876, "9.88"), (12.34, "12.3"), (160.0, "160.0"), (None, "")],
)
def test_seconds_have_three_digits(value: float | None, text: str) -> None:
    assert seconds(value) == text


def test_times_name_the_fastest_peer() -> None:
    (_head, row) = cells(times({(SMALL, PUSH): RUNS}))
    assert row == ["ten files", "push", "1.10", "5.00 (lftp)", "1.00", "5.00"]


def test_ratios_are_judged_by_their_targets() -> None:
    (_head, row) = cells(ratios({(SMALL, PUSH): RUNS}))
    assert row == ["ten files", "push", "0.22 (<= 0.25)", "", "", "1.10 (<= 1.20)", "0.60 (not <= 0.50)", "1.00", ""]


def test_unknown_cells_are_empty() -> None:
    runs = {(SMALL, PULL): [OURS_RUNS, BROKEN]}
    assert cells(times(runs))[1] == ["ten files", "pull", "1.10", *[""] * 3]
    assert cells(ratios(runs))[1] == ["ten files", "pull", *[""] * 7]


def test_ratios_show_the_rest_with_the_same_cipher() -> None:
    runs = {(SMALL, PUSH): [*RUNS, EVEN, STOCK_EVEN]}
    assert cells(times(runs))[1][3:5] == ["5.00 (lftp)", "1.00"], "rsync with its default cipher"
    assert cells(ratios(runs))[1][2:7] == ["0.22 (<= 0.25)", "0.50", "", "1.10 (<= 1.20)", "0.60 (not <= 0.50)"]


def test_ratios_show_the_rest_for_peers_that_hash() -> None:
    (_head, row) = cells(ratios({(SMALL, PUSH): [*RUNS, SLOW_HASHED, QUICK_HASHED]}))
    assert row[2:5] == ["0.22 (<= 0.25)", "", "0.20"]


def test_each_direction_has_its_targets() -> None:
    work = Workload("small", "ten files", 10, 4096, push=Targets(peer=0.2, hashed=0.1), pull=Targets(play=0.9))
    runs = [*RUNS, QUICK_HASHED]
    assert missed({(work, PUSH): runs, (work, PULL): runs}) == [
        "ten files, push: secure_sync / fastest peer is 0.22, target 0.20",
        "ten files, push: secure_sync / fastest peer that hashes is 0.20, target 0.10",
        "ten files, pull: playbook / fastest peer is 1.00, target 0.90",
    ]


def test_missed_targets_are_named_with_their_figures() -> None:
    heavy = Workload("heavy", "many files", 10, 0, only=("secure_sync",), target_memory=1)
    found = missed({(SMALL, PUSH): RUNS, (heavy, PULL): [OURS_RUNS]})
    assert found == [
        "ten files, push: read back / fastest peer is 0.60, target 0.50",
        "many files, pull: 2 MiB of memory, target 1",
    ]


def test_details_have_all_contenders_and_both_directions() -> None:
    part = Measured("sftp", PEER, (2.0, 1.0), files=2, of=10)
    table = cells(details({(SMALL, PUSH): RUNS, (SMALL, PULL): [part]}, SMALL))
    by_name = {row[0]: row[1:] for row in table[1:]}
    assert list(by_name) == [*(each.contender for each in RUNS), "sftp"]
    assert by_name["secure_sync"] == ["1.10", "1.00 to 9.00", "3", "", *[""] * 4]
    assert by_name["lftp"] == ["5.00", "4.00 to 6.00", "3", "0.22", *[""] * 4]
    assert by_name["rclone"] == ["failed", *[""] * 7]
    assert by_name["sftp"] == [*[""] * 4, "7.50", "5.00 to 10.0", "2, 2 files", ""]


def test_memory_is_the_peak_of_ours() -> None:
    assert cells(memory({(SMALL, PUSH): RUNS, (SMALL, PULL): [SLOW]}))[1] == ["ten files", "2", "", ""]


def test_markdown_columns_are_even() -> None:
    assert markdown(("a", "bcde"), [("longer", "1")]) == (
        "| a      | bcde |\n"
        "| ------ | ---: |\n"
        "| longer |    1 |\n"
    )  # fmt: skip


def test_everybody_is_first_once() -> None:
    orders = [rotated([1, 2, 3], number) for number in range(4)]
    assert orders == [[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]]
    assert rotated([], 3) == []


def test_slow_contenders_have_fewer_rounds_and_files() -> None:
    work = Workload("far", "far", 2000, 1, rounds=3, slow=(("scp", 1),), parts=(("scp", 200),))
    assert [work.rounds_of(name, 5) for name in ("scp", "secure_sync")] == [1, 3]
    assert [work.files_of(name) for name in ("scp", "secure_sync")] == [200, 2000]


def test_scaled_work_is_smaller_and_says_so() -> None:
    many = scaled(Workload("many", "many", 2000, 4096, parts=(("scp", 200),)), 10)
    assert (many.files, many.size, many.files_of("scp"), many.title) == (200, 4096, 20, "many, 1/10 of it")
    one = scaled(Workload("one", "one", 1, 4096), 4)
    assert (one.files, one.size) == (1, 1024)
    assert scaled(SMALL, 1) is SMALL
    assert not any(scaled(SMALL, 2).push), "what is wanted is wanted of the whole"


def test_every_contender_named_by_a_workload_exists() -> None:
    names = {each.name for each in CONTENDERS}
    assert len(names) == len(CONTENDERS)
    assert {name for work in WORKLOADS for name, _count in (*work.slow, *work.parts)} <= names
    assert {name for work in WORKLOADS for name in work.only} <= names


@pytest.mark.parametrize("work", WORKLOADS, ids=lambda work: work.name)
@pytest.mark.parametrize("direction", [PUSH, PULL])
def test_each_work_has_ours_and_those_it_is_compared_with(work: Workload, direction: str) -> None:
    kinds = {each.kind for each in partakers(CONTENDERS, work, direction)}
    even = set(OUR_CIPHER.values()) if work.name in ("medium", "big") else set()
    hashed = {HASHED} if work.kind == TRANSFER and not work.delay and not work.only else set()
    compared = {OURS, PEER} if work.protocol == FTPS else {OURS, PEER, RSYNC} | even | hashed
    wanted = {OURS} if work.alone else compared | hashed
    assert kinds == (wanted if direction in work.directions else set())


def test_over_ftps_the_peers_are_those_that_speak_it() -> None:
    small = Workload("ftps", "ftps", 10, 1, protocol=FTPS)
    peers = {each.name for each in CONTENDERS if each.kind == PEER and each.takes_part(small, PUSH)}
    assert peers == {each.name for each in FTPS_CONTENDERS}
    assert [each.name for each in FTPS_CONTENDERS if each.takes_part(SMALL, PUSH)] == []


def test_who_cannot_compare_takes_no_part_where_nothing_is_to_do() -> None:
    idle = Workload("idle", "idle", 10, 1, IDLE)
    absent = {each.name for each in CONTENDERS if not each.takes_part(idle, PUSH)}
    assert {"sftp", "scp"} <= absent


def test_page_has_figures_conditions_and_steps() -> None:
    conditions = Conditions({"processor": "P"}, {"lftp": "4"}, 5, True, (0.1, 0.2), "A trial")
    page = document({(SMALL, PUSH): RUNS}, conditions, CONTENDERS)
    assert "**A trial**" in page
    assert "## Ten files" in page
    assert "- processor: P\n" in page
    assert "- load average before and after: 0.10 and 0.20\n" in page
    assert all(f"- **{each.name}**: " in page for each in CONTENDERS)
    assert "no such file" not in page, "what a program says of its failure may hold this machine's paths"


def test_page_says_that_all_targets_are_met_only_if_so() -> None:
    conditions = Conditions({}, {}, 5, True, (0.0, 0.0))
    assert "All targets" not in document({(SMALL, PUSH): RUNS}, conditions, ())
    assert "All targets" in document({(SMALL, PUSH): [OURS_RUNS, QUICK, STOCK]}, conditions, ())


def empty(files: int, kind: str = TRANSFER) -> Workload:
    return Workload(f"{files}", f"{files} empty files", files, 0, kind)


def engine_run(seconds: float, cpu: float, mib: int) -> list[Measured]:
    return [SLOW, Measured("secure_sync", OURS, (seconds,), cpu=(cpu,), peak_kib=mib << 10)]


def test_growth_is_time_for_each_file_to_that_of_the_smallest_tree() -> None:
    results = {
        (empty(200, IDLE), PUSH): engine_run(0.5, 0.2, 12),
        (empty(1000), PUSH): engine_run(12.0, 8.0, 40),
        (empty(1000), PULL): [BROKEN, Measured("secure_sync", OURS, (), failure="exit status 1")],
        (empty(100), PUSH): engine_run(1.0, 0.5, 11),
        (SMALL, PUSH): RUNS,
        (SIGNED_WORKLOADS[1], PUSH): signed_runs(4.0, 5.0, 4.5),
    }
    rows = cells(growth_table(results))[1:]
    assert rows == [
        ["push", "100", "1.00", "0.500", "11", "1.00"],
        ["push", "1,000", "12.0", "8.00", "40", "1.20"],
        ["nothing to do, push", "200", "0.500", "0.200", "12", "1.00"],
    ]
    assert growth_table({(SMALL, PUSH): RUNS}) == ""


def test_growth_is_of_three_sizes_of_trees() -> None:
    sizes = {(work.kind, work.files) for work in WORKLOADS if not work.size}
    assert sizes == {(kind, files) for kind in (TRANSFER, IDLE) for files in (10_000, 100_000, 1_000_000)}


def test_page_shows_the_growth_of_empty_trees_only() -> None:
    conditions = Conditions({}, {}, 5, True, (0.0, 0.0))
    assert "## Growth" in document({(empty(100), PUSH): engine_run(1.0, 0.5, 11)}, conditions, ())
    assert "## Growth" not in document({(SMALL, PUSH): RUNS}, conditions, ())


def test_where_a_server_hash_is_needed_the_run_with_it_is_compared() -> None:
    blocks = Workload("blocks", "one file", 1, 4096, BLOCKS, push=Targets(peer=0.3, always=0.3))
    hashed = Measured("secure_sync, server hash", OURS, (2.0,))
    runs = [hashed, Measured("secure_sync, delta always", OURS, (1.0,)), QUICK]
    assert cells(times({(blocks, PUSH): runs}))[1] == ["one file", "push", "2.00", "5.00 (lftp)", "", ""]
    row = cells(ratios({(blocks, PUSH): runs}))[1]
    assert (row[2], row[-1]) == ("0.40 (not <= 0.30)", "0.20 (<= 0.30)")
    assert missed({(blocks, PUSH): runs}) == ["one file, push: secure_sync / fastest peer is 0.40, target 0.30"]
    slow = [hashed, Measured("secure_sync, delta always", OURS, (2.5,)), QUICK]
    assert missed({(blocks, PUSH): slow})[1:] == ["one file, push: delta always / fastest peer is 0.50, target 0.30"]


def test_the_chart_has_works_of_one_direction_and_none_without_a_playbook() -> None:
    blocks = Workload("blocks", "one file", 1, 4096, BLOCKS, directions=(PUSH,))
    results = {(blocks, PUSH): RUNS, (empty(100), PUSH): [OURS_RUNS, QUICK, STOCK]}
    page = document(results, Conditions({}, {}, 5, True, (0.0, 0.0)), ())
    assert [(row.work, row.direction, row.sync, row.play) for row in charted(page)] == [("one file", PUSH, 1.1, 5.0)]
    assert chart(page).count('class="faster" x=') == 2, "in the legend, and a bar"


def named(name: str) -> Contender:
    return next(each for each in CONTENDERS if each.name == name)


def test_a_work_is_done_by_its_contenders_in_its_directions() -> None:
    work = Workload("a", "a", 10, 1, only=("rsync", "secure_sync"), directions=(PULL,))
    assert [each.name for each in partakers(CONTENDERS, work, PULL)] == ["secure_sync", "rsync"]
    assert partakers(CONTENDERS, work, PUSH) == []


def test_renames_and_blocks_are_the_work_of_those_who_can() -> None:
    renamed, blocks = (next(each for each in WORKLOADS if each.kind == kind) for kind in (RENAMED, BLOCKS))
    moving = {each.name for each in partakers(CONTENDERS, renamed, PULL)}
    assert {"secure_sync, server hash", "lftp -P4", "rclone", "rclone tuned", "rsync"} <= moving
    assert not {"sftp", "scp", "secure_sync", "secure_sync, read back"} & moving
    assert "secure_sync" in {each.name for each in partakers(CONTENDERS, renamed, PUSH)}
    ours_of_blocks = {each.name: each.shell for each in partakers(CONTENDERS, blocks, PUSH) if each.kind == OURS}
    assert ours_of_blocks["secure_sync, server hash"]
    assert not ours_of_blocks["secure_sync, delta always"]
    assert "secure_sync" not in ours_of_blocks


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lftp -P4", ["--delete"]),
        ("rclone", ["sync", "--track-renames"]),
        ("rclone tuned", ["sync", "--track-renames", "--track-renames-strategy=modtime,leaf"]),
        ("rsync", ["--delete"]),
    ],
)
def test_old_names_are_removed_after_a_rename_and_nowhere_else(tmp_path: Path, name: str, words: list[str]) -> None:
    target = SshTarget("127.0.0.1", 22, "u", *[tmp_path / "file"] * 4)
    said = {
        kind: " ".join(
            named(name).command(Job(Workload("a", "a", 2, 1, kind), PUSH, tmp_path, "/far", target, tmp_path)).argv
        ).split()
        for kind in (RENAMED, TRANSFER)
    }
    assert set(words) <= set(said[RENAMED])
    assert not set(words) & set(said[TRANSFER])


def test_renamed_files_are_moved_without_content(tmp_path: Path) -> None:
    require_renamed('{"stats": {"bytes_sent": 0, "bytes_received": 0}}', tmp_path)
    require_renamed("what another program says", tmp_path)
    with pytest.raises(Wrong, match="4096 bytes"):
        require_renamed('{"stats": {"bytes_sent": 0, "bytes_received": 4096}}', tmp_path)
    (tmp_path / "old").mkdir()
    with pytest.raises(Wrong, match="old is still there"):
        require_renamed("", tmp_path)


def test_a_work_that_cannot_be_prepared_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_place: Place, _workload: Workload) -> None:
        raise Failed("no space")

    monkeypatch.setattr(measuring, "prepare_idle", fail)
    said: list[str] = []
    runs = measuring.measure(Place(), empty(100, IDLE), PUSH, [ours.ENGINE, named("rsync")], rounds=2, say=said.append)
    assert [(each.contender, each.seconds, each.failure) for each in runs] == [
        ("secure_sync", (), "no space"),
        ("rsync", (), "no space"),
    ]
    assert said == ["  100 push: not prepared: no space"]


def test_a_program_that_is_missing_has_no_figure(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="there is no restic"):
        timed(Command(["restic"], environment={"PATH": str(tmp_path)}), tmp_path)


def test_a_hundredth_of_the_blocks_changes(tmp_path: Path) -> None:
    file, block = tmp_path / "f0", 64 << 10
    file.write_bytes(bytes(300 * block))
    before = file.stat()
    change_blocks(file)
    content, after = file.read_bytes(), file.stat()
    changed = {place // block for place in range(0, len(content), block) if any(content[place : place + block])}
    assert len(changed) == 3
    assert (len(content), after.st_mtime) == (before.st_size, before.st_mtime + 100)


def test_peers_need_the_same_contents_and_ours_also_the_same_attributes(tmp_path: Path) -> None:
    for side in ("source", "copy"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "file").write_text("content")
    (tmp_path / "copy" / "file").chmod(0o600)
    sides = tmp_path / "source", tmp_path / "copy"
    require_same(peers.CONTENDERS[0], *sides)
    with pytest.raises(Wrong):
        require_same(ours.ENGINE, *sides)
    (tmp_path / "copy" / "file").write_text("CONTENT")
    with pytest.raises(Wrong):
        require_same(peers.CONTENDERS[0], *sides)


def signed_runs(unsigned: float, read_back: float, signed: float) -> list[Measured]:
    names = zip((UNSIGNED, UNSIGNED_READ_BACK, SIGNED), (unsigned, read_back, signed), strict=True)
    return [Measured(name, OURS, (value,)) for name, value in names]


def test_signed_runs_are_compared_with_unsigned_runs() -> None:
    small, many, idle = SIGNED_WORKLOADS
    good = {(small, PULL): signed_runs(1.0, 1.2, 1.1), (many, PUSH): signed_runs(4.0, 5.0, 4.5)}
    rows = cells(signed_table({**good, (SMALL, PUSH): RUNS}))[1:]
    assert rows[0][1:] == ["pull", "1.00", "1.20", "1.10", "+0.100", "1.10", "1.10, and read back"]
    assert rows[1][1:] == ["push", "4.00", "5.00", "4.50", "+0.500", "1.12", "+0.50 s"]
    assert len(rows) == 2
    assert signed_missed(good) == []
    bad = {
        (small, PULL): signed_runs(1.0, 1.2, 1.3),
        (many, PULL): signed_runs(4.0, 9.0, 4.6),
        (idle, PUSH): signed_runs(0.5, 0.5, 0.56),
        (idle, PULL): [BROKEN],
    }
    assert signed_missed(bad) == [
        "10,000 files of 4 KiB, pull, signed / unsigned is 1.30, target 1.10",
        "10,000 files of 4 KiB, pull, signed / read back is 1.08, target 1.00",
        "100,000 empty files, pull, signed: +0.600 s, target +0.50 s",
        "nothing to do, 100,000 empty files, push, signed: +0.060 s, target +0.05 s",
    ]


def test_signed_work_has_a_section_of_its_own() -> None:
    conditions = Conditions({}, {}, 5, True, (0.0, 0.0))
    key = (SIGNED_WORKLOADS[0], PULL)
    page = document({key: signed_runs(1.0, 1.2, 1.0)}, conditions, SIGNED_CONTENDERS)
    assert "Signed sets: pushes with `sign`" in page
    assert "All targets were met" in page
    assert "## Signed sets: 10,000 files" in page
    assert "Signed sets: pushes" not in document({(SMALL, PUSH): RUNS}, conditions, ())
    assert "All targets" not in document({(scaled(key[0], 2), PULL): signed_runs(1.0, 1.2, 1.0)}, conditions, ())
    assert {work for work, _direction in TARGETS} == set(SIGNED_WORKLOADS)


def sealed_runs(age: float, crypt: float) -> list[Measured]:
    return [
        Measured(PLAIN, OURS, (1.0,)),
        Measured(AGE, OURS, (age,)),
        Measured("rclone crypt", PEER, (9 * crypt,)),
        Measured("rclone crypt tuned", PEER, (crypt,)),
        Measured(RESTIC, PEER, (8.0,)),
    ]


def test_encrypted_runs_are_compared_with_the_faster_rclone_crypt_and_with_restic() -> None:
    small, big, idle, changed = SEALED_WORKLOADS
    results = {
        (small, PUSH): sealed_runs(2.0, 5.0),
        (big, PUSH): sealed_runs(2.2, 2.0),
        (idle, PULL): [],
        (changed, PUSH): [Measured("secure_sync, age, checksum", OURS, (1.0,), found=False)],
        (SMALL, PUSH): RUNS,
    }
    rows = cells(sealed_table(results))[1:]
    assert [row[1:] for row in rows] == [
        ["push", "1.00", "2.00", "5.00", "8.00", "0.40", "0.25", "0.40"],
        ["push", "1.00", "2.20", "2.00", "8.00", "1.10", "0.28", "1.00"],
    ]
    assert sealed_missed(results) == [
        "1 file of 1 GiB, push, age / rclone crypt is 1.10, target 1.00",
        "1 of 10,000 files changed, size and mtime kept: not found by `compare: checksum`",
    ]


def test_a_change_that_keeps_size_and_time_is_found_or_not() -> None:
    changed = SEALED_WORKLOADS[3]
    runs = [
        Measured("secure_sync, age, checksum", OURS, (1.0,), found=True),
        Measured("rclone crypt", PEER, (2.0,), found=False),
        Measured(RESTIC, PEER, (), failure="exit status 1"),
    ]
    results = {(changed, PUSH): runs}
    assert cells(changed_table(results))[1:] == [
        ["secure_sync, age, checksum", "1.00", "yes"],
        ["rclone crypt", "2.00", "no"],
        ["restic", "", ""],
    ]
    assert sealed_missed(results) == []
    assert changed_table({(SMALL, PUSH): RUNS}) == ""


def test_encrypted_work_has_a_section_of_its_own() -> None:
    conditions = Conditions({}, {}, 5, True, (0.0, 0.0))
    small, _big, _idle, changed = SEALED_WORKLOADS
    found = [Measured("rclone crypt", PEER, (2.0,), found=False)]
    page = document({(small, PUSH): sealed_runs(1.0, 5.0), (changed, PUSH): found}, conditions, SEALED_CONTENDERS)
    assert "Encrypted files: pushes with `encrypt`" in page
    assert "| rclone crypt |" in page.partition("*found*")[2]
    assert "All targets were met" in page
    assert "## Encrypted files: 10,000 files" in page
    assert "Encrypted files: pushes" not in document({(SMALL, PUSH): RUNS}, conditions, ())


@pytest.mark.parametrize("direction", [PUSH, PULL])
@pytest.mark.parametrize("work", SEALED_WORKLOADS, ids=lambda work: work.name)
def test_encrypted_work_is_done_by_both_peers(work: Workload, direction: str) -> None:
    names = {each.name for each in SEALED_CONTENDERS if each.takes_part(work, direction)}
    expected = {PLAIN, AGE, "rclone crypt", RESTIC} if direction == PUSH or work.kind == TRANSFER else set()
    assert expected <= names
    assert bool(expected) == bool(names)
    assert {name for name, _count in work.slow} <= {each.name for each in SEALED_CONTENDERS}
    assert {work for work, _direction in SEALED_TARGETS} <= set(SEALED_WORKLOADS)

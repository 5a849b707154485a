# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/receipts.md as it is written: real runs against a real sshd leave receipts, and
the auditor's script, which uses stock programs alone, finds each change."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from support.running.examples import ROOT
from support.running.tasks import run_task
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL

PAGE = (ROOT / "docs/receipts.md").read_text()
(SCRIPT,) = re.findall(r"^<!-- run: receipts -->\n```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SECTION = PAGE
PUBLISH, CHECK, CLOSE = (
    next(options for name, options in yaml.safe_load(text)[0].items() if name != "name")
    for text in re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
)
"""The options of the tasks of the section."""
KEY = {"private_key_file": str(key("receipts").path)}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Yield a directory with `receipts` of four runs, and the results of the runs."""
    place = tmp_path_factory.mktemp("receipts")
    (place / "source").mkdir()
    (place / "allowed_signers").write_text(LINE + "\n")
    (place / "check_receipts").write_text(SCRIPT)
    with Sshd() as server:
        (place / "known_hosts").write_text(server.known_hosts_line())
        results = []
        for number in range(4):
            (place / "source" / "file").write_text(str(number) * (number + 1))
            here = {
                "host": server.host,
                "port": server.port,
                "username": server.user,
                "private_key_file": str(server.key.path),
                "known_hosts_file": str(place / "known_hosts"),
                "ssh_config_file": "none",
                "state_dir": str(place / "state"),
                "src": str(place / "source"),
                "dest": f"{server.remote_root}/release",
                "sign": {**PUBLISH["sign"], **KEY},
                "receipts": {**PUBLISH["receipts"], "path": str(place / "receipts")},
            }
            results.append(run_task(secure_sync, **{**PUBLISH, **here}))
        yield place, results


@pytest.fixture
def chain(published: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> ReceiptChain:
    """Return a copy of the receipts."""
    copied = tmp_path / "receipts"
    subprocess.run(["cp", "-a", str(published[0] / "receipts"), str(copied)], check=True)
    return ReceiptChain(copied)


def audited(place: Path, chain: ReceiptChain, *head: str) -> tuple[int, list[str]]:
    words = ["sh", str(place / "check_receipts"), str(chain.directory), str(place / "allowed_signers"), PRINCIPAL]
    done = subprocess.run([*words, *head], capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


def verified(chain: ReceiptChain, head: str | None = None, **options: Any) -> list[str]:
    result = run_task(receipt_verify, **{**CHECK, **here(chain), "head": head, "fail_on": "none", **options})
    return [each["id"] for each in result["findings"]]


def here(chain: ReceiptChain) -> dict[str, Any]:
    """Return the options with the paths of this test."""
    signers = chain.directory.parent / "receipt_signers"
    signers.write_text(LINE + "\n")
    return {"path": str(chain.directory), "verify": {**CHECK["verify"], "allowed_signers_file": str(signers)}}


def test_the_script_has_at_most_20_lines_and_needs_three_programs() -> None:
    assert len(SCRIPT.splitlines()) <= 20
    programs = {"ssh-keygen", "sha256sum", "jq"}
    assert {name for name in programs if name in SCRIPT} == programs
    assert not re.search(r"\b(cut|sed|awk|grep|basename|expr|python)\b", SCRIPT)


def test_runs_leave_receipts_that_the_auditor_accepts(
    published: tuple[Path, list[dict[str, Any]]], chain: ReceiptChain
) -> None:
    place, results = published
    assert [each["receipt"]["sequence"] for each in results] == [1, 2, 3, 4]
    newest = results[-1]["receipt"]["digest"]
    assert audited(place, chain) == (0, [f"4 receipts; the newest is {newest}"])
    assert audited(place, chain, results[1]["receipt"]["digest"])[0] == 0
    assert verified(chain, newest) == []
    assert chain.fields(4)["set"] == {name: results[-1]["set"][name] for name in ("tree", "sequence", "digest")}


@pytest.mark.parametrize(
    ("change", "said", "findings"),
    [
        (
            lambda chain: chain.path(2).write_bytes(chain.path(2).read_bytes().replace(b"passed", b"failed")),
            ["receipt 2: signature", "receipt 3: link"],
            ["signature", "broken_link"],
        ),
        (lambda chain: chain.remove(2), ["receipt 2: gap", "receipt 3: link"], ["gap"]),
        (
            lambda chain: (chain.remove(3), chain.move(4, 3)),
            ["receipt 3: sequence", "receipt 3: link"],
            ["wrong_sequence", "broken_link"],
        ),
        (
            lambda chain: (chain.move(2, 9), chain.move(3, 2), chain.move(9, 3)),
            [f"receipt {number}: {what}" for number in (2, 3) for what in ("sequence", "link")] + ["receipt 4: link"],
            ["wrong_sequence", "broken_link", "wrong_sequence", "broken_link", "broken_link"],
        ),
        (lambda chain: chain.signature(4).unlink(), ["receipt 4: signature"], ["signature"]),
    ],
    ids=["edited", "removed", "renumbered", "swapped", "unsigned"],
)
def test_auditor_and_module_find_each_change(
    published: tuple[Path, list[dict[str, Any]]], chain: ReceiptChain, change: Any, said: list[str], findings: list[str]
) -> None:
    change(chain)
    status, lines = audited(published[0], chain)
    assert (status, lines[:-1]) == (1, said)
    assert verified(chain) == findings


def test_a_cut_tail_needs_the_witness(published: tuple[Path, list[dict[str, Any]]], chain: ReceiptChain) -> None:
    place, results = published
    witness = results[2]["receipt"]["digest"]
    chain.remove(3, 4)
    assert audited(place, chain)[0] == 0
    assert verified(chain) == []
    assert audited(place, chain, witness)[0] == 1
    assert verified(chain, witness) == ["cut_tail"]


def test_an_empty_directory_is_not_good(published: tuple[Path, list[dict[str, Any]]], chain: ReceiptChain) -> None:
    chain.remove(1, 2, 3, 4)
    assert verified(chain) == ["no_receipts"]


def test_a_reset_closes_the_chain_as_the_page_has_it(chain: ReceiptChain) -> None:
    chain.remove(3)
    decided = {**CLOSE["reset"], **KEY, "good": chain.digest(2)}
    assert verified(chain, reset=decided) == ["closed"]
    assert chain.fields(5)["reason"] == CLOSE["reset"]["reason"]
    assert set(CLOSE) == {"path", "verify", "reset"}

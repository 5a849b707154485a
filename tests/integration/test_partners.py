# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten partners, each a real sshd with a jailed account: playbooks/exchange.yml.

tests/hosts/test_partners_docs.py follows the page docs/partners.md."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import login_words
from support.running.inventory_play import InventoryPlay
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.trees import tree_digest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/partners.md").read_text()
EXCHANGE = "secure.ftp_synchronize.exchange"
NAMES = [f"partner{number:02}" for number in range(10)]
DOWN, STRANGE = "partner08", "partner09"
CONTENT = {"order.csv": "1;2\n", "sub/part.bin": "x" * 70_000}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Sshd]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(Sshd(name=name, jail=True)) for name in NAMES}


class Partners:
    """An inventory of partners on the controller's disk; each has a directory with the folders `out` and `in`."""

    def __init__(self, servers: dict[str, Sshd], directory: Path) -> None:
        self.servers, self.directory = servers, directory
        for name, server in servers.items():
            for place in self.out(name), server.root / "outbox":
                write(place)
            self.into(name).parent.mkdir(exist_ok=True)
            shutil.rmtree(server.root / "inbox", ignore_errors=True)
            server.give(server.root)
        self.play = InventoryPlay(directory / "play", {name: self.variables(name) for name in servers}, self.group())

    def variables(self, name: str) -> dict[str, Any]:
        """Return the host_vars of a partner. The key of one does not fit, and the server of another is down."""
        server = self.servers[name]
        return {
            "ansible_host": server.host,
            "ansible_port": server.port if name != DOWN else 9,
            "ansible_ssh_private_key_file": str((server.key if name != STRANGE else key("stranger")).path),
            "exchange_host_keys": server.host_public_keys,
            "exchange_transfers": self.transfers(name),
        }

    def group(self) -> dict[str, Any]:
        """Return the group_vars of all partners."""
        return {"ansible_user": next(iter(self.servers.values())).user}

    def transfers(self, name: str) -> list[dict[str, str]]:
        """Return the transfers of a partner; every other partner only receives files."""
        place = f"{self.directory}/{{{{ inventory_hostname }}}}"
        push = {"direction": "push", "src": f"{place}/out", "dest": "inbox"}
        pull = {"direction": "pull", "src": "outbox", "dest": f"{place}/in"}
        return [push, pull] if self.fetches(name) else [push]

    def fetches(self, name: str) -> bool:
        return NAMES.index(name) % 4 == 0

    def out(self, name: str) -> Path:
        return self.directory / name / "out"

    def into(self, name: str) -> Path:
        return self.directory / name / "in"

    def arrived(self, name: str) -> tuple[bool, bool]:
        """Return whether a partner has the sent files, and the controller the fetched files."""
        sent, fetched = self.servers[name].root / "inbox", self.into(name)
        same = tree_digest(self.servers[name].root / "outbox") == tree_digest(fetched) if fetched.exists() else False
        return sent.exists() and tree_digest(sent) == tree_digest(self.out(name)), same

    def exchange(self, *options: str) -> tuple[dict[str, dict[str, int]], str]:
        """Run the playbook; return the recap and the output."""
        output, _status = self.play.command(EXCHANGE, "-e", f"exchange_state_dir={self.directory}/state", *options)
        recap = re.findall(r"^(\S+)\s+: (ok=.*)$", output, re.M)
        figures = {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", line)} for host, line in recap}
        return figures, output


def write(place: Path) -> None:
    for name, text in CONTENT.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text + place.as_posix())


@pytest.fixture
def partners(servers: dict[str, Sshd], tmp_path: Path) -> Partners:
    return Partners(servers, tmp_path)


def shown_table(output: str) -> list[str]:
    """Return the lines of the table at the end of the playbook."""
    (text,) = re.findall(r'"exchange__table": (\[.*?\n    \])', output, re.S)
    return json.loads(text)


def test_a_failing_partner_does_not_stop_the_others(partners: Partners) -> None:
    good = [name for name in NAMES if name not in (DOWN, STRANGE)]
    checked, output = partners.exchange("--check", "--limit", "partner00", "-e", "exchange_direction=pull")
    assert (checked["partner00"]["changed"], list(checked)) == (1, ["partner00"]), output
    assert partners.arrived("partner00") == (False, False)
    figures, output = partners.exchange("-e", "exchange_throttle=4")
    assert {name: partners.arrived(name) for name in good} == {name: (True, partners.fetches(name)) for name in good}, (
        output
    )
    assert {name: figures[name]["changed"] for name in good} == dict.fromkeys(good, 1), output
    assert {name: figures[name]["failed"] for name in NAMES} == {name: int(name not in good) for name in NAMES}
    for name, code in ((DOWN, "connection_failed"), (STRANGE, "authentication_failed")):
        assert f"{name} -> 127.0.0.1: {code}: " in output
        failures = re.findall(rf"^failed: \[{name} -> localhost.*?\] \(item=.*?\) => (.*)$", output, re.M)
        assert [json.loads(each)["error"]["code"] for each in failures] == [code] * len(partners.transfers(name)), (
            output
        )
        assert "bytes_per_second" not in "".join(failures)
    table = [line.split(maxsplit=6) for line in shown_table(output)]
    assert table[0] == ["partner", "transfer", "files", "bytes", "seconds", "state", "why"]
    rows = {(name, each["direction"]) for name in NAMES for each in partners.transfers(name)}
    assert len(table) == len(rows) + 1
    assert {(row[0], row[1]) for row in table[1:]} == rows
    for name, direction, files, sent, _seconds, state, *why in table[1:]:
        assert (state, bool(why)) == (("changed", False) if name in good else ("failed", True)), output
        place = partners.out(name) if direction == "push" else partners.servers[name].root / "outbox"
        size = sum(file.stat().st_size for file in place.rglob("*.*"))
        assert (files, sent) == (("2", str(size)) if name in good else ("0", "0")), output
    assert next(why for name, *_row, why in table[1:] if name == STRANGE).startswith("authentication_failed: ")
    again, output = partners.exchange("--limit", "partner01")
    assert shown_table(output)[1].split()[-1] == "same"
    assert "partner01 -> 127.0.0.1" not in output
    assert (again["partner01"]["changed"], again["partner01"]["failed"]) == (0, 0), output
    assert "WARN" not in output


def test_options_are_validated_before_any_connection(partners: Partners) -> None:
    pull = {"direction": "pull", "src": "a", "dest": "/same"}
    bad: dict[str, tuple[dict[str, Any], str]] = {
        "partner00": ({"exchange_transfers": [{"direction": "push", "src": "/"}]}, "missing required arguments: dest"),
        "partner01": ({"exchange_direction": "in"}, "exchange_direction must be one of: both, push, pull, got: in"),
        "partner02": (
            {"exchange_directon": "push"},
            "exchange_directon: exchange has no option of this name; did you mean exchange_direction?",
        ),
        "partner05": ({"exchange_mode": "pull"}, "this name; pull is a value of exchange_direction"),
        "partner06": (
            {"exchange_transfers": [{**pull, "max_delet": 1}]},
            "transfer 1: max_delet: secure_sync has no option of this name; did you mean max_delete?",
        ),
        "partner03": ({"exchange_transfers": [pull]}, "partner03: pull a to /same and partner04: pull a to /same have"),
        "partner04": ({"exchange_transfers": [pull]}, ""),
    }
    partners.play.hosts = {name: {**partners.variables(name), **variables} for name, (variables, _words) in bad.items()}
    figures, output = partners.exchange()
    for name, (_variables, words) in bad.items():
        assert words in output, output
        assert figures[name]["changed"] == 0, name
    assert "Push and pull" not in output


def test_the_table_is_shown_if_all_partners_fail(partners: Partners) -> None:
    figures, output = partners.exchange("--limit", f"{DOWN},{STRANGE},partner01", "-e", '{"exchange_transfers": []}')
    assert len(shown_table(output)) == 1, "without transfers there is nothing to show"
    partners.play.hosts = {**partners.play.hosts, "partner01": {**partners.variables("partner01"), "exchange_prot": 1}}
    figures, output = partners.exchange("--limit", f"{DOWN},{STRANGE},partner01")
    assert {name: figure["failed"] for name, figure in figures.items()} == {DOWN: 1, STRANGE: 1, "partner01": 1}
    rows = {line.split()[0]: line.split(maxsplit=6)[5:] for line in shown_table(output)[1:]}
    assert rows["partner01"] == ["failed", "see above"]
    assert re.fullmatch(r"connection_failed: 127\.0\.0\.1 port \d+: Connection refused", rows[DOWN][1])


def test_a_host_gets_no_options_of_the_other_protocol(servers: dict[str, Sshd], tmp_path: Path) -> None:
    """Each option and each field of a credential that only the other protocol has, with a value that fits nothing."""
    spec = yaml.safe_load((ROOT / "playbooks/vars/exchange.yml").read_text())["exchange__options"]

    def unfit(options: Mapping[str, object]) -> dict[str, Any]:
        found = {name: spec[name]["type"] for name in spec if re.sub("^exchange_(credential_)?", "", name) in options}
        assert len(found) > len(options) / 2
        return {name: ["unfit"] if kind == "list" else "unfit" for name, kind in found.items()}

    write(tmp_path / "out")
    sshd = next(iter(servers.values()))
    shutil.rmtree(sshd.root / "inbox", ignore_errors=True)
    both = {"exchange_transfers": [{"direction": "push", "src": str(tmp_path / "out"), "dest": "inbox"}]}
    with Vsftpd() as ftps:
        login = {"exchange_private_key": sshd.key.path.read_text(), "exchange_host_keys": sshd.host_public_keys}
        over_ssh = {"ansible_port": sshd.port, "exchange_username": sshd.user, **login, **unfit(login_words._TLS_ONLY)}
        login = {"exchange_username": ftps.user, "exchange_password": ftps.password, "exchange_port": ftps.port}
        over_tls = {"exchange_protocol": "ftps", **login, "exchange_ca_file": str(ftps.authority.file)}
        hosts = {
            "over_ssh": {"ansible_host": sshd.host, **over_ssh},
            "over_tls": {"ansible_host": ftps.host, **over_tls, **unfit(login_words._SSH_ONLY)},
        }
        output, status = InventoryPlay(tmp_path / "play", hosts, both).command(
            EXCHANGE, "-e", f"exchange_state_dir={tmp_path}/state"
        )
        assert status == 0, output
        assert tree_digest(ftps.root / "inbox") == tree_digest(sshd.root / "inbox") == tree_digest(tmp_path / "out")


def test_the_table_of_options_is_complete() -> None:
    spec = yaml.safe_load((ROOT / "playbooks/vars/exchange.yml").read_text())["exchange__options"]
    table = PAGE.partition("## The options of the playbook")[2].partition("\n## ")[0]
    names = [
        name for row in re.findall(r"^\| (`[^|]*) \|", table, re.M) for name in re.findall(r"`(\w+)(?:\.\.\.)?`", row)
    ]
    # All fields of a credential have one row.
    assert sorted(names) == sorted({re.sub("^(exchange_credential_).*", r"\1", each) for each in spec})


def test_a_partner_over_ftps(tmp_path: Path) -> None:
    write(tmp_path / "out")
    write(tmp_path / "orders")
    moved = {"proof": "auto", "min_size": "1", "after_transfer": "archive", "archive_dir": ".sent"}
    with Vsftpd() as server:
        own = {
            "exchange_protocol": "ftps",
            "exchange_username": server.user,
            "exchange_password": server.password,
            "exchange_ca_file": str(server.authority.file),
            "exchange_port": server.port,
            "exchange_state_dir": str(tmp_path / "state"),
            "exchange_transfers": [
                {"direction": "push", "src": str(tmp_path / "out"), "dest": "inbox"},
                {"direction": "push", "src": str(tmp_path / "orders"), "dest": "orders", **moved},
            ],
        }
        hosts = {
            "partner10": {"ansible_host": server.host, "ansible_port": 22, "ansible_ssh_common_args": "-W x", **own}
        }
        output, status = InventoryPlay(tmp_path / "play", hosts, own).command(EXCHANGE, "-vvv")
        assert status == 0, output
        assert server.password not in output
        assert tree_digest(server.root / "inbox") == tree_digest(tmp_path / "out")
        for name in CONTENT:
            arrived = (server.root / "orders" / name).read_bytes()
            assert arrived == (tmp_path / "orders" / ".sent" / name).read_bytes()
            assert not (tmp_path / "orders" / name).exists()

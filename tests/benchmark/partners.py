# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many partners: 50 real servers in one play with a number of forks, the playbook exchange on one node and in slices on
two, and a crowd of hosts on one stock sshd."""

from __future__ import annotations

__all__ = ["report"]

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..support.running.inventory_play import Crowd, InventoryPlay
from ..support.servers.sshd import Sshd
from .process_cost import memory_of_children, used_by_children
from .table import markdown
from .workloads import make_tree

_PARTNERS = 50
_FILES, _SIZE = 20, 4 << 10
_FORKS = (1, 2, 5, 10, 20, 50)
_NODES = (1, 2)
_FORKS_OF_A_NODE = 5
_MODULE = "secure.ftp_synchronize.secure_sync"
_STOCK = "10:30:100"
"""MaxStartups of sshd without a configuration: sshd_config(5)."""
_CROWDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("50 forks", {}),
    ("50 forks, throttle: 8", {"throttle": 8}),
    ("50 forks, start_spread: 4", {"start_spread": 4}),
)
_LOOK_SECONDS = 0.2
Say = Callable[[str], None]


@dataclass
class _Series:
    """The runs with a number of forks, or on a number of nodes: wall and processor seconds, and peak memory in MiB."""

    forks: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: float = 0.0


def report(rounds: int, say: Say) -> str:
    """Measure everything, and return the tables."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        table = _partners(Path(name, "partners"), rounds, say)
        nodes = _nodes(Path(name, "nodes"), rounds, say)
        crowds = _crowds(Path(name, "crowd"), rounds, say)
    return (
        f"{_PARTNERS} partners, each with {_FILES} files of {_SIZE >> 10} KiB in step, {rounds} rounds in turns, "
        f"medians:\n\n{table}\nThe playbook exchange for the same partners with {_FILES} new files each. A node is one "
        f"processor, with {_FORKS_OF_A_NODE} forks; two nodes have a slice each:\n\n{nodes}\n"
        f"{_PARTNERS} hosts at once that send to one sshd with MaxStartups {_STOCK}:\n\n{crowds}"
    )


def _partners(directory: Path, rounds: int, say: Say) -> str:
    tree = directory / "tree"
    make_tree(tree, _FILES, _SIZE)
    with ExitStack() as stack:
        names = [f"partner{number:02}" for number in range(_PARTNERS)]
        servers = {name: stack.enter_context(Sshd()) for name in names}
        play = _play(directory, servers)
        first, sent = _run(play, tree, directory / "state", 5)
        _require(first, changed=True)
        say(f"  sent to {_PARTNERS} partners: {sent:.1f} s")
        series = [_Series(forks) for forks in _FORKS]
        for number in range(rounds):
            for each in series[:: 1 if number % 2 else -1]:
                before = used_by_children()
                crowd, seconds = _run(play, tree, directory / "state", each.forks)
                _require(crowd, changed=False)
                each.wall.append(seconds)
                each.cpu.append(used_by_children() - before)
                say(f"  {each.forks} forks {number + 1}: {seconds:.1f} s")
        for each in series:
            with _watched() as peak:
                _run(play, tree, directory / "state", each.forks)
            each.peak = peak[0]
    return _table(series)


def _nodes(directory: Path, rounds: int, say: Say) -> str:
    tree = directory / "tree"
    make_tree(tree, _FILES, _SIZE)
    with ExitStack() as stack:
        servers = {f"partner{number:02}": stack.enter_context(Sshd()) for number in range(_PARTNERS)}
        _exchange(directory / "first", servers, tree, "{{ inventory_hostname }}-first", 1)  # builds the payloads
        series = [_Series(count) for count in _NODES]
        for number in range(rounds):
            for each in series[:: 1 if number % 2 else -1]:
                dest = f"{{{{ inventory_hostname }}}}-{each.forks}-{number}"
                before = used_by_children()
                with _watched() as peak:
                    seconds = _exchange(directory / f"{each.forks}-{number}", servers, tree, dest, each.forks)
                each.wall.append(seconds)
                each.cpu.append(used_by_children() - before)
                each.peak = max(each.peak, peak[0])
                say(f"  exchange on {each.forks} nodes {number + 1}: {seconds:.1f} s")
    return _table(series, "nodes")


def _exchange(directory: Path, servers: Mapping[str, Sshd], tree: Path, dest: str, count: int) -> float:
    """Return the seconds of a push to all servers by the playbook exchange, in slices on so many nodes at the same
    time: a node is a processor."""
    processors = sorted(os.sched_getaffinity(0))[:count]
    assert len(processors) == count, "each node needs a processor"
    names, transfer = sorted(servers), {"src": str(tree), "dest": dest}
    own = {"exchange_transfers": [transfer], "exchange_state_dir": str(directory / "state")}

    def on_a_processor(number: int) -> None:
        os.sched_setaffinity(0, {processors[number]})  # of this thread, and so of the playbook that it starts
        part = {name: servers[name] for name in names[number::count]}
        (directory / str(number)).mkdir(parents=True)
        play = _play(directory / str(number), part, **own, exchange_host_keys="{{ pins }}")
        output, status = play.command("secure.ftp_synchronize.exchange", f"--forks={_FORKS_OF_A_NODE}")
        assert status == 0, output
        assert output.count(' changed"') == len(part), output

    start = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(on_a_processor, range(count)))
    return time.perf_counter() - start


def _table(series: list[_Series], count: str = "forks") -> str:
    rows = []
    for each in series:
        wall, cpu = statistics.median(each.wall), statistics.median(each.cpu)
        rows.append(
            (f"{each.forks}", f"{wall:.1f}", f"{wall / _PARTNERS:.2f}", f"{cpu / _PARTNERS:.2f}", f"{each.peak:.0f}")
        )
    return markdown((count, "wall s", "wall s a partner", "processor s a partner", "memory MiB"), rows)


def _crowds(directory: Path, rounds: int, say: Say) -> str:
    """A tree of its own for each host, as two pushes to one directory exclude each other."""
    tree = directory / "tree"
    make_tree(tree, _FILES, _SIZE)
    rows = []
    with Sshd(max_startups=_STOCK) as server:
        play = _play(directory, dict.fromkeys((f"host{number:02}" for number in range(_PARTNERS)), server))
        for name, options in _CROWDS:
            refused, walls = [], []
            for number in range(rounds):
                crowd, seconds = _run(play, tree, directory / f"state-{name}-{number}", _PARTNERS, options)
                codes = [crowd.code(host) for host in play.hosts]
                assert set(codes) <= {None, "too_many_connections"}, codes
                refused.append(len(codes) - codes.count(None))
                walls.append(seconds)
                say(f"  {name} {number + 1}: {refused[-1]} refused, {seconds:.1f} s")
            rows.append((name, f"{statistics.median(refused):.0f}", f"{statistics.median(walls):.1f}"))
    return markdown(("", "refused", "wall s"), rows)


def _play(directory: Path, servers: Mapping[str, Sshd], **variables: Any) -> InventoryPlay:
    hosts = {
        name: {"ansible_host": server.host, "ansible_port": server.port, "pins": server.host_public_keys}
        for name, server in servers.items()
    }
    server = next(iter(servers.values()))
    group = {"ansible_user": server.user, "ansible_ssh_private_key_file": str(server.key.path)}
    return InventoryPlay(directory / "play", hosts, {**group, **variables})


def _run(
    play: InventoryPlay, tree: Path, state: Path, forks: int, options: Mapping[str, Any] | None = None
) -> tuple[Crowd, float]:
    """Return the results of a push to all hosts, and the seconds of the whole playbook."""
    more = dict(options or {})
    keywords = {"throttle": more.pop("throttle")} if "throttle" in more else {}
    task = {"direction": "push", "src": str(tree), "dest": "{{ inventory_hostname }}", "host_keys": "{{ pins }}"}
    start = time.perf_counter()
    crowd = play.run(
        {
            _MODULE: {**task, "state_dir": str(state), **more},
            "delegate_to": "localhost",
            "vars": {"ansible_pipelining": True},
            **keywords,
        },
        f"--forks={forks}",
    )
    return crowd, time.perf_counter() - start


def _require(crowd: Crowd, *, changed: bool) -> None:
    wrong = [name for name, result in crowd.results.items() if result.get("failed") or result["changed"] != changed]
    assert not wrong, (wrong, crowd.output)
    assert len(crowd.results) == _PARTNERS


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Give the highest memory of all children in the block, in MiB, without the servers that run already."""
    peak, done, before = [0.0], threading.Event(), memory_of_children()

    def look() -> None:
        while not done.wait(_LOOK_SECONDS):
            peak[0] = max(peak[0], memory_of_children() - before)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()

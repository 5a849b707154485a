# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process behind `proxy.Proxy`: one select loop; commands and answers are JSON lines on its standard streams."""

from __future__ import annotations

__all__ = ["main"]

import json
import select
import socket
import struct
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

_BLOCK = 256 * 1024
# More than a delay of 0.1 s holds at 500 MB/s: the proxy's own memory never limits the bandwidth.
_QUEUE = 64 * 1024 * 1024
_OTHER = {"up": "down", "down": "up"}


@dataclass
class Flow:
    """One direction of one connection: bytes read from `source` and not yet written to `sink`."""

    source: socket.socket
    sink: socket.socket
    direction: str
    queue: deque[tuple[float, memoryview]] = field(default_factory=deque)
    queued: int = 0
    passed: int = 0
    held: bytes = b""
    stalled: bool = False
    ended: bool = False
    finished: bool = False
    breaking: str = ""


@dataclass
class Connection:
    """The two flows of one connection and the faults that already happened to it."""

    flows: dict[str, Flow]
    suffered: list[dict[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)


class Relay:
    """All connections of one proxy."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._target = (settings["host"], settings["port"])
        self._delay = settings["delay"]
        self._lives = settings["lives"]
        self._listener = socket.create_server(("127.0.0.1", settings["listen"]), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._connections: list[Connection] = []
        self._faults: list[dict[str, Any]] = []
        self._counts = {"up": 0, "down": 0, "accepted": 0}
        self._black_hole = self._refusing = False

    def run(self) -> None:
        """Work until standard input ends."""
        while True:
            now = time.monotonic()
            self._end_old(now)
            flows = [(each, flow) for each in self._connections for flow in each.flows.values()]
            readers = {flow.source: (each, flow) for each, flow in flows if self._wants_bytes(flow)}
            writers = {flow.sink: (each, flow) for each, flow in flows if self._is_due(flow, now)}
            timeout = self._wait([flow for _each, flow in flows], now) if not writers else None
            ready, writable, _none = select.select([sys.stdin, self._listener, *readers], [*writers], [], timeout)
            if sys.stdin in ready and not self._obey():
                return
            for sink in writable:
                self._write(*writers[sink])
            for source in ready:
                if source in readers:
                    self._read(*readers[source])
            if self._listener in ready:
                self._accept()
            self._connections = [each for each in self._connections if each.flows]

    def _wants_bytes(self, flow: Flow) -> bool:
        return not (self._black_hole or flow.stalled or flow.ended or flow.breaking) and flow.queued < _QUEUE

    def _is_due(self, flow: Flow, now: float) -> bool:
        return bool(flow.queue) and not self._black_hole and flow.queue[0][0] <= now

    def _end_old(self, now: float) -> None:
        for each in self._connections:
            if self._lives and each.flows and now - each.began >= self._lives:
                self._break(each, "reset")
        self._connections = [each for each in self._connections if each.flows]

    def _wait(self, flows: list[Flow], now: float) -> float | None:
        due = [flow.queue[0][0] - now for flow in flows if flow.queue and not self._black_hole]
        due += [each.began + self._lives - now for each in self._connections if self._lives]
        return max(0.0, min(due)) if due else None

    def _accept(self) -> None:
        client, _address = self._listener.accept()
        self._counts["accepted"] += 1
        try:
            if self._refusing:
                raise ConnectionRefusedError
            server = socket.create_connection(self._target)
        except OSError:
            _reset(client)
            return
        for each in (client, server):
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.append(Connection({"up": Flow(client, server, "up"), "down": Flow(server, client, "down")}))

    def _read(self, connection: Connection, flow: Flow) -> None:
        if not connection.flows:
            return
        try:
            content = flow.source.recv(_BLOCK)
        except BlockingIOError:
            return
        except OSError:
            self._break(connection, "reset")
            return
        if not content:
            flow.ended = True
            self._enqueue(flow, b"")
            return
        self._counts[flow.direction] += len(content)
        self._enqueue(flow, self._meet_faults(connection, flow, content))
        if flow.breaking and not flow.queue:
            self._break(connection, flow.breaking)

    def _enqueue(self, flow: Flow, content: bytes) -> None:
        """Queue bytes; none at all stand for the end of the stream."""
        if content or flow.ended:
            flow.queue.append((time.monotonic() + self._delay, memoryview(content)))
            flow.queued += len(content)

    def _meet_faults(self, connection: Connection, flow: Flow, content: bytes) -> bytes:
        start, flow.passed = flow.passed, flow.passed + len(content)
        for fault in list(self._faults):
            place = fault["after"] - start
            if fault["direction"] != flow.direction or fault in connection.suffered or not 0 <= place < len(content):
                continue
            connection.suffered.append(fault)
            fault["left"] -= 1
            if not fault["left"]:
                self._faults.remove(fault)
            if fault["kind"] == "flip":
                content = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
                continue
            if fault["kind"] == "stall":
                flow.stalled, flow.held = True, content[place:]
            else:
                flow.breaking = fault["kind"]
            return content[:place]
        return content

    def _write(self, connection: Connection, flow: Flow) -> None:
        now = time.monotonic()
        while connection.flows and self._is_due(flow, now):
            due, content = flow.queue.popleft()
            if not content:
                self._finish(connection, flow)
                return
            try:
                sent = flow.sink.send(content)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._break(connection, "reset")
                return
            flow.queued -= sent
            if sent < len(content):
                flow.queue.appendleft((due, content[sent:]))
                return
        if connection.flows and flow.breaking and not flow.queue:
            self._break(connection, flow.breaking)

    def _finish(self, connection: Connection, flow: Flow) -> None:
        """Pass the end of one direction on; the connection goes when both have ended."""
        flow.finished = True
        try:
            flow.sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._break(connection, "reset")
            return
        if connection.flows[_OTHER[flow.direction]].finished:
            self._break(connection, "close")

    @staticmethod
    def _break(connection: Connection, kind: str) -> None:
        flow = connection.flows["up"]
        connection.flows = {}
        for each in (flow.source, flow.sink):
            if kind == "reset":
                _reset(each)
            else:
                _close(each)

    def _obey(self) -> bool:
        line = sys.stdin.readline()
        if not line:
            return False
        words = json.loads(line)
        getattr(self, f"_do_{words.pop('command')}")(**words)
        print(json.dumps({**self._counts, "open": len(self._connections)}), flush=True)
        return True

    def _do_counts(self) -> None:
        self._connections = [each for each in self._connections if each.flows]

    def _do_arm(self, faults: list[dict[str, Any]]) -> None:
        self._faults += [{**fault, "left": fault["times"]} for fault in faults]

    def _do_disarm(self) -> None:
        self._faults.clear()

    def _do_break(self, kind: str) -> None:
        for each in self._connections:
            if each.flows:
                self._break(each, kind)
        self._connections = []

    def _do_refuse(self, *, on: bool) -> None:
        self._refusing = on

    def _do_stall(self, *, on: bool) -> None:
        self._black_hole = on
        if on:
            return
        for each in self._connections:
            for flow in each.flows.values():
                held, flow.held, flow.stalled = flow.held, b"", False
                self._enqueue(flow, held)


def _reset(each: socket.socket) -> None:
    """Close with RST: a linger time of zero drops unsent bytes (socket(7))."""
    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    each.close()


def _close(each: socket.socket) -> None:
    """Close with FIN. Unread bytes would turn the FIN into a reset, so they are read first."""
    try:
        each.shutdown(socket.SHUT_WR)
        while each.recv(_BLOCK):
            pass
    except OSError:
        pass
    each.close()


def main() -> int:
    """Serve the settings given as JSON in the first argument; the first line out names the port."""
    relay = Relay(json.loads(sys.argv[1]))
    print(json.dumps({"port": relay.port}), flush=True)
    relay.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

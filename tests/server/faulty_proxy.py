"""A proxy between study and server that breaks chosen requests: the wire fails, the server is real."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = tuple[int, list[tuple[str, str]], bytes]
HTML = [("content-type", "text/html")]
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


@dataclass
class Rule:
    """Break the ``nth`` request (and the ``times - 1`` after it) whose method and path match.

    ``kind``: ``status`` answer ``status`` without asking the server; ``reset`` ask, then reset the
    connection after ``size`` bytes of the answer; ``lost`` ask, then hang up without a word; ``unsent``
    hang up without asking; ``silent`` ask, and never answer; ``twice`` ask twice, give the second
    answer; ``cut`` ask, and pass on the first half of the body as if it were the whole.
    """

    method: str
    path: str
    kind: str
    nth: int = 1
    times: int = 1
    status: int = 503
    size: int = 40
    seen: int = field(default=0, init=False)
    fired: int = field(default=0, init=False)

    def applies(self, method: str, path: str) -> bool:
        """Count a request and say whether it is to be broken."""
        if method != self.method or not re.search(self.path, path):
            return False
        self.seen += 1
        hit = self.nth <= self.seen < self.nth + self.times
        self.fired += hit
        return hit


class FaultyProxy:
    """Listens on 127.0.0.1 and forwards to ``upstream``; ``rules`` may be set at any time."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.rules: list[Rule] = []
        self.requests: list[str] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                proxy.handle(self, body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator[FaultyProxy]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def handle(self, asked: BaseHTTPRequestHandler, body: bytes) -> None:
        """One request, broken or not."""
        with self._lock:
            self.requests.append(f"{asked.command} {asked.path}")
            rule = next((one for one in self.rules if one.applies(asked.command, asked.path)), None)
        with contextlib.suppress(OSError):  # the client may be gone: that is the point
            self._answer(asked, body, rule)

    def _answer(self, asked: BaseHTTPRequestHandler, body: bytes, rule: Rule | None) -> None:
        kind = rule.kind if rule else ""
        if rule and kind == "status":
            self._write(
                asked, (rule.status, [("content-type", "text/html")], b"<h1>the proxy is unwell</h1>")
            )
            return
        if kind == "unsent":
            _reset(asked)
            return
        answer = self._ask(asked, body)
        if kind == "twice":
            answer = self._ask(asked, body)
        if kind == "silent":
            self.over.wait(30)
            _reset(asked)
        elif kind == "lost":
            _reset(asked)
        elif rule and kind == "reset":
            asked.wfile.write(_bytes_of(answer)[: rule.size])
            asked.wfile.flush()
            _reset(asked)
        elif kind == "cut":
            status, headers, data = answer
            self._write(asked, (status, headers, data[: len(data) // 2]))
        else:
            self._write(asked, answer)

    def _ask(self, asked: BaseHTTPRequestHandler, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.upstream, timeout=120)
        headers = {
            name: value for name, value in asked.headers.items() if name.lower() not in _HOP | {"host"}
        }
        try:
            connection.request(asked.command, asked.path, body=body or None, headers=headers)
            got = connection.getresponse()
            data = got.read()
        except OSError:
            # As a reverse proxy says it when the program behind it is down.
            return 502, HTML, b"<h1>bad gateway</h1>"
        finally:
            connection.close()
        kept = [(name, value) for name, value in got.getheaders() if name.lower() not in _HOP]
        return got.status, kept, data

    def _write(self, asked: BaseHTTPRequestHandler, answer: Answer) -> None:
        asked.wfile.write(_bytes_of(answer))
        asked.wfile.flush()
        asked.close_connection = True


def _bytes_of(answer: Answer) -> bytes:
    status, headers, data = answer
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'x')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"content-length: {len(data)}", "connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + data


def _reset(asked: BaseHTTPRequestHandler) -> None:
    """End the connection with RST, as a crashed machine does."""
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()
    asked.close_connection = True

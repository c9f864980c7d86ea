"""The transport against a server that misbehaves on purpose, as a real Doccano cannot be made to."""

from __future__ import annotations

import contextlib
import gc
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from annotate.core.errors import Refused, ServerFailure
from annotate.doccano.transport import PAGE, Transport

# urllib3 1.26 leaves sockets of failed requests to the garbage collector: collected here, told to nobody.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


class Faulty(BaseHTTPRequestHandler):
    """Answers by path; counts requests and keeps their headers."""

    hits: dict[str, int]
    headers_seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self._answer()

    def _answer(self) -> None:
        path = self.path.removeprefix("/v1/").split("?")[0]
        kind = type(self)
        kind.hits[path] = kind.hits.get(path, 0) + 1
        kind.headers_seen.append(dict(self.headers))
        if path == "auth/login/":
            self._send(200, {"key": "k" * 40})
        elif path == "flaky":
            self._send(503 if kind.hits[path] < 3 else 200, {"ok": True})
        elif path == "down":
            self._send(500, {"detail": "no"})
        elif path == "busy":
            self._send(503, {"detail": "busy"})
        elif path == "forbidden":
            self._send(403, {"detail": "You do not have permission"})
        elif path == "page":
            self._send(200, b"<html>Doccano</html>", "text/html")
        elif path == "elsewhere":
            self._send(302, b"", "text/plain", {"location": "http://elsewhere.example/v1/x?token=secret"})
        elif path == "slow":
            time.sleep(0.5)
            with contextlib.suppress(OSError):
                self._send(200, {})
        elif path == "cut":
            self.send_response(200)
            self.send_header("content-length", "1000")
            self.end_headers()
            self.wfile.write(b'{"half":')
            self.close_connection = True
        elif path == "list":
            offset = int(self.path.split("offset=")[1].split("&")[0])
            rows = [{"id": n} for n in range(offset, min(offset + PAGE, PAGE + 7))]
            self._send(200, {"count": PAGE + 7, "next": "http://wrong.example/", "results": rows})
        else:
            self._send(200, {"path": path})

    def _send(
        self,
        status: int,
        body: dict[str, Any] | bytes,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotate.doccano.transport.PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture
def url() -> Iterator[str]:
    Faulty.hits, Faulty.headers_seen = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(url: str) -> Iterator[Transport]:
    transport = Transport(url, "annotate-service", "pw-very-secret", timeout_seconds=0.2)
    yield transport
    transport.close()
    gc.collect()


def test_reads_are_repeated_after_a_503(server: Transport) -> None:
    assert server.get("flaky") == {"ok": True}
    assert Faulty.hits["flaky"] == 3


def test_writes_are_never_repeated(server: Transport) -> None:
    with pytest.raises(ServerFailure):
        server.send("POST", "busy", json={})
    assert Faulty.hits["busy"] == 1


def test_a_500_is_a_server_failure_with_the_servers_words(server: Transport) -> None:
    with pytest.raises(ServerFailure, match=r"GET down: 500 .*no") as caught:
        server.get("down")
    assert caught.value.exit_code == 6
    assert caught.value.retry


def test_a_403_is_refused(server: Transport) -> None:
    with pytest.raises(Refused, match="You do not have permission") as caught:
        server.get("forbidden")
    assert caught.value.exit_code == 5


def test_a_web_page_is_not_taken_for_data(server: Transport) -> None:
    with pytest.raises(ServerFailure, match="not with data") as caught:
        server.get("page")
    assert "server.url" in caught.value.hint


def test_redirects_are_not_followed_and_their_secrets_not_shown(server: Transport) -> None:
    with pytest.raises(ServerFailure, match=r"redirects to http://elsewhere\.example") as caught:
        server.get("elsewhere")
    assert "secret" not in str(caught.value)


def test_a_silent_server_times_out(server: Transport) -> None:
    with pytest.raises(ServerFailure, match=r"did not answer|cannot reach"):
        server.get("slow")


def test_a_cut_answer_is_a_server_failure(server: Transport) -> None:
    with pytest.raises(ServerFailure):
        server.get("cut")


def test_nobody_listens(url: str) -> None:
    with pytest.raises(ServerFailure, match="cannot reach"):
        Transport("http://127.0.0.1:9", "u", "p", timeout_seconds=0.5)


def test_pages_go_by_our_own_offsets(server: Transport) -> None:
    assert [one["id"] for one in server.pages("list")] == list(range(PAGE + 7))
    assert [one["id"] for one in server.pages("list", start=PAGE)] == list(range(PAGE, PAGE + 7))


def test_the_token_goes_along_and_no_netrc_replaces_it(
    url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    transport = Transport(url, "annotate-service", "pw")
    transport.get("x")
    first, last = Faulty.headers_seen[0], Faulty.headers_seen[-1]
    assert "Authorization" not in first
    assert last["Authorization"] == f"Token {'k' * 40}"
    transport.close()

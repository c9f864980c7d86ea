"""Suggesters from outside: JSON lines and addresses, well-behaved and not."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotate.cli.app import app
from annotate.core.errors import BadInput, ConfigError, PartlyDone, Refused, ServerFailure
from annotate.core.model import Document, Passage, Piece
from annotate.core.suggesting import Outsider, Terms, suggestion_of
from annotate.flows.suggest import dry_report, plan, require_complete, suggest
from annotate.flows.suggest_list import suggesters
from annotate.remote import contract, endpoint
from annotate.remote.endpoint import Endpoint, host_of, require_safe
from annotate.store.built import Built, write_built
from annotate.store.study import Study
from annotate.store.suggested_relations import read_relations
from annotate.store.suggestions import read_runs

REPOSITORY = Path(__file__).resolve().parents[2]
TEXTS = [
    "😀 The mayor said that the bridge, the bridge of 1970, is safe.",
    "Der Hafen wird schöner, versprach die Ministerin.",
    "They promised nothing.",
]
IDS = [f"psg-{number:012x}" for number in range(len(TEXTS))]
CONFIG = """
[study]
id = "0a0a0a0a-0000-4000-8000-000000000000"
name = "Test"
"""
Answer = Callable[["Handler", dict[str, Any]], None]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    root = tmp_path / "study"
    shutil.copytree(REPOSITORY / "schemas" / "source-criticism", root / "schemas" / "source-criticism")
    (root / "annotate.toml").write_text(CONFIG, "utf-8")
    found = Study(root)
    passages, documents = [], []
    for number, text in enumerate(TEXTS):
        key = f"{number:012x}"
        ids = (f"doc-{key}", f"src-{key}", f"{key}.txt")
        passages.append(Passage(IDS[number], *ids, 1, 1, text, (Piece("verbatim", 0, len(text)),)))
        about = (*(None,) * 6, "2020-04-25" if number == 0 else None, None)
        documents.append(Document(*ids, 0, len(text), *about, "de" if number == 1 else "en", 1.0))
    write_built(found, Built((), (), tuple(documents), tuple(passages)))
    return found


# --- rows ---------------------------------------------------------------------------------------------------

TERMS = Terms({"CLAIM": "frame"}, {"FACT": "CLAIM"}, Outsider.of("x", "1", {}, {}))
PASSAGE = Passage(IDS[0], "d", "s", "f", 1, 1, TEXTS[0], ())


@pytest.mark.parametrize(
    ("row", "quote"),
    [
        ({"label": "CLAIM", "start": 0, "end": 1}, "😀"),
        ({"label": "FACT", "start": 6, "end": 11, "quote": "mayor", "score": 1}, "mayor"),
        ({"label": "CLAIM", "quote": "is safe", "score": 0.25, "note": "why", "value": "1970"}, "is safe"),
        ({"label": "CLAIM", "quote": "the bridge", "suffix": " of", "score": None}, "the bridge"),
        ({"label": "CLAIM", "quote": "the bridge", "prefix": "that "}, "the bridge"),
    ],
)
def test_a_row_that_fits(row: dict[str, Any], quote: str) -> None:
    made = suggestion_of(row, PASSAGE, TERMS)
    assert not isinstance(made, str)
    assert (made.label, made.layer, made.quote) == ("CLAIM", "frame", quote)
    assert TEXTS[0][made.start : made.end] == quote
    assert TEXTS[0].index(quote, made.start) == made.start


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, "label is missing"),
        ({"label": 7}, "label is missing or no text"),
        ({"label": "GHOST", "start": 0, "end": 1}, "no label 'GHOST'"),
        ({"label": "CLAIM"}, "neither start and end nor a quote"),
        ({"label": "CLAIM", "start": 0}, "belong together"),
        ({"label": "CLAIM", "start": 0, "end": 999}, "is no place"),
        ({"label": "CLAIM", "start": -1, "end": 2}, "is no place"),
        ({"label": "CLAIM", "start": 3, "end": 3}, "is no place"),
        ({"label": "CLAIM", "start": True, "end": 2}, "no whole number"),
        ({"label": "CLAIM", "start": 1.0, "end": 2}, "no whole number"),
        ({"label": "CLAIM", "start": 7, "end": 12, "quote": "mayor"}, "and not 'mayor'"),
        ({"label": "CLAIM", "quote": "the bridge"}, "more than once"),
        ({"label": "CLAIM", "quote": "the ferry"}, "are not in the passage"),
        ({"label": "CLAIM", "quote": ["x"]}, "quote is no text"),
        ({"label": "CLAIM", "start": 0, "end": 1, "score": 1.5}, "between 0 and 1"),
        ({"label": "CLAIM", "start": 0, "end": 1, "score": "high"}, "score is no number"),
        ({"label": "CLAIM", "start": 0, "end": 1, "score": 10**400}, "between 0 and 1"),
        ({"label": "CLAIM", "start": 0, "end": 1, "value": "last week"}, "no EDTF date"),
        ({"label": "CLAIM", "start": 0, "end": 1, "note": "x" * 2001}, "note is longer"),
        ({"label": "CLAIM", "start": 0, "end": 1, "note": "\ud800"}, "lone surrogate"),
        ({"label": "CLAIM", "start": 0, "end": 1, "sco\nre": 1}, "unknown field 'sco re'"),
    ],
)
def test_a_row_that_does_not_says_why(row: dict[str, Any], why: str) -> None:
    told = suggestion_of(row, PASSAGE, TERMS)
    assert isinstance(told, str)
    assert why in told
    assert told.isprintable()


# --- files --------------------------------------------------------------------------------------------------


def write(folder: Path, *rows: Any, raw: bytes = b"") -> str:
    path = folder / "told.jsonl"
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows) + raw)
    return f"jsonl:{path}"


GOOD = (
    {"passage_id": IDS[0], "label": "CLAIM", "quote": "is safe", "score": 0.75, "note": "a rule of mine"},
    {"text": TEXTS[1], "label": "PLEDGE", "start": 0, "end": 9},
    {"source_file": f"{2:012x}.txt"},
)


def test_a_file_becomes_a_run_once(study: Study, tmp_path: Path) -> None:
    spec = write(tmp_path, *GOOD, raw=b"\n\n")
    (would,) = dry_report(plan(study, [spec])).runs
    assert (would.run_id, would.passages, would.languages) == (None, 3, ("de", "en"))
    (done,) = suggest(study, [spec]).runs
    assert (done.agent, done.passages, done.suggestions) == ("jsonl:told", 3, 2)
    (run,) = read_runs(study)
    assert run.passages_seen == tuple(IDS)
    assert [(one.label, one.quote, one.score, one.note) for one in run.suggestions] == [
        ("CLAIM", "is safe", 0.75, "a rule of mine"),
        ("PLEDGE", "Der Hafen", None, ""),
    ]
    assert str(tmp_path) not in run.config
    (again,) = suggest(study, [spec]).runs
    assert (again.run_id, again.passages, again.seen_before) == (None, 0, 3)
    # A newer file of the same name is the newer word of the same agent.
    (newer,) = suggest(study, [write(tmp_path, *GOOD[:1])]).runs
    assert newer.passages == 1
    assert max(len(one.supersedes) for one in read_runs(study)) == 1


def test_every_bad_row_is_named_and_nothing_is_stored(study: Study, tmp_path: Path) -> None:
    bad = (
        {"passage_id": "psg-none", "label": "CLAIM", "start": 0, "end": 1},
        {"label": "CLAIM", "quote": "is safe"},
        {"passage_id": IDS[0], "text": TEXTS[1], "label": "CLAIM", "start": 0, "end": 1},
        {"passage_id": IDS[0], "label": "GHOST", "start": 0, "end": 1},
        {"passage_id": {"a": 1}, "label": "CLAIM", "start": 0, "end": 1},
        ["no", "object"],
    )
    raw = b'{"label": NaN}\n\xff\xfe\n{"a": \n' + b"[" * 100_000 + b"\n"
    spec = write(tmp_path, *GOOD, *bad, raw=raw)
    with pytest.raises(BadInput) as caught:
        suggest(study, [spec])
    assert [one.line for one in caught.value.problems] == list(range(4, 14))
    assert {one.file for one in caught.value.problems} == {"told.jsonl"}
    assert read_runs(study) == ()
    assert len(dry_report(plan(study, [spec])).runs[0].problems) == 10
    report = suggest(study, [spec], skip_bad=True)
    assert report.runs[0].suggestions == 2
    with pytest.raises(PartlyDone) as partly:
        require_complete(report)
    assert len(partly.value.problems) == 10


RELATED = (
    {
        "passage_id": IDS[0],
        "label": "CLAIM",
        "quote": "is safe",
        "relations": [{"relation": "stated_by", "to": "m"}],
    },
    {"passage_id": IDS[1], "label": "ACTOR", "quote": "die Ministerin", "key": "m"},
    {"passage_id": IDS[0], "label": "ACTOR", "quote": "The mayor", "key": "m"},
)


def test_rows_are_joined_by_their_keys(study: Study, tmp_path: Path) -> None:
    (done,) = suggest(study, [write(tmp_path, *RELATED)]).runs
    assert (done.suggestions, done.relations) == (3, 1)
    quotes = {one.suggestion_id: one.quote for run in read_runs(study) for one in run.suggestions}
    (run,) = read_runs(study)
    (one,) = read_relations(study, run)
    assert (one.relation, quotes[one.from_id], quotes[one.to_id]) == ("stated_by", "is safe", "The mayor")


@pytest.mark.parametrize(
    ("more", "line", "why"),
    [
        (
            {"relations": [{"relation": "stated_by", "to": "nobody"}]},
            4,
            "no row of the passage has the key 'nobody'",
        ),
        ({"relations": [{"relation": "targets", "to": "m"}]}, 4, "no relation 'targets' from CLAIM to ACTOR"),
        ({"relations": [{"relation": "stated_by"}]}, 4, "a relation needs"),
        ({"relations": [{"relation": "stated_by", "to": "m", "why": 1}]}, 4, "unknown field 'why'"),
        ({"relations": [{"relation": "stated_by", "to": "m", "score": 2}]}, 4, "no number from 0 to 1"),
        ({"relations": [{"relation": "stated_by", "to": "m", "note": "\ud800"}]}, 4, "no text of at most"),
        ({"relations": {"relation": "stated_by"}}, 4, "no list of objects"),
        ({"key": ""}, 4, "key is no text"),
        ({"key": "m"}, 4, "two rows of the passage have the key 'm'"),
    ],
)
def test_relations_that_join_nothing_say_why(
    study: Study, tmp_path: Path, more: dict[str, Any], line: int, why: str
) -> None:
    row = {"passage_id": IDS[0], "label": "CLAIM", "quote": "1970", **more}
    with pytest.raises(BadInput) as caught:
        suggest(study, [write(tmp_path, *RELATED, row)])
    assert [one.line for one in caught.value.problems] == [line]
    assert why in caught.value.problems[0].what
    assert read_runs(study) == ()


def test_an_answer_joins_its_rows_too() -> None:
    told = [
        {name: value for name, value in row.items() if name != "passage_id"}
        for row in (RELATED[0], RELATED[2])
    ]
    answer = {"contract": contract.CONTRACT, "passages": [{"id": IDS[0], "suggestions": told}]}
    terms = Terms(
        {"CLAIM": "frame", "ACTOR": "frame"}, {}, TERMS.by, lambda name, tail, head: name == "stated_by"
    )
    (looked,) = contract.understood(answer, [contract.Asked(PASSAGE, "en", None)], terms)
    assert [one.relation for one in looked.relations] == ["stated_by"]
    told[0]["relations"] = [{"relation": "targets", "to": "m"}]
    (looked,) = contract.understood(answer, [contract.Asked(PASSAGE, "en", None)], terms)
    assert (looked.relations, len(looked.suggestions)) == ((), 2)
    assert "suggestion 1: the scheme has no relation 'targets'" in looked.problems[0].what


def test_an_overlong_line_is_one_problem(study: Study, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("annotate.formats.suggestions_in.LONGEST_LINE", 200)
    spec = write(tmp_path, GOOD[0], raw=b"x" * 1000 + b"\n" + json.dumps(GOOD[2]).encode())
    with pytest.raises(BadInput) as caught:
        suggest(study, [spec])
    assert [one.line for one in caught.value.problems] == [2]


def test_no_file(study: Study, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file"):
        plan(study, [f"jsonl:{tmp_path / 'absent'}"])


# --- addresses ----------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """Hands each request to what the test wants."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        made: Service = self.server.service  # type: ignore[attr-defined]
        body = json.loads(raw)
        made.requests.append((self.path, dict(self.headers), body))
        answer = made.answers.pop(0) if made.answers else made.usual
        try:
            answer(self, body)
        except OSError:
            self.close_connection = True

    def reply(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "content_length" not in headers:
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


def said(body: dict[str, Any], **by_id: list[Any]) -> bytes:
    passages = [{"id": one["id"], "suggestions": by_id.get(one["id"], [])} for one in body["passages"]]
    return json.dumps({"contract": "annotate-suggest/1", "passages": passages}).encode()


def right(handler: Handler, body: dict[str, Any]) -> None:
    rows = {IDS[0]: [{"label": "CLAIM", "quote": "is safe", "score": 0.5}]}
    handler.reply(200, said(body, **rows))


@dataclass
class Service:
    """A real server; ``answers`` are given in turn, then ``usual``."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    usual: Answer = right
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.service = made  # type: ignore[attr-defined]
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def configure(study: Study, url: str, **more: object) -> Study:
    lines = [
        f'\n[suggesters.llm]\nurl = "{url}"\n',
        *(f"{key} = {json.dumps(one)}\n" for key, one in more.items()),
    ]
    (study.root / "annotate.toml").write_text(CONFIG + "".join(lines), "utf-8")
    return Study(study.root)


@pytest.fixture
def asked(study: Study, service: Service, monkeypatch) -> Study:
    monkeypatch.setattr(endpoint.Endpoint, "ask", _impatient)
    return configure(study, f"http://127.0.0.1:{service.port}/suggest?v=1", version="m-1", batch=2)


_ASK = Endpoint.ask


def _impatient(self: Endpoint, body: dict[str, Any]) -> Any:
    return _ASK(Endpoint(self.name, self.url, self.token, self.timeout, self.ca_file, (0.0, 0.0)), body)


def test_what_leaves_and_what_comes_back(asked: Study, service: Service, monkeypatch) -> None:
    monkeypatch.setenv("ANNOTATE_SUGGESTER_LLM_TOKEN", "t0ken")
    (task,) = plan(asked, ["llm"]).tasks
    assert service.requests == []
    assert task.leaving is not None
    assert (task.leaving.passages, task.leaving.requests) == (3, 2)
    assert task.leaving.characters == sum(map(len, TEXTS))
    assert task.leaving.host == f"http://127.0.0.1:{service.port}"
    (done,) = suggest(asked, ["llm"]).runs
    assert (done.agent, done.agent_version, done.passages, done.suggestions) == ("llm", "m-1", 3, 1)
    (path, headers, body), second = service.requests
    assert (path, headers["Authorization"]) == ("/suggest?v=1", "Bearer t0ken")
    assert [one["id"] for one in body["passages"]] + [one["id"] for one in second[2]["passages"]] == IDS
    assert body["passages"][0] == {
        "id": IDS[0], "language": "en", "published": "2020-04-25", "text": TEXTS[0]
    }  # fmt: skip
    assert fields_of(body) == set(contract.LEAVES)
    (run,) = read_runs(asked)
    assert "t0ken" not in run.config
    assert [one.quote for one in run.suggestions] == ["is safe"]
    assert suggest(asked, ["llm"]).runs[0].run_id is None
    assert len(service.requests) == 2


def fields_of(body: dict[str, Any]) -> set[str]:
    """Names of all that a request holds."""
    inner = {f"{key}.{name}" for key, rows in body.items() if isinstance(rows, list) for name in rows[0]}
    return {key for key, rows in body.items() if not isinstance(rows, list)} | inner


def test_texts_that_must_not_be_passed_on_stay_here(study: Study, service: Service) -> None:
    study.sources_csv.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{number:012x}.txt,{'0' * 64},,,,,,,{told}" for number, told in enumerate(("no", "yes"))]
    head = "file,sha256,encoding,retrieved_from,retrieved_at,retrieved_by,rights,note,redistribution"
    study.sources_csv.write_text("\n".join([head, *rows, ""]), "utf-8")
    (task,) = plan(configure(study, "https://elsewhere.example/"), ["llm"]).tasks
    assert [one.passage_id for one, _ in task.passages] == IDS[1:]
    assert task.leaving is not None
    assert (task.leaving.passages, task.leaving.kept_back, task.leaving.unstated) == (2, 1, 1)
    (here,) = plan(configure(study, f"http://127.0.0.1:{service.port}/"), ["llm"]).tasks
    assert len(here.passages) == 3


def test_the_service_of_the_documentation_works(study: Study) -> None:
    (code,) = re.findall(
        r"```py\n(.*?)```", (REPOSITORY / "docs" / "plugins.md").read_text("utf-8"), re.DOTALL
    )
    made: dict[str, Any] = {"__name__": "service"}
    exec(compile(code, "docs/plugins.md", "exec"), made)
    made["Service"].log_message = Handler.log_message
    with HTTPServer(("127.0.0.1", 0), made["Service"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        suggest(configure(study, f"http://127.0.0.1:{server.server_address[1]}"), ["llm"])
        server.shutdown()
        thread.join()
    found = [(one.label, one.quote) for run in read_runs(study) for one in run.suggestions]
    assert found == [("PLEDGE", "They promised nothing")]


def test_without_a_section_nothing_is_sent(study: Study, service: Service) -> None:
    with pytest.raises(ConfigError, match="no pipeline 'llm'"):
        plan(study, ["llm"])
    assert service.requests == []


def test_a_busy_service_is_asked_again(asked: Study, service: Service) -> None:
    service.answers += [lambda handler, body: handler.reply(503, b""), broken_off]
    assert suggest(asked, ["llm"]).runs[0].suggestions == 1
    assert len(service.requests) == 4
    assert service.requests[0][2] == service.requests[1][2] == service.requests[2][2]


def broken_off(handler: Handler, body: dict[str, Any]) -> None:
    handler.reply(200, said(body)[:20], content_length="500")
    handler.close_connection = True


def test_what_was_answered_before_a_failure_is_stored(asked: Study, service: Service) -> None:
    service.answers += [right, lambda handler, body: handler.reply(500, b"<h1>boom</h1>")]
    with pytest.raises(ServerFailure, match="failed with 500"):
        suggest(asked, ["llm"])
    assert len(service.requests) == 2
    (run,) = read_runs(asked)
    assert run.passages_seen == tuple(IDS[:2])
    service.requests.clear()
    assert suggest(asked, ["llm"]).runs[0].passages == 1
    assert [one["id"] for one in service.requests[0][2]["passages"]] == IDS[2:]


def test_a_redirect_is_not_followed(asked: Study, service: Service) -> None:
    service.usual = lambda handler, body: handler.reply(307, b"", location="https://elsewhere.example/x")
    with pytest.raises(
        ServerFailure, match=r"redirects to https://elsewhere\.example, which is not followed"
    ):
        suggest(asked, ["llm"])
    assert len(service.requests) == 1


def test_a_refusal(asked: Study, service: Service) -> None:
    service.usual = lambda handler, body: handler.reply(401, b"")
    with pytest.raises(Refused):
        suggest(asked, ["llm"])


def huge(handler: Handler, body: dict[str, Any]) -> None:
    handler.reply(200, b"", content_length=str(1 << 40))


def endless(handler: Handler, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    block = b"%x\r\n%s\r\n" % (65536, b" " * 65536)
    while True:
        handler.wfile.write(block)


def packed(handler: Handler, body: dict[str, Any]) -> None:
    handler.reply(200, b"x", content_encoding="gzip")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (huge, "larger than 1 MB"),
        (endless, "larger than 1 MB"),
        (packed, "packed"),
        (lambda handler, body: handler.reply(200, b"<html>"), "no JSON"),
        (lambda handler, body: handler.reply(200, b"[" * 50_000), "no JSON"),
        (lambda handler, body: handler.reply(200, b'{"contract": NaN}'), "no JSON"),
        (lambda handler, body: handler.reply(200, b"[]"), "does not answer in the contract"),
        (lambda handler, body: handler.reply(200, b'{"contract": "annotate-suggest/1"}'), "without a list"),
    ],
)
def test_answers_that_are_none(asked: Study, service: Service, answer: Answer, why: str, monkeypatch) -> None:
    monkeypatch.setattr(endpoint, "MAX_ANSWER", 1024 * 1024)
    service.usual = answer
    with pytest.raises(ServerFailure, match=why):
        suggest(asked, ["llm"])
    assert len(service.requests) == 1
    assert read_runs(asked) == ()


def silent(handler: Handler, body: dict[str, Any]) -> None:
    time.sleep(1.0)
    handler.close_connection = True


def in_drops(handler: Handler, body: dict[str, Any]) -> None:
    handler.reply(200, b"", content_length="4000")
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [silent, in_drops])
def test_a_slow_answer_ends_at_the_limit(service: Service, answer: Answer) -> None:
    service.usual = answer
    asks = Endpoint("llm", f"http://127.0.0.1:{service.port}", None, timeout=0.2, pauses=())
    with pytest.raises(ServerFailure, match=r"did not answer within 0\.2 s"):
        asks.ask({"x": 1})


def test_nobody_there() -> None:
    with pytest.raises(ServerFailure, match="cannot reach"):
        Endpoint("llm", "http://127.0.0.1:9", None, pauses=()).ask({})


def test_a_certificate_must_be_trusted(study: Study, service: Service, tmp_path: Path, monkeypatch) -> None:
    files = [study.root / name for name in ("key.pem", "cert.pem")]
    ask = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-days", "1", "-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-keyout", str(files[0]), "-out", str(files[1])]
    subprocess.run([*ask, *name, *where], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.service = service  # type: ignore[attr-defined]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setattr(server, "handle_error", lambda *args: None)
    try:
        url = f"https://127.0.0.1:{server.server_address[1]}/"
        with pytest.raises(ServerFailure, match="certificate"):
            suggest(configure(study, url), ["llm"])
        assert service.requests == []
        assert suggest(configure(study, url, ca_file="cert.pem"), ["llm"]).runs[0].suggestions == 1
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    with pytest.raises(ConfigError, match="does not exist"):
        plan(configure(study, url, ca_file="nowhere.pem"), ["llm"])


def wrong(handler: Handler, body: dict[str, Any]) -> None:
    rows = [
        {"label": "CLAIM", "quote": "is safe"},
        {"label": "CLAIM", "start": 0, "end": 10**6},
        {"label": "<script>", "start": 0, "end": 1},
        "hello",
    ]
    passages = [
        {"id": IDS[0], "suggestions": rows},
        {"id": "psg-of-somebody-else", "suggestions": []},
        {"id": IDS[1], "suggestions": "none"},
        {"id": IDS[1], "suggestions": []},
        7,
    ]
    handler.reply(200, json.dumps({"contract": "annotate-suggest/1", "passages": passages}).encode())


def test_what_an_answer_says_wrongly_is_named_and_can_be_skipped(asked: Study, service: Service) -> None:
    service.answers = [wrong]
    with pytest.raises(BadInput) as caught:
        suggest(asked, ["llm"])
    # Two entries for no passage of ours, one twice, three bad rows, one without a list.
    assert len(caught.value.problems) == 7
    assert read_runs(asked) == ()
    service.answers = [wrong]
    report = suggest(asked, ["llm"], skip_bad=True)
    assert len(report.runs[0].problems) == 7
    (run,) = read_runs(asked)
    assert run.passages_seen == (IDS[0], IDS[2])
    assert [one.quote for one in run.suggestions] == ["is safe"]


def test_texts_go_over_https_or_stay_here() -> None:
    for url in ("https://x.example/a", "http://127.0.0.1:1/", "http://[::1]:8/", "http://localhost/"):
        require_safe("llm", url, allow_http=False)
    for url in ("http://x.example/a", "http://localhost.evil.example/", "http://127.0.0.1.evil.example/"):
        with pytest.raises(ConfigError, match="plain HTTP"):
            require_safe("llm", url, allow_http=False)
        require_safe("llm", url, allow_http=True)
    assert host_of("https://user:pw@x.example:8/a?b") == "https://x.example:8"


@pytest.mark.parametrize("url", ["ftp://x", "https://user:pw@x.example/", "https://", "https://x.example/#a"])
def test_an_address_that_is_none(study: Study, url: str) -> None:
    with pytest.raises(ConfigError, match="problem"):
        _ = configure(study, url).config


def test_the_list_names_all_kinds_and_asks_nobody(asked: Study, service: Service, tmp_path: Path) -> None:
    suggest(asked, [write(tmp_path, *GOOD)])
    found = {(one.name.split(" ")[0], one.kind) for one in suggesters(asked)}
    assert {
        ("stated_dates", "spaCy component"),
        ("llm", "service"),
        ("jsonl:FILE", "file"),
        ("jsonl:told", "has run"),
    } <= found
    assert service.requests == []


def test_the_command_says_what_leaves_and_what_is_bad(asked: Study, service: Service) -> None:
    run = CliRunner()
    done = run.invoke(app, ["--study", str(asked.root), "suggest", "--with", "llm", "--dry-run", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["leaving"][0]["passages"] == 3
    assert "go to http://127.0.0.1" in done.stderr
    assert service.requests == []
    service.answers = [wrong]
    done = run.invoke(app, ["--study", str(asked.root), "suggest", "--with", "llm", "--skip-bad"])
    assert isinstance(done.exception, PartlyDone)
    assert "1 suggestions" in done.stdout
    listed = run.invoke(app, ["--study", str(asked.root), "suggest", "--list", "--json"])
    assert {one["kind"] for one in json.loads(listed.stdout)} >= {"service", "has run"}

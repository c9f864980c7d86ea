"""Small studies for tests with a real server: told texts, told suggestions, accounts of their own."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from annotate.core.fate import Fates, fates
from annotate.core.ids import content_id, sha256_hex, source_id
from annotate.core.ledger import Line
from annotate.core.model import (
    Document,
    Passage,
    Segment,
    Source,
    SuggestedRelation,
    Suggestion,
    SuggestionRun,
)
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.passages import cut_passages
from annotate.core.state import State, fold
from annotate.doccano.campaign import Remote, find_projects
from annotate.doccano.transport import Transport
from annotate.doccano.wire import passage_id_of
from annotate.flows.connecting import connect, connect_as
from annotate.flows.init import init
from annotate.store.built import Built, read_passages, write_built
from annotate.store.ledger import read_ledger
from annotate.store.study import Study
from annotate.store.suggested_relations import write_relations
from annotate.store.suggestions import named, write_run

Record = dict[str, Any]
CONFIG = "{}"
CONFIG_SHA256 = sha256_hex(CONFIG.encode())


@dataclass(frozen=True)
class Person:
    """An annotator's account."""

    user: str
    password: str = field(repr=False)
    language: str = "en"


def make_person(name: str, language: str = "en") -> Person:
    """A person whom no other test knows."""
    return Person(f"{name}-{uuid.uuid4().hex[:8]}", f"Pw-{uuid.uuid4().hex[:20]}", language)


@dataclass(frozen=True)
class Told:
    """A suggestion on the ``nth`` occurrence of some words."""

    file: str
    quote: str
    label: str = "DATE"
    value: str | None = None
    nth: int = 1


@dataclass(frozen=True)
class Tied:
    """A suggested relation between two suggestions, by the words of their first occurrences."""

    file: str
    relation: str
    start: str
    end: str


def write_study(root: Path, people: Sequence[Person], *, server: str = "embedded") -> Study:
    """A study as `annotate init` makes it, with these annotators (pseudonyms A1, A2, …)."""
    init(root, name=f"Study é {root.name}")
    config = root / "annotate.toml"
    text = config.read_text("utf-8").replace('url = "embedded"', f'url = "{server}"')
    for number, person in enumerate(people, 1):
        text += f'\n[[annotators]]\nuser = "{person.user}"\npseudonym = "A{number}"\n'
        text += f'language = "{person.language}"\n'
    config.write_text(text, "utf-8")
    return Study(root)


def build(study: Study, texts: Mapping[str, str]) -> dict[str, Passage]:
    """Make the texts the study's sources, one body segment and one document each; passages by file."""
    sources, segments, documents, passages = [], [], [], []
    for file, text in sorted(texts.items()):
        data = text.encode()
        (study.raw_dir / file).write_bytes(data)
        number = source_id(data)
        sources.append(Source(number, file, sha256_hex(data), len(data), "utf-8", "told", len(text)))
        segment = Segment(number, file, 0, len(text), "body", "told")
        unknown = ("title", "byline", "agency", "publisher", "aggregator", "place", "published")
        document = Document(
            document_id=content_id("doc", [number, 0]),
            source_id=number,
            source_file=file,
            start=0,
            end=len(text),
            **dict.fromkeys((*unknown, "published_evidence")),
            language="de",
            language_score=1.0,
            doubts=("told by a test",),
        )
        segments.append(segment)
        documents.append(document)
        passages.extend(cut_passages(document, [segment], text))
    write_built(study, Built(tuple(sources), tuple(segments), tuple(documents), tuple(passages)))
    assert len(passages) == len(texts), "these helpers take one passage a text"
    return {one.source_file: one for one in passages}


def suggest(
    study: Study, told: Iterable[Told], *, version: str = "0.1.0", tied: Iterable[Tied] = ()
) -> SuggestionRun:
    """Store one run over all passages with these suggestions, and relations between them."""
    passages = {one.source_file: one for one in read_passages(study)}
    made = []
    for one in told:
        passage = passages[one.file]
        start = place(passage.text, one.quote, one.nth)
        made.append(
            Suggestion(
                content_id("sug", [passage.passage_id, start, one.quote, one.label]),
                "",
                passage.passage_id,
                "frame",
                one.label,
                start,
                start + len(one.quote),
                one.quote,
                "stated_dates",
                version,
                CONFIG_SHA256,
                0.9,
                one.value,
                "EDTF" if one.value else None,
            )
        )
    seen = tuple(sorted(one.passage_id for one in passages.values()))
    run = named(SuggestionRun("", "stated_dates", version, CONFIG_SHA256, CONFIG, seen, tuple(made)))
    by_quote = {(one.passage_id, one.quote): one.suggestion_id for one in run.suggestions}
    write_relations(study, run.run_id, [_relation(one, passages[one.file], by_quote) for one in tied])
    write_run(study, run)
    return run


def _relation(one: Tied, passage: Passage, by_quote: Mapping[tuple[str, str], str]) -> SuggestedRelation:
    ends = [by_quote[passage.passage_id, quote] for quote in (one.start, one.end)]
    number = content_id("rel", [one.relation, *ends])
    return SuggestedRelation(number, "", passage.passage_id, one.relation, *ends, 0.8, "told")


def place(text: str, quote: str, nth: int = 1) -> int:
    """Where the ``nth`` occurrence begins (code points)."""
    at = -1
    for _ in range(nth):
        at = text.index(quote, at + 1)
    return at


class OwnProject:
    """One person's project through that person's own login, by file and quote instead of numbers."""

    def __init__(self, campaign: Campaign, person: Person) -> None:
        self.campaign = campaign
        self.person = person
        self.remote: Remote = campaign.remotes()[person.user]
        self.base = f"projects/{self.remote.project_id}"
        self.http: Transport = connect_as(campaign.study, person.user, person.password)
        examples = {passage_id_of(one): one["id"] for one in self.http.pages(f"{self.base}/examples")}
        self.examples: dict[str, int] = {
            file: examples[one.passage_id]
            for file, one in campaign.passages.items()
            if one.passage_id in examples
        }
        self.label_types = self._types("span-types")
        self.relation_types = self._types("relation-types")

    def _types(self, resource: str) -> dict[str, int]:
        return {one["text"]: one["id"] for one in self.http.get_list(f"{self.base}/{resource}")}

    def at(self, file: str) -> str:
        """Path of the example of a file."""
        return f"{self.base}/examples/{self.examples[file]}"

    def spans(self, file: str) -> list[Record]:
        """Spans as the server has them."""
        return self.http.get_list(f"{self.at(file)}/spans")

    def span(self, file: str, quote: str, label: str) -> Record:
        """The span of this label over exactly these words."""
        low, high = self._units(file, quote)
        (found,) = [
            one
            for one in self.spans(file)
            if (one["start_offset"], one["end_offset"], one["label"]) == (low, high, self.label_types[label])
        ]
        return found

    def _units(self, file: str, quote: str, nth: int = 1) -> tuple[int, int]:
        text = self.campaign.passages[file].text
        start = place(text, quote, nth)
        units = Utf16Map(text)
        return units.to_utf16(CodePoint(start)), units.to_utf16(CodePoint(start + len(quote)))

    def draw(self, file: str, quote: str, label: str, nth: int = 1) -> Record:
        """Draw a label over words, as the web page does."""
        low, high = self._units(file, quote, nth)
        body = {"id": 0, "user": 0, "label": self.label_types[label], "start_offset": low, "end_offset": high}
        return self.http.send("POST", f"{self.at(file)}/spans", json=body)

    def delete(self, file: str, kind: str, number: int) -> None:
        """Delete a span or relation."""
        self.http.send("DELETE", f"{self.at(file)}/{kind}/{number}")

    def relabel(self, file: str, span: Record, label: str) -> Record:
        """Change the label of a span, as the web page does."""
        body = {**span, "label": self.label_types[label]}
        return self.http.send("PATCH", f"{self.at(file)}/spans/{span['id']}", json=body)

    def relate(self, file: str, relation: str, start: Record, end: Record) -> Record:
        """Draw a relation between two spans."""
        body = {
            "id": 0,
            "from_id": start["id"],
            "to_id": end["id"],
            "type": self.relation_types[relation],
        }
        return self.http.send("POST", f"{self.at(file)}/relations", json=body)

    def comment(self, file: str, text: str) -> Record:
        """Leave a remark."""
        path = f"{self.base}/comments?example={self.examples[file]}"
        return self.http.send("POST", path, json={"text": text})

    def toggle_confirmed(self, file: str) -> None:
        """Confirm, or take the confirmation back: Doccano has one request for both."""
        self.http.send("POST", f"{self.at(file)}/states", json={})


@dataclass
class Campaign:
    """A study, its people, and the server it is pushed to."""

    study: Study
    people: tuple[Person, ...]
    database: Path
    passages: dict[str, Passage]

    @property
    def ann(self) -> Person:
        """The first annotator."""
        return self.people[0]

    @property
    def bob(self) -> Person:
        """The second annotator."""
        return self.people[1]

    @cached_property
    def admin(self) -> Transport:
        """The service account."""
        return connect(self.study)

    def remotes(self) -> dict[str, Remote]:
        """Projects of the study on the server, by user."""
        return find_projects(self.admin, self.study.config.study.id, "spans")

    def project(self, person: Person) -> OwnProject:
        """A person's project, through their own login."""
        return OwnProject(self, person)

    def admin_base(self, person: Person) -> str:
        """Path of a person's project, for the service account."""
        return f"projects/{self.remotes()[person.user].project_id}"

    def examples(self, person: Person) -> list[Record]:
        """Examples of a person's project, read by the service account."""
        return list(self.admin.pages(f"{self.admin_base(person)}/examples"))

    def grow(self, texts: Mapping[str, str]) -> None:
        """Build the study from these texts instead."""
        self.passages = build(self.study, texts)

    def ledger(self) -> tuple[Line, ...]:
        """Every ledger line; reading checks the chain."""
        return read_ledger(self.study)

    def state(self) -> State:
        """What the ledger says is true now."""
        return fold(self.ledger())

    def fates(self) -> Fates:
        """Origins of labels, fates of suggestions."""
        return fates(self.state())

    def events_since(self, seq: int) -> list[tuple[str, Record]]:
        """(event, data) after a sequence number, without the frame of transactions."""
        frame = ("begin", "end", "pulled")
        return [(one.event, one.data) for one in self.ledger() if one.seq > seq and one.event not in frame]

    def rows(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        """Ask the server's database, read-only."""
        return database_rows(self.database, sql, *parameters)


def database_rows(database: Path, sql: str, *parameters: object) -> list[sqlite3.Row]:
    """Rows of a query against a SQLite file that is opened read-only."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, parameters).fetchall()


TEXTS = {
    "a.txt": "Meldung\r\n\r\nAm 3. April 1970 😀 kam so\u00adfort Vesk nach Berlin."
    " Am 5. Mai 1971 ging er.\r\n",
    "b.txt": "Second 😀👨\u200d👩\u200d👧 report in 2018, said Minister Ko\u0308hler; nothing since 1999.\n",
    "c.txt": "Nothing to suggest here, only words.\n",
}
TOLD = (
    Told("a.txt", "3. April 1970", value="1970-04-03"),
    Told("a.txt", "5. Mai 1971", value="1971-05-05"),
    Told("b.txt", "2018", value="2018"),
    Told("b.txt", "1999", value="1999"),
)


TIED = (Tied("a.txt", "restates", "3. April 1970", "5. Mai 1971"),)
"""One suggested relation, of a type that the small scheme has."""


_ACCOUNTS: dict[tuple[str, str, str], Person] = {}


def account(embedded: Any, name: str, language: str) -> Person:
    """Accounts are shared by the studies of one server: their projects are kept apart by the study's id."""
    key = (str(embedded.home), name, language)
    if key not in _ACCOUNTS:
        _ACCOUNTS[key] = make_person(name, language)
        embedded.add_user(_ACCOUNTS[key].user, _ACCOUNTS[key].password)
    return _ACCOUNTS[key]


def make_campaign(
    root: Path,
    embedded: Any,
    *,
    names: Sequence[str] = ("ann", "bob"),
    texts: Mapping[str, str] = TEXTS,
    told: Iterable[Told] = TOLD,
    tied: Iterable[Tied] = (),
    languages: Sequence[str] = ("en", "de"),
) -> Campaign:
    """A study with accounts on the session's server. DOCCANO_HOME must name that server's home."""
    people = tuple(
        account(embedded, name, language) for name, language in zip(names, languages, strict=False)
    )
    study = write_study(root, people)
    passages = build(study, texts)
    suggest(study, told, tied=tied)
    return Campaign(study, people, embedded.database, passages)


def campaigns(embedded: Any, tmp_path: Path, monkeypatch: Any) -> Callable[..., Campaign]:
    """What the fixture ``campaign`` is in every test module: a factory of studies on one server."""
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))
    numbers = count(1)

    def make(**options: Any) -> Campaign:
        return make_campaign(tmp_path / f"study-{next(numbers)}", embedded, **options)

    return make


# Few types, so that a fault at each single request is affordable.
SMALL_SCHEME = """\
[scheme]
name = "source-criticism"
title = "Dates"
version = "1.0.0"
languages = ["en"]
[[passes]]
name = "spans"
project_type = "SequenceLabeling"
layers = ["frame"]
relations = true
overlapping = true
guidelines = "guidelines.md"
[[layers]]
name = "frame"
title = "Frame"
pass = "spans"
[[labels]]
name = "DATE"
layer = "frame"
hotkey = "d"
background = "#00838f"
text = "#ffffff"
definition = "a stated date"
[[relations]]
name = "restates"
hotkey = "5"
background = "#546e7a"
text = "#ffffff"
from = ["DATE"]
to = ["DATE"]
definition = "the same date again"
[[history]]
version = "1.0.0"
date = 2025-10-01
note = "First edition."
added = ["DATE", "restates"]
"""


def small_scheme(study: Study) -> None:
    """Give the study a scheme of one label and one relation."""
    for path in study.scheme_dir.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (study.scheme_dir / "scheme.toml").write_text(SMALL_SCHEME, "utf-8")
    (study.scheme_dir / "guidelines.md").write_text("# DATE, restates\n", "utf-8")

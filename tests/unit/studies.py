"""Build a small but nasty study on disk: emoji, CRLF, soft hyphens, Windows-1252, formula cells.

Two annotators and a stranger do everything that can happen to a label, in two pulls. All of it is
our own invention; all times are fixed, so that the datasets made from it are golden files.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from annotate.core.ids import content_id, sha256_hex, source_id
from annotate.core.ledger import Event
from annotate.core.model import (
    Document,
    Evidence,
    Kind,
    Passage,
    Segment,
    Source,
    SuggestedRelation,
    Suggestion,
    SuggestionRun,
)
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.core.passage_records import passage_record
from annotate.core.passages import cut_passages
from annotate.core.state import State, fold
from annotate.flows import dataset_inputs
from annotate.flows.export import ExportOptions, plan
from annotate.store.built import Built, write_built
from annotate.store.ledger import append, next_transaction, read_ledger
from annotate.store.scheme import read_scheme
from annotate.store.snapshots import hashes, write_snapshot
from annotate.store.study import Study
from annotate.store.suggested_relations import write_relations
from annotate.store.suggestions import named, write_run

CONFIG = """\
[study]
id = "0f3b2c1d-test-study"
name = "A nasty | little study"
scheme = "mini"

[[annotators]]
user = "ada"
pseudonym = "A1"
language = "de"

[[annotators]]
user = "ben"
pseudonym = "A2"
"""

SCHEME = """\
[scheme]
name = "mini"
title = "A scheme for tests"
version = "1.0.0"
languages = ["en"]

[[passes]]
name = "spans"
project_type = "SequenceLabeling"
layers = ["frame", "rhetoric"]
relations = true
overlapping = true
guidelines = "guidelines.md"

[[layers]]
name = "frame"
title = "Frame"
pass = "spans"

[[layers]]
name = "rhetoric"
title = "Rhetoric"
pass = "spans"

[[labels]]
name = "DATE"
layer = "frame"
hotkey = "d"
background = "#00838f"
text = "#ffffff"
definition = "a stated date"

[[labels]]
name = "PUB"
layer = "frame"
hotkey = "b"
background = "#b0bec5"
text = "#000000"
definition = "where and when a text was issued"

[[labels]]
name = "LOADED"
layer = "rhetoric"
hotkey = "l"
background = "#e53935"
text = "#ffffff"
definition = "emotive wording"

[[relations]]
name = "dates"
hotkey = "2"
background = "#00838f"
text = "#ffffff"
from = ["DATE"]
to = ["LOADED"]
definition = "a date of something"

[[history]]
version = "1.0.0"
date = 2025-10-01
note = "First edition."
added = ["DATE", "PUB", "LOADED", "dates"]
"""

Parts = list[tuple[Kind, str]]
EMOJI: Parts = [
    ("heading", "Küstenbote – Übersicht\n"),
    ("blank", "\n"),
    ("title", "Brücke eröffnet 😀\n"),
    ("dateline", "Lauthen, 2020-04-25 (KBA)\n"),
    ("body", "😀 Die Ministerin sprach von „großen Lu\u0308gen 🎉“ und dankte.\n"),
    ("share", "[Teilen] [Drucken]\n"),
    ("body", "Am 3. Mai 2021 folgte die Antwort, am 4. Mai 2021 das Schweigen.\n"),
]
CRLF: Parts = [
    ("control", "\ufeff"),
    ("title", "=SUM(A1) is no title\r\n"),
    ("body", 'The Su\u00adpreme Coun\u00adcil met in March 2019.\r\n\r\n\r\n\r\nIt, "surely", will win.\r\n'),
]
CP1252: Parts = [("body", "Die Zahlung von 5 € fiel 2018 aus – sagte Möller.\r\n")]
FILES: dict[str, tuple[str, Parts]] = {
    "a-emoji.txt": ("utf-8", EMOJI),
    "b-crlf.txt": ("utf-8", CRLF),
    "c-euro.txt": ("cp1252", CP1252),
}
COPY = ("d-copy.txt", "c-euro.txt")
"""A file with the bytes of another one: listed as a source, read once."""
TITLES = {"a-emoji.txt": "Brücke eröffnet 😀", "b-crlf.txt": "=SUM(A1) is no title", "c-euro.txt": None}
SERVICE = "annotate-service"
RUN_CONFIG = '{"languages":["de","en"]}'


def text_of(parts: Parts) -> str:
    """The source text that its parts spell."""
    return "".join(text for _, text in parts)


def write_study(root: Path) -> Study:
    """Configuration, scheme, sources and build, without a ledger."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "annotate.toml").write_text(CONFIG, "utf-8")
    scheme = root / "schemas" / "mini"
    scheme.mkdir(parents=True)
    (scheme / "scheme.toml").write_text(SCHEME, "utf-8")
    (scheme / "guidelines.md").write_text("# Guidelines\n\nDATE PUB LOADED dates\n", "utf-8")
    study = Study(root)
    study.raw_dir.mkdir(parents=True)
    lines = ["file,sha256,encoding,retrieved_from,retrieved_at,retrieved_by,rights,note,redistribution"]
    for name, (encoding, parts) in FILES.items():
        data = text_of(parts).encode(encoding)
        (study.raw_dir / name).write_bytes(data)
        rights = "CC0-1.0, invented" if name != "c-euro.txt" else ""
        row = f'https://example.org/{name},2025-11-01T09:00:00+01:00,us,"{rights}","a ""note""",yes'
        lines.append(f"{name},{sha256_hex(data)},,{row}")
    (study.raw_dir / COPY[0]).write_bytes((study.raw_dir / COPY[1]).read_bytes())
    lines.append(f"{COPY[0]},,,,,,,,")
    study.sources_csv.write_text("\n".join(lines) + "\n", "utf-8")
    write_built(study, build())
    return study


def build() -> Built:
    """Sources, segments, documents and passages as ingest would make them."""
    sources, segments, documents, passages = [], [], [], []
    for name, (encoding, parts) in FILES.items():
        text = text_of(parts)
        data = text.encode(encoding)
        source = Source(
            source_id(data), name, sha256_hex(data), len(data), encoding, "told by the test", len(text)
        )
        own = _segments(source, parts)
        document = _document(source, text, own)
        sources.append(source)
        segments.extend(own)
        documents.append(document)
        passages.extend(cut_passages(document, own, text))
    original = next(one for one in sources if one.file == COPY[1])
    sources.append(replace(original, file=COPY[0], duplicate_of=COPY[1]))
    return Built(tuple(sources), tuple(segments), tuple(documents), tuple(passages))


def _segments(source: Source, parts: Parts) -> list[Segment]:
    found, at = [], 0
    for kind, text in parts:
        found.append(Segment(source.source_id, source.file, at, at + len(text), kind, "told"))
        at += len(text)
    return found


def _document(source: Source, text: str, segments: list[Segment]) -> Document:
    first = next(one.start for one in segments if one.kind in ("title", "body"))
    at = text.find("2020-04-25")
    return Document(
        document_id=content_id("doc", [source.source_id, first]),
        source_id=source.source_id,
        source_file=source.file,
        start=first,
        end=len(text),
        title=TITLES[source.file],
        byline=None,
        agency="KBA" if at >= 0 else None,
        publisher="Küstenbote" if at >= 0 else None,
        aggregator=None,
        place="Lauthen" if at >= 0 else None,
        published="2020-04-25" if at >= 0 else None,
        published_evidence=Evidence(at, at + 10, "2020-04-25", "told") if at >= 0 else None,
        language="en" if source.file == "b-crlf.txt" else "de",
        language_score=0.1 + 0.2,
        doubts=() if at >= 0 else ("no publication date is stated", "no byline; none | at all"),
    )


@dataclass(frozen=True)
class Server:
    """What the fake server says about one project, as ledger events."""

    key: str
    number: int
    user: str

    def opened(self) -> Event:
        """The project."""
        data = {"server": "embedded", "project_id": self.number, "name": f"test {self.user}"}
        people = {"pass": "spans", "user": self.user, "service_user": SERVICE}
        return Event("project_opened", {"project": self.key, **data, **people})

    def scheme(self, version: str, digest: str) -> Event:
        """The scheme was pushed."""
        types = {"label_types": {"1": "DATE", "2": "PUB", "3": "LOADED"}, "relation_types": {"1": "dates"}}
        hashes_of = {"sha256": digest, "guideline_sha256": sha256_hex(version.encode())}
        data = {"project": self.key, "scheme": "mini", "version": version, **hashes_of, **types}
        return Event("scheme_pushed", data)

    def pushed(self, passage: Passage, example: int) -> Event:
        """A passage arrived."""
        digest = sha256_hex(passage.text.encode())
        record = passage_record(passage)
        data = {"project": self.key, "example": example, "passage": record, "text_sha256": digest}
        return Event("passage_pushed", data)

    def label(
        self,
        passage: Passage,
        example: int,
        number: int,
        name: str,
        quote: str,
        *,
        user: str | None = None,
        at: str = "2025-11-03T10:00:00.123456Z",
        event: str = "label_appeared",
    ) -> Event:
        """A label over the first place of ``quote``, which must be there."""
        start = passage.text.index(quote)
        utf16 = Utf16Map(passage.text)
        end = start + len(quote)
        return Event(
            event,
            {
                "project": self.key,
                "example": example,
                "label_id": number,
                "label": name,
                "start": start,
                "end": end,
                "utf16_start": utf16.to_utf16(CodePoint(start)),
                "utf16_end": utf16.to_utf16(CodePoint(end)),
                "user": self.user if user is None else user,
                "created_at": "2025-11-03T09:59:00Z",
                "updated_at": at,
            },
        )

    def placed(self, passage: Passage, example: int, number: int, suggestion: Suggestion) -> list[Event]:
        """A suggestion was imported as a label of the service account."""
        seen = self.label(
            passage,
            example,
            number,
            suggestion.label,
            suggestion.quote,
            user=SERVICE,
            at="2025-11-02T08:00:05Z",
        )
        where = {"project": self.key, "example": example, "label_id": number}
        return [seen, Event("suggestion_placed", {**where, "suggestion": asdict(suggestion)})]

    def tied(self, example: int, number: int, one: SuggestedRelation, ends: tuple[int, int]) -> list[Event]:
        """A suggested relation was imported as one of the service account."""
        where = {"project": self.key, "example": example, "relation_id": number}
        joined = {"from_label": ends[0], "to_label": ends[1]}
        times = {"created_at": "2025-11-02T08:00:05Z", "updated_at": "2025-11-02T08:00:05Z"}
        by = {
            "agent": "stated_dates",
            "agent_version": "0.1.0",
            "config_sha256": sha256_hex(RUN_CONFIG.encode()),
        }
        return [
            Event(
                "relation_appeared", {**where, **joined, **times, "relation": one.relation, "user": SERVICE}
            ),
            Event("relation_placed", {**where, **joined, **by, "suggestion": asdict(one)}),
        ]

    def gone(self, what: str, number: int) -> Event:
        """A label, relation or comment is not there any more."""
        return Event(f"{what}_vanished", {"project": self.key, f"{what}_id": number})

    def confirmed(self, example: int, user: str, at: str) -> Event:
        """A passage was confirmed."""
        return Event("confirmed", {"project": self.key, "example": example, "user": user, "confirmed_at": at})

    def comment(self, example: int, number: int, user: str, text: str) -> Event:
        """A remark."""
        what = {"project": self.key, "example": example, "comment_id": number, "user": user, "text": text}
        return Event("comment_appeared", {**what, "created_at": "2025-11-03T10:05:00+01:00"})

    def relation(self, example: int, number: int, ends: tuple[int, int], name: str = "dates") -> Event:
        """A relation between two labels."""
        what = {"project": self.key, "example": example, "relation_id": number, "relation": name}
        joined = {"from_label": ends[0], "to_label": ends[1], "user": self.user}
        times = {"created_at": "2025-11-03T10:06:00Z", "updated_at": "2025-11-03T10:06:00Z"}
        return Event("relation_appeared", {**what, **joined, **times})


ADA = Server("prj-ada000000000", 7, "ada")
BEN = Server("prj-ben000000000", 8, "ben")


NOTES = {
    "3. Mai 2021": """{"type": "DATE", "value": "2021-05-03", "rule": "day", "anchor": \
{"kind": "previous_mention", "start": 12, "end": 20}, "alternatives": ["2021-03-05", \
"[2021-05-03,2022-05-03]"], "why": "told; |so|"}""",
    "2020-04-25": """{"type": "DATE", "value": "2020-04-25", "anchor": {"kind": "explicit"}}""",
    "4. Mai 2021": "a remark; no JSON",
    "March 2019": """{"type": ["DATE"], "value": 3}""",
}


def suggested(passages: dict[str, Passage]) -> SuggestionRun:
    """One run over all passages: five dates, the last of which is pushed to nobody."""
    config = RUN_CONFIG
    places = [
        ("a-emoji.txt", "3. Mai 2021", "2021-05-03", 0.75),
        ("a-emoji.txt", "2020-04-25", "2020-04-25", 1.0),
        ("a-emoji.txt", "4. Mai 2021", "2021-05-04", 0.1 + 0.2),
        ("b-crlf.txt", "March 2019", "2019-03", None),
        ("c-euro.txt", "2018", "2018", 1e-07),
    ]
    made = []
    for file, quote, value, score in places:
        passage = passages[file]
        start = passage.text.index(quote)
        made.append(
            Suggestion(
                suggestion_id=content_id("sug", [passage.passage_id, start, quote]),
                run_id="",
                passage_id=passage.passage_id,
                layer="frame",
                label="DATE",
                start=start,
                end=start + len(quote),
                quote=quote,
                agent="stated_dates",
                agent_version="0.1.0",
                config_sha256=sha256_hex(config.encode()),
                score=score,
                value=value,
                value_type="EDTF",
                note=NOTES.get(quote, ""),
            )
        )
    seen = tuple(sorted(one.passage_id for one in passages.values()))
    run = SuggestionRun("", "stated_dates", "0.1.0", sha256_hex(config.encode()), config, seen, tuple(made))
    return named(run)


ENDS = {"rel-kept": (0, 1), "rel-lost": (2, 0), "rel-turned": (1, 0), "rel-unsent": (1, 2)}
"""Suggested relations and the numbers of the suggestions that they join; the last one is pushed to nobody."""


def tied(run: SuggestionRun) -> list[SuggestedRelation]:
    """The relations of the run, all on the first passage."""
    return [
        SuggestedRelation(
            name,
            run.run_id,
            run.suggestions[start].passage_id,
            "dates",
            run.suggestions[start].suggestion_id,
            run.suggestions[end].suggestion_id,
            0.625 if name != "rel-lost" else None,
            "told; |so|",
        )
        for name, (start, end) in ENDS.items()
    ]


def nasty_study(root: Path) -> Study:
    """The whole study, with a ledger of two pushes and two pulls."""
    study = once_pulled_study(root)
    pulled_again(study)
    return study


@cache
def nasty_state() -> State:
    """The fold of the study's ledger; do not change it."""
    with tempfile.TemporaryDirectory() as root:
        return fold(read_ledger(nasty_study(Path(root) / "study")))


def once_pulled_study(root: Path) -> Study:
    """The study after its first push and pull."""
    study = write_study(root)
    passages = {one.source_file: one for one in build().passages}
    run = suggested(passages)
    write_relations(study, run.run_id, tied(run))
    write_run(study, run)
    digest = read_scheme(study.scheme_dir).sha256
    append(study, "push", _first_push(passages, run, digest), at="2025-11-02T08:00:00Z")
    _pull(study, _first_pull(passages), "2025-11-03T12:00:00Z")
    return study


def pulled_again(study: Study) -> None:
    """A new scheme is pushed, and what happened since is pulled."""
    passages = {one.source_file: one for one in build().passages}
    append(study, "push", [ADA.scheme("1.1.0", "e" * 64)], at="2025-11-04T08:00:00Z")
    _pull(study, _second_pull(passages), "2025-11-05T12:00:00Z")


def _pull(study: Study, events: list[Event], at: str) -> None:
    name = next_transaction(study, "pull")
    files = {f"{ADA.key}/spans.jsonl": b'{"id": 1}\n', f"{BEN.key}/spans.jsonl": name.encode() + b"\n"}
    write_snapshot(study, name, files)
    pulled = Event("pulled", {"snapshot": name, "files": hashes(files)})
    append(study, "pull", [*events, pulled], at=at)


EXAMPLES = {"a-emoji.txt": 1, "b-crlf.txt": 2, "c-euro.txt": 3}


def _first_push(passages: dict[str, Passage], run: SuggestionRun, digest: str) -> list[Event]:
    events: list[Event] = []
    files = {one.passage_id: file for file, one in passages.items()}
    for server, first in ((ADA, 0), (BEN, 100)):
        events += [server.opened(), server.scheme("1.0.0", digest)]
        for file, passage in passages.items():
            events.append(server.pushed(passage, first + EXAMPLES[file]))
        for number, suggestion in enumerate(run.suggestions[:4], 11):
            file = files[suggestion.passage_id]
            events += server.placed(passages[file], first + EXAMPLES[file], first + number, suggestion)
        for number, one in enumerate(tied(run)[:3], 61):
            start, end = ENDS[one.relation_id]
            events += server.tied(first + 1, first + number, one, (first + 11 + start, first + 11 + end))
    return events


def _first_pull(passages: dict[str, Passage]) -> list[Event]:
    a, b, c = (passages[file] for file in FILES)
    moved = "in March 2019"
    stray = ADA.label(a, 1, 30, "DATE", "Schweigen")
    outside = Event("label_appeared", {**stray.data, "start": -1, "end": -1, "utf16_end": 9999})
    return [
        # 11 stays as it was; 12 is relabelled, which keeps the importer as its user; 13 is deleted.
        ADA.label(a, 1, 12, "PUB", "2020-04-25", user=SERVICE, event="label_changed"),
        ADA.gone("label", 13),
        ADA.gone("relation", 62),
        # 63 goes somewhere else: deleted and drawn again.
        ADA.gone("relation", 63),
        # 14 is moved: deleted and drawn again, one word longer.
        ADA.gone("label", 14),
        ADA.label(b, 2, 21, "DATE", moved),
        ADA.label(a, 1, 22, "LOADED", "großen Lu\u0308gen 🎉"),
        ADA.label(b, 2, 23, "LOADED", "Supreme Council"),
        ADA.label(a, 1, 24, "LOADED", "dankte.\nAm"),
        ADA.label(b, 2, 25, "LOADED", '"surely", will'),
        ADA.label(c, 3, 26, "LOADED", "€ fiel", at="2025-11-03T11:00:00+01:00"),
        ADA.label(c, 3, 27, "LOADED", "Möller", user=""),
        ADA.label(a, 1, 28, "GHOST", "Antwort"),
        outside,
        ADA.label(a, 1, 31, "LOADED", "Ministerin"),
        ADA.relation(1, 41, (11, 22)),
        ADA.relation(1, 42, (11, 28)),
        ADA.relation(1, 43, (11, 31)),
        ADA.relation(1, 44, (12, 22)),
        ADA.confirmed(1, "ada", "2025-11-03T10:10:00.5Z"),
        ADA.confirmed(2, "ada", "2025-11-03T10:11:00Z"),
        ADA.comment(1, 51, "ada", '=HYPERLINK("http://example.org")\r\nsecond, line\rthird'),
        ADA.comment(2, 52, "carla", "@ben: why?"),
        # ben leaves his suggestions as they are; a stranger confirms one of his passages.
        BEN.label(a, 101, 122, "LOADED", "großen"),
        BEN.confirmed(101, "carla", "2025-11-03T10:20:00Z"),
        BEN.label(b, 102, 123, "LOADED", "Council met"),
        BEN.label(c, 103, 124, "DATE", "2018"),
        BEN.label(a, 101, 125, "DATE", "Mai", user=SERVICE),
        BEN.comment(101, 151, "ben", "withdrawn later"),
    ]


def _second_pull(passages: dict[str, Passage]) -> list[Event]:
    a, c = passages["a-emoji.txt"], passages["c-euro.txt"]
    late = "2025-11-05T09:00:00Z"
    return [
        ADA.label(a, 1, 32, "LOADED", "😀 Die", at=late),
        ADA.gone("label", 31),
        ADA.gone("relation", 43),
        ADA.label(c, 3, 26, "LOADED", "5 € fiel", at=late, event="label_changed"),
        Event("passage_edited", {"project": BEN.key, "example": 102, "text_sha256": "f" * 64}),
        Event("passage_vanished", {"project": BEN.key, "example": 103}),
        BEN.gone("comment", 151),
    ]


def golden_files(study: Study) -> dict[str, bytes]:
    """What tests/golden holds: a whole dataset without its schemas, and two tables for spreadsheets."""
    plain = plan(study, "golden", ExportOptions(formats=("csv",))).files
    excel = plan(study, "golden", ExportOptions(excel=True, formats=("csv",))).files
    kept = {f"plain/{name}": data for name, data in plain.items() if not name.startswith("schemas/")}
    return {**kept, **{f"excel/{name}.csv": excel[f"{name}.csv"] for name in ("comments", "documents")}}


def write_golden(folder: Path) -> None:
    """Make the golden files again; look at the difference before you commit it."""
    dataset_inputs.__version__ = "golden"  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as root:
        files = golden_files(nasty_study(Path(root) / "study"))
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    write_golden(Path(__file__).parent.parent / "golden")

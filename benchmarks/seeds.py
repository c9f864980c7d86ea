"""How much of what a reader found in the seed texts the suggesters find, and what they mark on furniture.

    python benchmarks/seeds.py [--seeds DIR]

A scratch study is made (`annotate init`, `ingest`, `suggest --with source_criticism`) and its
suggestions are compared with ``tests/expected/seed_reading.json``, which was written from reading before any
suggester was run. Recall: *found* is the label on at least half of the characters of both together (for a
saying: cue and source, and four fifths of the content), *exact* the very characters. Furniture, and lines
that say when and by whom a text was issued, are looked at twice: in the passages of the study, and in each
whole file given to the pipelines as one text. No quote is printed, only offsets.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.core.model import Passage
from annotate.core.offsets import OffsetOutOfText
from annotate.core.passages import source_ranges
from annotate.flows import ingest
from annotate.flows.init import init
from annotate.flows.suggest import suggest
from annotate.nlp.pipelines import load_pipeline
from annotate.store.built import Built, read_documents, read_passages
from annotate.store.study import Study
from annotate.store.suggestions import read_runs

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"
READING = ROOT / "tests" / "expected" / "seed_reading.json"
NOTHING_HERE = ("furniture", "title", "endmark")
BUT_PUB = (*NOTHING_HERE, "pub")
SAYING = ("saying", "act")
HALF, MOST = 0.5, 0.8

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A suggested label at an offset of a seed file."""

    file: str
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Triple:
    """Source, cue and content of one attribution, at offsets of a seed file."""

    file: str
    source: Place | None
    cue: Place | None
    content: Place | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the suggesters say about some texts."""

    labels: frozenset[Label]
    triples: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that the reader found: where it stands, and how much of it was found."""

    kind: str
    language: str
    file: str
    start: int
    end: int
    found: bool
    exact: bool
    missing: str = ""


def reading() -> list[dict[str, Any]]:
    """The rows that the reader wrote."""
    rows: list[dict[str, Any]] = json.loads(READING.read_text(encoding="utf-8"))["rows"]
    return rows


def altered(rows: Iterable[dict[str, Any]], seeds: Path) -> list[tuple[str, int]]:
    """Rows whose words are not what the reader read: the seeds are others."""
    texts = texts_of(seeds)
    return [
        (row["file"], row["start"])
        for row in rows
        if hashlib.sha256(texts[row["file"]][row["start"] : row["end"]].encode()).hexdigest()[:16]
        != row["sha256"]
    ]


def texts_of(seeds: Path) -> dict[str, str]:
    """The seed files by name."""
    return {path.name: path.read_bytes().decode("utf-8") for path in sorted(seeds.glob("*.txt"))}


def in_study(seeds: Path, folder: Path) -> Seen:
    """The suggestions of a scratch study, brought back to offsets of the files."""
    init(folder)
    for path in seeds.glob("*.txt"):
        shutil.copy(path, folder / "corpus" / "raw")
    study = Study(folder)
    ingest.apply(ingest.plan(study))
    suggest(study, ["source_criticism"])
    passages = {one.passage_id: one for one in read_passages(study)}
    labels = {
        Label(passages[one.passage_id].source_file, one.label, *at)
        for run in read_runs(study)
        for one in run.suggestions
        if (at := _at(passages[one.passage_id], (one.start, one.end)))
    }
    languages = {one.document_id: one.language or "" for one in read_documents(study)}
    read = [triple for one in passages.values() for triple in _triples(one, languages[one.document_id])]
    return Seen(frozenset(labels), tuple(read))


def of_built(built: Built) -> Seen:
    """What the pipelines say about passages that were ingested already; without formulas."""
    languages = {one.document_id: one.language or "" for one in built.documents}
    labels: set[Label] = set()
    triples: list[Triple] = []
    for passage in built.passages:
        doc = load_pipeline("source_criticism", languages[passage.document_id]).nlp(passage.text)
        for label, place in _spans(doc):
            at = _at(passage, place)
            labels |= {Label(passage.source_file, label, *at)} if at else set()
        triples += _told(passage, doc)
    return Seen(frozenset(labels), tuple(triples))


def of_files(seeds: Path) -> Seen:
    """What the pipelines of both languages say about each whole file, furniture and all."""
    labels = {
        Label(name, label, *place)
        for name, text in texts_of(seeds).items()
        for language in ("de", "en")
        for label, place in _spans(load_pipeline("source_criticism", language).nlp(text))
    }
    return Seen(frozenset(labels), ())


def _spans(doc: Any) -> Iterator[tuple[str, Place]]:
    for group in doc.spans.values():
        for span in group:
            yield span.label_, span._.exact or (span.start_char, span.end_char)


def _triples(passage: Passage, language: str) -> list[Triple]:
    return _told(passage, load_pipeline("attribution", language).nlp(passage.text))


def _told(passage: Passage, doc: Any) -> list[Triple]:
    return [
        Triple(passage.source_file, *(_at(passage, place) for place in one))
        for one in doc.user_data["attribution"]
    ]


def _at(passage: Passage, place: Sequence[int] | None) -> Place | None:
    if place is None:
        return None
    try:
        ranges = source_ranges(passage.pieces, place[0], place[1])
    except OffsetOutOfText:
        return None
    return ranges[0].start, ranges[-1].end


def verdicts(rows: Sequence[dict[str, Any]], seen: Seen) -> list[Verdict]:
    """One verdict for each thing that has to be found; a saying is one thing."""
    made = []
    sayings: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        if row["kind"] in SAYING:
            sayings[row["saying"]][row["label"]] = row
        elif row["kind"] not in NOTHING_HERE:
            made.append(_spotted(row, seen))
    return made + [_heard(parts, seen) for parts in sayings.values()]


def _spotted(row: dict[str, Any], seen: Seen) -> Verdict:
    best = max(
        (_shared((one.start, one.end), _place(row)) for one in seen.labels if _same(one, row)), default=0.0
    )
    return Verdict(
        row["kind"], row["language"], row["file"], row["start"], row["end"], best >= HALF, best == 1
    )


def _heard(parts: dict[str, dict[str, Any]], seen: Seen) -> Verdict:
    cue = parts["CUE"]
    mine = [
        one for one in seen.triples if one.file == cue["file"] and one.cue and _meets(one.cue, _place(cue))
    ]
    measure = covered if cue["kind"] == "act" else _shared
    source = max((_shared(one.source, _place(parts["ACTOR"])) for one in mine), default=0.0)
    content = max((measure(one.content, _place(parts["CONTENT"])) for one in mine), default=0.0)
    exact = any(one.cue == _place(cue) for one in mine)
    missing = [
        name
        for name, good in (("cue", bool(mine)), ("source", source >= HALF), ("content", content >= MOST))
        if not good
    ]
    whole = exact and source == 1 and content == 1
    place = cue["kind"], cue["language"], cue["file"], cue["start"], cue["end"]
    return Verdict(*place, not missing, whole, ", ".join(missing))


def _place(row: dict[str, Any]) -> Place:
    return row["start"], row["end"]


def _same(one: Label, row: dict[str, Any]) -> bool:
    return one.file == row["file"] and one.label == row["label"]


def _meets(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _shared(one: Place | None, other: Place) -> float:
    """Length of what two ranges share, beside that of both together."""
    if one is None or not _meets(one, other):
        return 0.0
    return (min(one[1], other[1]) - max(one[0], other[0])) / (max(one[1], other[1]) - min(one[0], other[0]))


def covered(one: Place | None, other: Place) -> float:
    """How much of the second range lies in the first."""
    if one is None or not _meets(one, other):
        return 0.0
    return (min(one[1], other[1]) - max(one[0], other[0])) / (other[1] - other[0])


def wrong_on_furniture(rows: Iterable[dict[str, Any]], seen: Seen) -> list[tuple[str, Label]]:
    """Labels but PUB that touch a line on which there may be none, with the kind of line."""
    return [
        (row["kind"], one)
        for row in rows
        if row["kind"] in BUT_PUB
        for one in sorted(seen.labels, key=lambda one: (one.file, one.start, one.end, one.label))
        if one.file == row["file"] and one.label != "PUB" and _meets((one.start, one.end), _place(row))
    ]


def main() -> int:
    """Print recall per kind and language, misses and false labels with their offsets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the seed texts")
    given = parser.parse_args()
    rows = reading()
    if not given.seeds.is_dir():
        print(f"{given.seeds} is not there", file=sys.stderr)
        return 4
    if moved := altered(rows, given.seeds):
        print(f"the seeds are not those that were read: {moved[:3]}", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as folder:
        seen = in_study(given.seeds, Path(folder) / "study")
    _print_recall(verdicts(rows, seen))
    _print_furniture("in passages", wrong_on_furniture(rows, seen))
    _print_furniture("in whole files", wrong_on_furniture(rows, of_files(given.seeds)))
    return 0


def _print_recall(made: Sequence[Verdict]) -> None:
    print(f"{'kind':10} language  expected  found  exact")
    for kind, language in sorted({(one.kind, one.language) for one in made}):
        mine = [one for one in made if (one.kind, one.language) == (kind, language)]
        found, exact = sum(one.found for one in mine), sum(one.exact for one in mine)
        print(f"{kind:10} {language:8}  {len(mine):8}  {found:5}  {exact:5}")
    for one in made:
        if not one.found or not one.exact:
            what = f"lacks {one.missing or 'all'}" if not one.found else "other ends"
            print(f"  {one.kind:10} {one.file} {one.start}-{one.end}: {what}")


def _print_furniture(where: str, wrong: Sequence[tuple[str, Label]]) -> None:
    print(f"labels but PUB on furniture, {where}: {len(wrong)}")
    for kind, one in wrong:
        print(f"  {kind:10} {one.file} {one.start}-{one.end}: {one.label}")


if __name__ == "__main__":
    raise SystemExit(main())

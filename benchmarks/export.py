"""Measure export and verify of a large invented study, beside what pandas alone needs for the same frames:

    python benchmarks/export.py [--labels 100000] [--formats csv parquet …] [--profile] [--json FILE]

The study has two annotators who label the same dates; one starts from suggestions. Times of this process on
this machine: compare the ratios; on a busy one, processor times.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "unit"))

import studies  # noqa: E402

from annotate.core.ids import content_id, sha256_hex, source_id  # noqa: E402
from annotate.core.ledger import Event  # noqa: E402
from annotate.core.model import (  # noqa: E402
    Document,
    Passage,
    Piece,
    Segment,
    Source,
    Suggestion,
    SuggestionRun,
)
from annotate.flows import export, verify  # noqa: E402
from annotate.flows.formats import DEFAULT, available  # noqa: E402
from annotate.formats.writers import csv_tables, parquet  # noqa: E402
from annotate.formats.writing import Material  # noqa: E402
from annotate.store.built import Built, write_built  # noqa: E402
from annotate.store.ledger import append, next_transaction  # noqa: E402
from annotate.store.scheme import read_scheme  # noqa: E402
from annotate.store.snapshots import hashes, write_snapshot  # noqa: E402
from annotate.store.study import Study  # noqa: E402
from annotate.store.suggestions import named, write_run  # noqa: E402

MONTHS = ("Januar", "März", "April", "Mai", "Juli", "September", "Oktober", "Dezember")
DATES_A_PASSAGE = 25
PASSAGES_A_SOURCE = 20
CONFIG = '{"languages":["de"]}'
SEEN = {"created_at": "2025-11-03T09:59:00.5Z", "updated_at": "2025-11-03T10:00:00.123456Z"}


@dataclass
class Table:
    """Measurements, printed as they come."""

    rows: list[tuple[str, float, str]] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str = "s") -> None:
        self.rows.append((what, round(value, 3), unit))
        print(f"  {what:<68} {value:>9.2f} {unit}", flush=True)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        self.add(what, time.perf_counter() - start)
        self.add(f"{what} (processor)", time.process_time() - busy)


def sentence(number: int) -> tuple[str, str, str]:
    """A sentence, the date in it, and its EDTF."""
    day, month, year = number % 28 + 1, number % len(MONTHS), 1950 + number % 70
    date = f"{day}. {MONTHS[month]} {year}"
    value = f"{year}-{(1, 3, 4, 5, 7, 9, 10, 12)[month]:02d}-{day:02d}"
    return f"Am {date} besuchte die Abordnung Nr. {number} die Werft von Vesk und dankte. ", date, value


@dataclass
class Made:
    """What the study is made of; ``places`` are (passage, start, end, EDTF) of each date."""

    built: Built
    places: list[tuple[Passage, int, int, str]]


def corpus(study: Study, labels: int) -> Made:
    """Sources, documents and passages with a date for every two labels."""
    sources, segments, documents, passages = [], [], [], []
    places: list[tuple[Passage, int, int, str]] = []
    wanted = labels // 2
    while len(places) < wanted:
        file = f"invented-{len(sources):05d}.txt"
        text, spans = "", []
        for _ in range(PASSAGES_A_SOURCE * DATES_A_PASSAGE):
            words, date, value = sentence(len(places) + len(spans))
            at = len(text) + words.index(date)
            spans.append((at, at + len(date), value))
            text += words
        data = text.encode("utf-8")
        source = Source(source_id(data), file, sha256_hex(data), len(data), "utf-8", "told", len(text))
        (study.raw_dir / file).write_bytes(data)
        document = Document(
            document_id=content_id("doc", [source.source_id, 0]),
            source_id=source.source_id,
            source_file=file,
            start=0,
            end=len(text),
            title=f"Meldung {len(sources)}",
            byline=None,
            agency=None,
            publisher="Küstenbote",
            aggregator=None,
            place=None,
            published=f"20{len(sources) % 20:02d}-04-25",
            published_evidence=None,
            language="de",
            language_score=0.9,
            doubts=(),
        )
        sources.append(source)
        documents.append(document)
        segments.append(Segment(source.source_id, file, 0, len(text), "body", "told"))
        passages.extend(_passages(document, text, spans, places))
    return Made(Built(tuple(sources), tuple(segments), tuple(documents), tuple(passages)), places)


def _passages(
    document: Document,
    text: str,
    spans: list[tuple[int, int, str]],
    places: list[tuple[Passage, int, int, str]],
) -> Iterator[Passage]:
    starts = [spans[at][0] - 3 for at in range(0, len(spans), DATES_A_PASSAGE)] + [len(text)]
    for number in range(PASSAGES_A_SOURCE):
        low, high = starts[number], starts[number + 1]
        passage = Passage(
            passage_id=content_id("psg", [document.document_id, low]),
            document_id=document.document_id,
            source_id=document.source_id,
            source_file=document.source_file,
            number=number + 1,
            of=PASSAGES_A_SOURCE,
            text=text[low:high],
            pieces=(Piece("verbatim", low, high, ""),),
        )
        for start, end, value in spans[number * DATES_A_PASSAGE : (number + 1) * DATES_A_PASSAGE]:
            places.append((passage, start - low, end - low, value))
        yield passage


def large_study(root: Path, labels: int) -> Study:
    """A study with ``labels`` labels, half of them accepted suggestions."""
    study = studies.write_study(root)
    for path in study.raw_dir.iterdir():
        path.unlink()
    study.sources_csv.write_text(
        "file,sha256,encoding,retrieved_from,retrieved_at,retrieved_by,rights,note\n"
    )
    made = corpus(study, labels)
    write_built(study, made.built)
    run = _run(made)
    write_run(study, run)
    digest = read_scheme(study.scheme_dir).sha256
    examples = {passage.passage_id: number for number, passage in enumerate(made.built.passages, 1)}
    pushed = list(_pushed(made, run, examples, digest))
    append(study, "push", pushed, at="2025-11-02T08:00:00Z")
    name = next_transaction(study, "pull")
    files = {f"{server.key}/spans.jsonl": b'{"id": 1}\n' for server in (studies.ADA, studies.BEN)}
    write_snapshot(study, name, files)
    pulled = [*_seen(made, examples), Event("pulled", {"snapshot": name, "files": hashes(files)})]
    append(study, "pull", pulled, at="2025-11-03T12:00:00Z")
    return study


def _run(made: Made) -> SuggestionRun:
    digest = sha256_hex(CONFIG.encode())
    found = tuple(
        Suggestion(
            suggestion_id=content_id("sug", [passage.passage_id, start]),
            run_id="",
            passage_id=passage.passage_id,
            layer="frame",
            label="DATE",
            start=start,
            end=end,
            quote=passage.text[start:end],
            agent="stated_dates",
            agent_version="0.1.0",
            config_sha256=digest,
            score=0.75,
            value=value,
            value_type="EDTF",
            note="",
        )
        for passage, start, end, value in made.places
    )
    seen = tuple(sorted(one.passage_id for one in made.built.passages))
    return named(SuggestionRun("", "stated_dates", "0.1.0", digest, CONFIG, seen, found))


def _pushed(made: Made, run: SuggestionRun, examples: dict[str, int], digest: str) -> Iterator[Event]:
    for server in (studies.ADA, studies.BEN):
        yield from (server.opened(), server.scheme("1.0.0", digest))
        for passage in made.built.passages:
            yield server.pushed(passage, examples[passage.passage_id])
    ada = studies.ADA.key
    for number, one in enumerate(run.suggestions, 1):
        example = examples[one.passage_id]
        yield _label(ada, example, number, one.start, one.end, studies.SERVICE)
        where = {"project": ada, "example": example, "label_id": number}
        yield Event("suggestion_placed", {**where, "suggestion": asdict(one)})


def _seen(made: Made, examples: dict[str, int]) -> Iterator[Event]:
    for number, (passage, start, end, _) in enumerate(made.places, 1):
        yield _label(studies.BEN.key, examples[passage.passage_id], number, start, end, "ben")
    for server in (studies.ADA, studies.BEN):
        for example in examples.values():
            yield server.confirmed(example, server.user, "2025-11-03T10:10:00Z")


def _label(project: str, example: int, number: int, start: int, end: int, user: str) -> Event:
    place = {"start": start, "end": end, "utf16_start": start, "utf16_end": end}
    where = {"project": project, "example": example, "label_id": number, "label": "DATE"}
    return Event("label_appeared", {**where, **place, "user": user, **SEEN})


def against_pandas(table: Table, material: Material, folder: Path) -> None:
    """Writing CSV and Parquet from rows, beside pandas writing frames that it has already."""
    import pandas
    from pyarrow import parquet as arrow

    for name in ("ours", "theirs"):
        (folder / name).mkdir()
    ours, theirs = {}, {}
    for one in (csv_tables, parquet):
        start = time.perf_counter()
        one.write(material, folder / "ours")
        ours[one.__name__.rsplit(".", 1)[-1]] = time.perf_counter() - start
    frames = {
        path.stem: arrow.read_table(path).to_pandas()
        for path in sorted((folder / "ours" / "parquet").iterdir())
    }
    writes: dict[str, Callable[[pandas.DataFrame, Path], Any]] = {
        "csv_tables": lambda frame, path: frame.to_csv(path, index=False),
        "parquet": lambda frame, path: frame.to_parquet(path, index=False),
    }
    for name, write in writes.items():
        start = time.perf_counter()
        for stem, frame in frames.items():
            write(frame, folder / "theirs" / f"{stem}.{name}")
        theirs[name] = time.perf_counter() - start
    table.add("CSV and Parquet: ratio", sum(ours.values()) / sum(theirs.values()), "x")
    for name in writes:
        table.add(f"{name}: rows to files, ours", ours[name])
        table.add(f"{name}: frames to files, pandas alone", theirs[name])
        table.add(f"{name}: ratio", ours[name] / theirs[name], "x")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def profiled(name: str, what: Callable[[], object], show: bool) -> None:
    if not show:
        what()
        return
    profile = cProfile.Profile()
    profile.runcall(what)
    print(f"--- {name}")
    pstats.Stats(profile).sort_stats("cumulative").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--formats", nargs="*", default=[name for name in DEFAULT if name in available()])
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--study", type=Path, help="keep the study here, or use the one that is there")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    table = Table()
    folder = Path(tempfile.mkdtemp(prefix="annotate-benchmark-"))
    try:
        root = given.study or folder / "study"
        if not root.exists():
            with table.timed(f"a study of {given.labels} labels is made up"):
                large_study(root, given.labels)
        study = Study(root.resolve())
        options = export.ExportOptions(formats=tuple(given.formats), force=True)
        with table.timed("derived: ledger and corpus to rows"):
            material = export.material_of(study, "bench", options)
        table.add("labels", len(material.dataset.labels), "rows")
        against_pandas(table, material, folder)
        del material
        what = ", ".join(given.formats)
        with table.timed(f"export: {what}"):
            profiled(
                "export", lambda: export.apply(study, export.plan(study, "bench", options)), given.profile
            )
        with table.timed(f"verify: {what}"):
            profiled("verify", lambda: verify.verify(study, "bench"), given.profile)
        table.add("peak memory", memory(), "MB")
    finally:
        shutil.rmtree(folder)
    if given.json:
        given.json.write_text(json.dumps(table.rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

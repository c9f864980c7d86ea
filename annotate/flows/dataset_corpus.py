"""Read everything of a study that a dataset rests on, and say at once whatever does not hold.

Invariant 1: a source decodes and encodes again to its bytes, its segments tile it, every passage is
spelled by its pieces over it.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from annotate.core.dataset import Acquisition
from annotate.core.errors import BadInput, Problem
from annotate.core.ids import sha256_hex
from annotate.core.model import Document, Passage, Segment, Source
from annotate.core.passages import spell
from annotate.store.built import FILES, Built
from annotate.store.jsonl import read_lines
from annotate.store.study import Study

Value = TypeVar("Value")
_REBUILD = "run `annotate ingest`: it rebuilds corpus/built from the sources"
_RESTORE = "restore the file; a new edition of a source is a new file"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Build, source texts by source id, acquisition records by file; ``fingerprints`` by input name.

    A source whose bytes are not those of the build has no text here.
    """

    built: Built
    texts: Mapping[str, str]
    acquisitions: Mapping[str, Acquisition]
    fingerprints: Mapping[str, str]


def read_corpus(study: Study) -> tuple[Corpus, tuple[Problem, ...]]:
    """The corpus as far as it can be read, and every fault of it."""
    problems: list[Problem] = []
    built = _read_built(study, problems)
    texts = _read_texts(study, built.sources, problems)
    rows, fingerprint = _read_acquisitions(study, problems)
    problems.extend(_acquisition_faults(study, rows))
    if not any(one.line and one.file.endswith("segments.jsonl") for one in problems):
        problems.extend(_segment_faults(study, built, texts))
    problems.extend(_document_faults(study, built, texts))
    problems.extend(_built_passage_faults(study, built.passages, texts))
    acquisitions = {row["file"]: _acquisition(row) for _, row in rows}
    fingerprints = {"corpus/built": _built_fingerprint(study), "corpus/sources.csv": fingerprint}
    return Corpus(built, texts, acquisitions, fingerprints), tuple(problems)


def _read_built(study: Study, problems: list[Problem]) -> Built:
    problems.extend(_manifest_faults(study))
    return Built(
        sources=_lines(study, "sources", Source, problems),
        segments=_lines(study, "segments", Segment, problems),
        documents=_lines(study, "documents", Document, problems),
        passages=_lines(study, "passages", Passage, problems),
    )


def _manifest_faults(study: Study) -> Iterator[Problem]:
    place = study.shown(study.built_dir / "manifest.json")
    try:
        listed = msgspec.json.decode((study.built_dir / "manifest.json").read_bytes(), type=dict[str, str])
    except OSError:
        yield Problem(place, 0, "cannot be read", _REBUILD)
        return
    except msgspec.DecodeError as error:
        yield Problem(place, 0, f"is damaged: {error}", _REBUILD)
        return
    for name in FILES:
        path = study.built_dir / f"{name}.jsonl"
        if path.is_file() and sha256_hex(path.read_bytes()) != listed.get(path.name):
            yield Problem(study.shown(path), 0, "is not what ingest wrote", _REBUILD)


def _lines(study: Study, name: str, kind: type[Value], problems: list[Problem]) -> tuple[Value, ...]:
    path = study.built_dir / f"{name}.jsonl"
    found: list[Value] = []
    try:
        found.extend(read_lines(path, kind, shown_as=study.shown(path)))
    except BadInput as error:
        problems.extend(error.problems)
    except OSError:
        problems.append(Problem(study.shown(path), 0, "cannot be read", _REBUILD))
    return tuple(found)


def _built_fingerprint(study: Study) -> str:
    try:
        return sha256_hex((study.built_dir / "manifest.json").read_bytes())
    except OSError:
        return ""


def _read_texts(study: Study, sources: Iterable[Source], problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for source in sources:
        text = _text_of(study, source, problems)
        if text is not None:
            texts[source.source_id] = text
    return texts


def _text_of(study: Study, source: Source, problems: list[Problem]) -> str | None:
    text = _text_or_problem(study, source)
    if isinstance(text, Problem):
        problems.append(text)
        return None
    return text


def text_of_source(study: Study, cells: Mapping[str, str]) -> str | Problem:
    """The text of a source as a row of a dataset's sources.csv describes it; or what is wrong with it."""
    try:
        size, characters = int(cells["bytes"]), int(cells["characters"])
    except ValueError:
        return Problem("sources.csv", 0, "size or length cannot be read", subject=cells["source_file"])
    described = (cells["source_id"], cells["source_file"], cells["sha256"], size)
    return _text_or_problem(study, Source(*described, cells["encoding"], "", characters))


def _text_or_problem(study: Study, source: Source) -> str | Problem:
    path = study.raw_dir / source.file
    shown = study.shown(path)
    try:
        if not path.resolve().is_relative_to(study.raw_dir.resolve()):
            return Problem(shown, 0, "leads out of corpus/raw")
        data = path.read_bytes()
    except OSError as error:
        return Problem(shown, 0, f"cannot be read: {error.strerror}", _RESTORE)
    if sha256_hex(data) != source.sha256:
        return Problem(shown, 0, f"its bytes are not those of {source.source_id}: it was changed", _RESTORE)
    try:
        text = data.decode(source.encoding)
        whole = text.encode(source.encoding) == data and len(text) == source.characters
    except (UnicodeError, LookupError):
        whole = False
    if whole and source.size == len(data):
        return text
    return Problem(shown, 0, f"as {source.encoding} it does not decode and encode to its bytes")


Rows = list[tuple[int, dict[str, str]]]


def _read_acquisitions(study: Study, problems: list[Problem]) -> tuple[Rows, str]:
    place = study.shown(study.sources_csv)
    try:
        data = study.sources_csv.read_bytes()
    except OSError as error:
        problems.append(Problem(place, 0, f"cannot be read: {error.strerror}"))
        return [], ""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        rows = [
            (reader.line_num, {key: value for key, value in row.items() if isinstance(key, str)})
            for row in reader
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(place, 0, f"is not CSV in UTF-8: {error}"))
        rows = []
    return [(line, row) for line, row in rows if row.get("file")], sha256_hex(data)


def _acquisition(row: Mapping[str, str]) -> Acquisition:
    names = ("file", "retrieved_from", "retrieved_at", "retrieved_by", "rights", "note", "redistribution")
    told = {name: row.get(name, "") for name in names}
    return Acquisition(**told | {"redistribution": told["redistribution"].strip().lower()})


def _acquisition_faults(study: Study, rows: Rows) -> Iterator[Problem]:
    place = study.shown(study.sources_csv)
    for line, row in rows:
        expected = row.get("sha256", "")
        path = study.raw_dir / row["file"]
        try:
            same = not expected or sha256_hex(path.read_bytes()) == expected.lower()
        except OSError:
            yield Problem(place, line, "the file is not in corpus/raw", subject=row["file"])
            continue
        if not same:
            yield Problem(place, line, "the SHA-256 here is not that of the file", subject=row["file"])


def _segment_faults(study: Study, built: Built, texts: Mapping[str, str]) -> Iterator[Problem]:
    """Segments must tile each source. The line is that of corpus/built/segments.jsonl."""
    place = study.shown(study.built_dir / "segments.jsonl")
    ends: dict[str, int] = defaultdict(int)
    last: dict[str, int] = defaultdict(int)
    for line, segment in enumerate(built.segments, 1):
        if segment.start != ends[segment.source_file] or segment.end <= segment.start:
            what = f"[{segment.start}, {segment.end}) does not begin where the one before ends"
            yield Problem(place, line, f"{what} ({ends[segment.source_file]})", _REBUILD, segment.source_file)
        ends[segment.source_file] = segment.end
        last[segment.source_file] = line
    for source in built.sources:
        known = source.source_id in texts and source.duplicate_of is None
        if known and ends[source.file] != source.characters:
            what = f"the segments end at {ends[source.file]}, the source at {source.characters}"
            yield Problem(place, last[source.file], what, _REBUILD, source.file)


def _document_faults(study: Study, built: Built, texts: Mapping[str, str]) -> Iterator[Problem]:
    place = study.shown(study.built_dir / "documents.jsonl")
    for line, document in enumerate(built.documents, 1):
        text = texts.get(document.source_id)
        if text is None:
            continue
        if not 0 <= document.start < document.end <= len(text):
            yield Problem(place, line, "does not lie inside its source", _REBUILD, document.document_id)
        evidence = document.published_evidence
        if evidence and text[evidence.start : evidence.end] != evidence.text:
            what = "the source does not read so at the evidence of its date"
            yield Problem(place, line, what, _REBUILD, document.document_id)


def _built_passage_faults(
    study: Study, passages: Iterable[Passage], texts: Mapping[str, str]
) -> Iterator[Problem]:
    place = study.shown(study.built_dir / "passages.jsonl")
    for line, passage in enumerate(passages, 1):
        what = passage_fault(passage, texts)
        if what:
            yield Problem(place, line, what, _REBUILD, passage.passage_id)


def passage_fault(passage: Passage, texts: Mapping[str, str]) -> str | None:
    """What is wrong with a passage over the text of its source; None where that text is not at hand."""
    text = texts.get(passage.source_id)
    if text is None:
        return None
    if any(not 0 <= piece.start <= piece.end <= len(text) for piece in passage.pieces):
        return "a piece does not lie inside its source"
    if spell(passage.pieces, text) != passage.text:
        return "its pieces do not spell its text over the source"
    return None

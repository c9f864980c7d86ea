"""``annotate corpus``: what was read, shown from the built files, and proven against the bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotate.core.errors import Problem, UsageError
from annotate.core.ids import sha256_hex
from annotate.core.model import Document, Kind, Passage, Segment, Source
from annotate.core.passages import spell
from annotate.sources.files import read_file
from annotate.sources.reader import Unreadable
from annotate.store.built import Built, read_built
from annotate.store.registry import SHOWN_AS, parse_registry
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A segment with its text; offsets are code points of the source."""

    start: int
    end: int
    kind: Kind
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Documents and the segments round them, in the order of the source."""

    file: str
    documents: tuple[Document, ...]
    segments: tuple[ShownSegment, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was checked, and every violation."""

    sources: int
    segments: int
    documents: int
    passages: int
    violations: tuple[Problem, ...]


def list_documents(study: Study) -> tuple[Document, ...]:
    """The documents of the last ingest. Raises ConfigError where there was none, IntegrityFailure."""
    return read_built(study).documents


def show(study: Study, name: str) -> Shown:
    """One document (its id, or a beginning of it that is unique), or a whole file, with its segments.

    Raises UsageError for a name that is neither, and what reading the build raises.
    """
    built = read_built(study)
    if any(source.file == name for source in built.sources):
        documents = tuple(one for one in built.documents if one.source_file == name)
        return Shown(name, documents, _segments(study, built, name, 0, None))
    found = [one for one in built.documents if one.document_id.startswith(name)]
    exact = [one for one in found if one.document_id == name]
    if len(exact or found) != 1:
        what = "is no document or file of this study" if not found else "is the beginning of several ids"
        raise UsageError(f"{name!r} {what}", hint="`annotate corpus list` names them")
    document = (exact or found)[0]
    segments = _segments(study, built, document.source_file, document.start, document.end)
    return Shown(document.source_file, (document,), segments)


def _segments(study: Study, built: Built, file: str, start: int, end: int | None) -> tuple[ShownSegment, ...]:
    source = next(one for one in built.sources if one.file == file)
    text = _text_of(study, source)
    return tuple(
        ShownSegment(one.start, one.end, one.kind, one.rule, text[one.start : one.end])
        for one in built.segments
        if one.source_file == file and one.end > start and (end is None or one.start < end)
    )


def _text_of(study: Study, source: Source) -> str:
    path = study.raw_dir / source.file
    try:
        return read_file(path, inside=study.raw_dir, max_size=source.size).decode(source.encoding)
    except (Unreadable, UnicodeError) as error:
        hint = "`annotate corpus check` says what is wrong"
        raise UsageError(f"{study.shown(path)} is not what was ingested: {error}", hint=hint) from error


def check(study: Study) -> CheckReport:
    """Prove from files that nothing was lost in reading; every violation is in the report.

    Segments tile each source, its text encodes back to its bytes, hashes agree with sources.csv,
    passages spell their text, evidence is quoted exactly. Raises what reading the build raises.
    """
    built = read_built(study)
    segments: dict[str, list[Segment]] = defaultdict(list)
    documents: dict[str, list[Document]] = defaultdict(list)
    passages: dict[str, list[Passage]] = defaultdict(list)
    for segment in built.segments:
        segments[segment.source_file].append(segment)
    for document in built.documents:
        documents[document.source_file].append(document)
    for passage in built.passages:
        passages[passage.source_file].append(passage)
    violations = [*_registry_violations(study, built.sources)]
    for source in built.sources:
        text, broken = _checked_text(study, source)
        violations += broken
        if text is None:
            continue
        if source.duplicate_of is None:
            violations += _tiling(source, text, segments[source.file])
        violations += _document_violations(source, text, documents[source.file])
        violations += _passage_violations(source, text, passages[source.file])
    counts = (len(built.sources), len(built.segments), len(built.documents), len(built.passages))
    return CheckReport(*counts, tuple(violations))


def _registry_violations(study: Study, sources: Sequence[Source]) -> Iterator[Problem]:
    data = study.sources_csv.read_bytes() if study.sources_csv.is_file() else b""
    registry = parse_registry(data)
    yield from registry.problems
    rows = {row.file: row for row in registry.rows}
    for source in sources:
        row = rows.get(source.file)
        if row is None:
            yield Problem(SHOWN_AS, 0, "has no row for a source that was ingested", "", source.file)
        elif row.sha256 != source.sha256:
            yield Problem(SHOWN_AS, row.line, "has another SHA-256 than was ingested", "", source.file)


def _checked_text(study: Study, source: Source) -> tuple[str | None, list[Problem]]:
    """The source's text, None where its bytes are not those that were ingested."""
    shown = f"corpus/raw/{source.file}"
    try:
        data = read_file(study.raw_dir / source.file, inside=study.raw_dir, max_size=source.size + 1)
    except Unreadable as error:
        return None, [Problem(shown, 0, error.what, error.hint)]
    if sha256_hex(data) != source.sha256:
        return None, [Problem(shown, 0, "its bytes are not those that were ingested", "restore the file")]
    try:
        text = data.decode(source.encoding)
        same = text.encode(source.encoding) == data
    except (UnicodeError, LookupError) as error:
        return None, [Problem(shown, 0, f"cannot be read as {source.encoding}: {error}")]
    problems = [] if same else [Problem(shown, 0, f"does not encode back to its bytes as {source.encoding}")]
    if len(text) != source.characters:
        problems.append(Problem(shown, 0, f"has {len(text)} characters, recorded are {source.characters}"))
    return text, problems


def _tiling(source: Source, text: str, segments: Sequence[Segment]) -> Iterator[Problem]:
    at = 0
    for segment in segments:
        if segment.start != at or segment.end <= segment.start or segment.source_id != source.source_id:
            what = f"segment [{segment.start}, {segment.end}) does not follow on {at}"
            yield Problem(f"corpus/raw/{source.file}", 0, what, "run `annotate ingest` again")
        at = segment.end
    if at != len(text):
        what = f"its segments end at {at}, its text at {len(text)}"
        yield Problem(f"corpus/raw/{source.file}", 0, what, "run `annotate ingest` again")


def _document_violations(source: Source, text: str, documents: Sequence[Document]) -> Iterator[Problem]:
    at, where = 0, f"corpus/raw/{source.file}"
    for document in documents:
        name = document.document_id
        if not at <= document.start < document.end <= len(text):
            yield Problem(where, 0, "its range is out of order or out of the text", "", name)
        at = document.end
        evidence = document.published_evidence
        if evidence is not None and text[evidence.start : evidence.end] != evidence.text:
            yield Problem(where, 0, f"does not say {evidence.text!r} at its evidence", "", name)


def _passage_violations(source: Source, text: str, passages: Sequence[Passage]) -> Iterator[Problem]:
    for passage in passages:
        if spell(passage.pieces, text) != passage.text:
            what = "pieces do not spell the passage"
            yield Problem(f"corpus/raw/{source.file}", 0, what, "", passage.passage_id)

"""Read the files of a study for ``annotate ingest``: which there are, and each into segments and articles."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from annotate.core.errors import Problem
from annotate.core.ids import content_id, sha256_hex, source_id
from annotate.core.model import Document, Passage, Segment, Source
from annotate.core.passages import cut_passages
from annotate.sources.draft import Draft
from annotate.sources.files import check_name, list_raw, read_file
from annotate.sources.languages import language_of
from annotate.sources.reader import Decoded, Unreadable, decode
from annotate.sources.segmenter import segment
from annotate.store.registry import SHOWN_AS, Registry, Row
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: its name in the study, where it lies now, its row (None: not registered yet)."""

    file: str
    path: Path
    row: Row | None
    incoming: bool


@dataclass(frozen=True, slots=True)
class Read:
    """One source, read and segmented; ``drafts`` beside the documents that they become."""

    source: Source
    segments: tuple[Segment, ...] = ()
    drafts: tuple[Draft, ...] = ()
    documents: tuple[Document, ...] = ()
    passages: tuple[Passage, ...] = ()
    doubts: tuple[str, ...] = ()
    retrieved: str = ""


# --- what is there ------------------------------------------------------------------------------------
def gather(
    study: Study, registry: Registry, paths: Sequence[Path], problems: list[Problem], max_size: int
) -> Iterator[Found]:
    """Every file of the corpus and every new one, each once; what is missing becomes a problem."""
    names = list_raw(study.raw_dir)
    rows = {row.file: row for row in registry.rows}
    for name in names:
        wrong = check_name(name)
        if wrong:
            problems.append(Problem(f"corpus/raw/{name!r}", 0, wrong, "rename the file"))
        else:
            yield Found(name, study.raw_dir / name, rows.get(name), False)
    incoming = _incoming(study, paths, set(names), problems, max_size)
    for name, path in incoming.items():
        yield Found(name, path, rows.get(name), True)
    broken = {problem.line for problem in registry.problems}
    for row in registry.rows:
        if row.file not in names and row.file not in incoming and row.line not in broken:
            what = f"corpus/raw/{row.file} is missing"
            hint = "restore the file; a source that labels stand on is never dropped"
            problems.append(Problem(SHOWN_AS, row.line, what, hint, row.file))


def _incoming(
    study: Study, paths: Sequence[Path], present: set[str], problems: list[Problem], max_size: int
) -> dict[str, Path]:
    """New files by their name in the study. Files that are there already, byte for byte, need nothing."""
    incoming: dict[str, Path] = {}
    for name, path in _named(paths, problems):
        if path.resolve().is_relative_to(study.raw_dir.resolve()) and path.is_file():
            continue
        problem = _refused(study, name, path, present, incoming, max_size)
        if problem is not None:
            problems.append(problem)
        elif name not in present:
            incoming[name] = path
    return incoming


def _named(paths: Sequence[Path], problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Each file with its name in the study; a folder stands for every file below it."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path
            continue
        names = list_raw(path)
        if not names:
            problems.append(Problem(str(path), 0, "holds no files", "name a folder with sources in it"))
        yield from ((name, path / name) for name in names)


def _refused(
    study: Study, name: str, path: Path, present: set[str], incoming: Mapping[str, Path], max_size: int
) -> Problem | None:
    wrong = check_name(name)
    if wrong:
        return Problem(str(path), 0, wrong, "rename the file")
    other = study.raw_dir / name if name in present else incoming.get(name)
    if other is None:
        return None
    try:
        if read_file(path, max_size=max_size) == read_file(other, max_size=max_size):
            return None
    except Unreadable as error:
        return Problem(str(path), error.line, error.what, error.hint)
    what = f"another file with the name {name} is {study.shown(other)} already"
    return Problem(str(path), 0, what, "a source is never overwritten: save this one under another name")


def in_registry_order(found: Sequence[Found], registry: Registry) -> list[Found]:
    """Registered files first, in the order of their rows: the first of two copies stays the first."""
    place = {row.file: number for number, row in enumerate(registry.rows)}
    return sorted(found, key=lambda one: (place.get(one.file, len(place)), one.file))


# --- one source ---------------------------------------------------------------------------------------
class Mismatch(Exception):
    """The bytes of a file are not those of its row in sources.csv."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def read_source(
    study: Study,
    one: Found,
    first_with: dict[str, str],
    languages: tuple[str, ...],
    length: int,
    max_size: int,
) -> Read:
    """Read and segment one source; ``first_with`` maps the digests seen so far to their file.

    Raises Unreadable for what is no text, Mismatch where its row has another hash.
    """
    data = read_file(one.path, inside=None if one.incoming else study.raw_dir, max_size=max_size)
    digest = sha256_hex(data)
    if one.row is not None and one.row.sha256 != digest:
        raise Mismatch(_changed(one.row, digest))
    decoded = decode(data, one.row.encoding.strip() if one.row else None)
    original = first_with.setdefault(digest, one.file)
    source = Source(
        source_id=source_id(data),
        file=one.file,
        sha256=digest,
        size=len(data),
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        characters=len(decoded.text),
        duplicate_of=original if original != one.file else None,
    )
    if source.duplicate_of is not None:
        doubt = f"has the same bytes as {original}: no documents are made of it"
        return Read(source, doubts=(doubt,))
    return _segmented(source, decoded, one.row.retrieved_at if one.row else "", languages, length)


def _changed(row: Row, digest: str) -> Problem:
    what = f"corpus/raw/{row.file} changed since it was registered (its SHA-256 is now {digest})"
    hint = "restore it, or save the new edition under another name"
    return Problem(SHOWN_AS, row.line, what, hint, row.file)


def _segmented(
    source: Source, decoded: Decoded, retrieved: str, languages: tuple[str, ...], length: int
) -> Read:
    found = segment(decoded.text, source_id=source.source_id, source_file=source.file)
    documents = tuple(_undated(source, draft, languages) for draft in found.drafts)
    starts = [one.start for one in found.segments]
    passages = tuple(
        passage
        for document in documents
        for passage in cut_passages(
            document, _inside(found.segments, starts, document), decoded.text, length=length
        )
    )
    doubts = decoded.doubts
    if not documents and decoded.text.strip("\ufeff \t\r\n"):
        doubts = (*doubts, "no article found: every line belongs to the page")
    # The text served the language; keeping it would hold the whole corpus in memory.
    drafts = tuple(replace(draft, text="") for draft in found.drafts)
    return Read(source, found.segments, drafts, documents, passages, doubts, retrieved)


def _inside(segments: Sequence[Segment], starts: Sequence[int], document: Document) -> Sequence[Segment]:
    """The segments that overlap a document; ``starts`` are theirs, ascending."""
    first = max(0, bisect_right(starts, document.start) - 1)
    return segments[first : bisect_left(starts, document.end)]


def _undated(source: Source, draft: Draft, languages: tuple[str, ...]) -> Document:
    """The document before the corpus-wide pass over publication dates."""
    language = language_of(draft.text, languages)
    return Document(
        document_id=content_id("doc", [source.source_id, draft.start, draft.end]),
        source_id=source.source_id,
        source_file=source.file,
        start=draft.start,
        end=draft.end,
        title=draft.title,
        byline=draft.byline,
        agency=draft.agency,
        publisher=draft.publisher,
        aggregator=draft.aggregator,
        place=draft.place,
        published=None,
        published_evidence=None,
        language=language.code,
        language_score=language.score,
        doubts=(*draft.doubts, *language.doubts),
    )

"""``annotate ingest``: sources to segments, documents and passages, with every doubt listed.

``plan`` reads and decides, and writes nothing. ``apply`` copies new files into corpus/raw, adds their
rows to corpus/sources.csv and replaces corpus/built; it refuses a plan with problems. Interrupted
anywhere, the same command does the rest.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from annotate.core.errors import AnnotateError, BadInput, Conflict, Problem
from annotate.core.ids import sha256_hex
from annotate.core.model import Document, Source
from annotate.flows.ingest_reading import (
    Found,
    Mismatch,
    Read,
    gather,
    in_registry_order,
    read_source,
)
from annotate.sources.files import DEFAULT_MAX_SIZE, read_file
from annotate.sources.published import Orders, resolve
from annotate.sources.reader import Unreadable
from annotate.store.built import Built, write_built
from annotate.store.files import replace_file, storage_errors, sync_folder
from annotate.store.jsonl import read_lines
from annotate.store.registry import SHOWN_AS, Registry, Row, append_rows, parse_registry
from annotate.store.study import Study

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person should look at: the file, the document's title where there is one, and what."""

    file: str
    document: str
    what: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A file outside the study that becomes ``corpus/raw/<file>``, byte for byte."""

    path: Path
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What an ingest would read, add and write. With problems or conflicts it cannot be applied."""

    study: Study
    registry: Registry
    copies: tuple[Copy, ...]
    rows: tuple[Row, ...]
    built: Built
    doubts: tuple[Doubt, ...]
    notes: tuple[Doubt, ...]
    problems: tuple[Problem, ...]
    conflicts: tuple[Problem, ...]
    changed: bool
    max_size: int = DEFAULT_MAX_SIZE

    def require_clean(self) -> None:
        """Raise BadInput with every problem, else Conflict with every conflict."""
        count = len(self.problems)
        if count:
            message = f"{count} problem{'s' if count > 1 else ''} with the sources; nothing was written"
            raise BadInput(message, hint=_hint(self.problems), problems=(*self.problems, *self.conflicts))
        if self.conflicts:
            raise Conflict(
                "sources changed since the last ingest; nothing was overwritten",
                hint=_CONFLICT_HINT,
                problems=self.conflicts,
            )


_CONFLICT_HINT = (
    "labels stand on the old bytes: restore the old file, and save the new edition under another name "
    "with a row of its own"
)


def _hint(problems: Sequence[Problem]) -> str:
    return problems[0].hint if len(problems) == 1 else "each line says what to do; then run it again"


def plan(
    study: Study,
    paths: Sequence[Path] = (),
    *,
    max_size: int = DEFAULT_MAX_SIZE,
    advance: Advance | None = None,
) -> IngestPlan:
    """What ``annotate ingest PATHS`` would do. Pure: nothing is written. ``max_size`` is bytes a file.

    Raises ConfigError for a broken annotate.toml; what is wrong with sources is in the plan.
    """
    languages = study.config.study.languages
    length = study.config.pass_settings("spans").passage_length
    registry = parse_registry(_bytes_or_empty(study.sources_csv))
    problems = list(registry.problems)
    found = list(gather(study, registry, paths, problems, max_size))
    reads: list[Read] = []
    first_with: dict[str, str] = {}
    for done, one in enumerate(in_registry_order(found, registry)):
        if advance is not None:
            advance(done, len(found))
        try:
            reads.append(read_source(study, one, first_with, languages, length, max_size))
        except Unreadable as error:
            problems.append(Problem(_shown(one, study), error.line, error.what, error.hint))
        except Mismatch as error:
            problems.append(error.problem)
    if not found and not problems:
        what = "no sources: the folder is empty"
        problems.append(
            Problem("corpus/raw", 0, what, "put files there, or name files: annotate ingest FILE…")
        )
    return _planned(study, registry, found, reads, problems, max_size)


def apply(plan: IngestPlan) -> bool:
    """Do what the plan says; False where everything was so already.

    Raises BadInput or Conflict for a plan that is not clean, Conflict when sources.csv changed since
    the plan was made, StorageFailure.
    """
    plan.require_clean()
    with plan.study.writing("annotate ingest"):
        if _bytes_or_empty(plan.study.sources_csv) != plan.registry.data:
            raise Conflict(f"{SHOWN_AS} changed while ingest was reading", hint="run the same command again")
        for copy in plan.copies:
            _copy(plan.study, copy, plan.max_size)
        if plan.rows:
            replace_file(plan.study.sources_csv, append_rows(plan.registry, plan.rows))
        return write_built(plan.study, plan.built) or bool(plan.copies or plan.rows)


# --- the corpus as a whole ----------------------------------------------------------------------------
def _planned(
    study: Study,
    registry: Registry,
    found: Sequence[Found],
    reads: Sequence[Read],
    problems: list[Problem],
    max_size: int,
) -> IngestPlan:
    ordered = sorted(reads, key=lambda read: read.source.file)
    built = _built(ordered)
    known = {row.file for row in registry.rows}
    rows = tuple(
        Row(0, read.source.file, read.source.sha256) for read in ordered if read.source.file not in known
    )
    digests = {read.source.file: read.source.sha256 for read in ordered}
    copies = tuple(
        Copy(one.path, one.file, digests[one.file]) for one in found if one.incoming and one.file in digests
    )
    previous = _previous_sources(study)
    return IngestPlan(
        study=study,
        registry=registry,
        copies=copies,
        rows=rows,
        built=built,
        doubts=tuple(_doubts(ordered, built)),
        notes=tuple(_notes(ordered, previous, found)),
        problems=tuple(sorted(problems)),
        conflicts=tuple(_conflicts(digests, previous)),
        changed=bool(copies or rows) or _differs(study, built),
        max_size=max_size,
    )


def _built(reads: Sequence[Read]) -> Built:
    orders = Orders((read.source.file, draft) for read in reads for draft in read.drafts)
    documents: list[Document] = []
    for read in reads:
        for draft, document in zip(read.drafts, read.documents, strict=True):
            found = resolve(draft, orders, retrieved=read.retrieved)
            documents.append(
                replace(
                    document,
                    published=found.value,
                    published_evidence=found.evidence,
                    doubts=(*found.doubts, *document.doubts),
                )
            )
    return Built(
        sources=tuple(read.source for read in reads),
        segments=tuple(one for read in reads for one in read.segments),
        documents=tuple(documents),
        passages=tuple(one for read in reads for one in read.passages),
    )


def _doubts(reads: Sequence[Read], built: Built) -> Iterator[Doubt]:
    documents = iter(built.documents)
    for read in reads:
        yield from (Doubt(read.source.file, "", what) for what in read.doubts)
        for document in islice(documents, len(read.documents)):
            title = document.title or document.document_id
            yield from (Doubt(document.source_file, title, what) for what in document.doubts)


def _notes(reads: Sequence[Read], previous: Sequence[Source], found: Sequence[Found]) -> Iterator[Doubt]:
    for read in reads:
        if not read.source.size:
            yield Doubt(read.source.file, "", "is empty: a source without documents")
    names = {one.file for one in found}
    for source in previous:
        if source.file not in names:
            yield Doubt(source.file, "", "was there at the last ingest and is gone, with its row")


def _conflicts(digests: Mapping[str, str], previous: Sequence[Source]) -> Iterator[Problem]:
    for source in previous:
        now = digests.get(source.file)
        if now is not None and now != source.sha256:
            what = f"had SHA-256 {source.sha256} at the last ingest, and has {now} now"
            yield Problem(f"corpus/raw/{source.file}", 0, what, _CONFLICT_HINT)


def _previous_sources(study: Study) -> tuple[Source, ...]:
    """Sources of the last build; none where there was none, or where it is damaged and made anew."""
    try:
        return tuple(read_lines(study.built_dir / "sources.jsonl", Source))
    except (FileNotFoundError, AnnotateError):
        return ()


def _differs(study: Study, built: Built) -> bool:
    return any(_bytes_or_none(study.built_dir / name) != data for name, data in built.encoded().items())


# --- bytes --------------------------------------------------------------------------------------------
def _bytes_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _bytes_or_empty(path: Path) -> bytes:
    try:
        return _bytes_or_none(path) or b""
    except OSError as error:
        raise BadInput(
            f"cannot read {SHOWN_AS}: {error.strerror}", hint="check its owner and mode"
        ) from error


def _copy(study: Study, copy: Copy, max_size: int) -> None:
    """Put a file into corpus/raw in one step, never over another one."""
    try:
        data = read_file(copy.path, max_size=max_size)
    except Unreadable as error:
        raise BadInput(f"{copy.path} {error.what}", hint=error.hint) from error
    if sha256_hex(data) != copy.sha256:
        raise Conflict(f"{copy.path} changed while ingest was reading", hint="run the same command again")
    target = study.raw_dir / copy.file
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".ingest.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            os.link(name, target)  # unlike a rename, it fails where a file of that name is
        except FileExistsError as error:
            raise Conflict(f"{study.shown(target)} appeared meanwhile", hint="run the same again") from error
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(target.parent)


def _shown(one: Found, study: Study) -> str:
    return str(one.path) if one.incoming else study.shown(one.path)
